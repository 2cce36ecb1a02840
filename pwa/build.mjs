// Builds the phone app into server/pwa/: one page, one script, one style sheet, the key-derivation
// worker and the service worker. Files are named by their content, so that the server may let
// browsers keep them for ever; index.html and sw.js keep their names and are asked for anew.
// Fails when the whole shell is heavier than the budget.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BUDGET_BYTES = 96_000;
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "server", "pwa");

const common = {
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
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
  const result = await build({
    ...common,
    entryPoints: [entry],
    define,
    jsx: "automatic",
    jsxImportSource: "preact",
  });
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
const css = keep("app", "css", await bundle("src/style.css"));
const js = keep(
  "app",
  "js",
  await bundle("src/main.tsx", { KDF_WORKER: JSON.stringify(`/app/${kdf}`) }),
);

const page = (await readFile(join(here, "public/index.html"), "utf8"))
  .replace("app.css", `/app/${css}`)
  .replace("app.js", `/app/${js}`);
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

let total = 0;
for (const [name, content] of files) {
  const size = gzipSync(content, { level: 9 }).length;
  total += size;
  console.log(`${name.padEnd(24)} ${(size / 1000).toFixed(1).padStart(6)} kB gzip`);
}
console.log(`${"shell".padEnd(24)} ${(total / 1000).toFixed(1).padStart(6)} kB gzip of 96`);
if (total > BUDGET_BYTES) {
  console.error("The shell is over its budget of 96 kB gzip.");
  process.exitCode = 1;
}
