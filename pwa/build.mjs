// Builds the phone app into server/pwa/: one page, one style sheet, the scripts, the key-derivation worker
// and the service worker. Files are named by their content, so that the server may let browsers keep them
// for ever; index.html and sw.js keep their names and are asked for anew.
// Scripts are those of the first load and those read later (import() in the source: English, screens opened
// seldom). The service worker keeps both from its install on. Fails when either is over its budget.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const FIRST_BYTES = 96_000;
const ALL_BYTES = 128_000;
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "server", "pwa");

const common = {
  bundle: true,
  minify: true,
  write: false,
  target: ["chrome80", "safari14"],
  // Safari 14.0 mishandles one rare shape of destructuring in parameters, for which esbuild counts
  // the whole syntax as missing and cannot lower it in Argon2's source; that shape is not used here.
  supported: { destructuring: true },
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
  absWorkingDir: here,
};

async function bundle(entry, define = {}) {
  const result = await build({ ...common, format: "iife", entryPoints: [entry], define });
  return Buffer.from(result.outputFiles[0].contents);
}

const hash = (...parts) => {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part);
  return sum.digest("hex").slice(0, 12);
};

const files = new Map();

function keep(name, ending, content) {
  const file = `${name}.${hash(content)}.${ending}`;
  files.set(file, content);
  return file;
}

const kdf = keep("kdf", "js", await bundle("src/store/kdf-worker.ts"));
const camera = await bundle("src/office/camera.ts");
const css = keep("app", "css", await bundle("src/style.css"));
const { outputFiles, metafile } = await build({
  ...common,
  format: "esm",
  splitting: true,
  metafile: true,
  entryPoints: { app: "src/main.tsx" },
  outdir: out,
  entryNames: "[name].[hash]",
  chunkNames: "[name].[hash]",
  define: { KDF_WORKER: JSON.stringify(`/app/${kdf}`) },
  jsx: "automatic",
  jsxImportSource: "preact",
});
const scripts = Object.entries(metafile.outputs).map(([path, output]) => ({
  name: basename(path),
  ...output,
}));
for (const { path, contents } of outputFiles) files.set(basename(path), Buffer.from(contents));

// What the page's own script imports at once comes with it; the rest comes when it is asked for.
const js = scripts.find((script) => script.entryPoint === "src/main.tsx");
const atOnce = js.imports
  .filter((each) => each.kind === "import-statement")
  .map((each) => basename(each.path));
const later = new Set(scripts.map(({ name }) => name).filter((name) => name !== js.name));
for (const name of atOnce) later.delete(name);

const page = (await readFile(join(here, "public/index.html"), "utf8"))
  .replace("app.css", `/app/${css}`)
  .replace(
    '<script type="module" src="app.js"></script>',
    [
      ...atOnce.map((name) => `<link rel="modulepreload" href="/app/${name}">`),
      `<script type="module" src="/app/${js.name}"></script>`,
    ].join("\n    "),
  );
files.set("index.html", Buffer.from(page));

const copied = (await readdir(join(here, "public"))).filter((name) => name !== "index.html");
const icons = [];
for (const name of copied) icons.push(await readFile(join(here, "public", name)));

const shell = ["/app/", ...[...files.keys()].filter((name) => name !== "index.html")].map((name) =>
  name.startsWith("/") ? name : `/app/${name}`,
);
shell.push(...copied.map((name) => `/app/${name}`));
const version = hash(...files.values(), ...icons);
files.set(
  "sw.js",
  await bundle("src/sw.ts", { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) }),
);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const [name, content] of files) await writeFile(join(out, name), content);
for (const name of copied) await cp(join(here, "public", name), join(out, name));
// The office wears the same palette; an installed package has no src to read it from.
await cp(join(here, "src/tokens.css"), join(out, "tokens.css"));
// The office's script that reads what the phone app shows. No phone loads it.
await writeFile(join(out, "camera.js"), camera);

let first = 0;
let all = 0;
const line = (name, size, note) =>
  console.log(`${name.padEnd(24)} ${(size / 1000).toFixed(1).padStart(6)} kB gzip${note}`);
for (const [name, content] of files) {
  const size = gzipSync(content, { level: 9 }).length;
  all += size;
  if (!later.has(name)) first += size;
  line(name, size, later.has(name) ? ", later" : "");
}
line("first load", first, ` of ${FIRST_BYTES / 1000}`);
line("first load and later", all, ` of ${ALL_BYTES / 1000}`);
if (first > FIRST_BYTES || all > ALL_BYTES) {
  console.error("The phone app is over its budget.");
  process.exitCode = 1;
}
