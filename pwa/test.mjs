// Bundles every src/**/*.test.ts(x) and hands the result to node's own test runner. Arguments
// choose files by a part of their path: `npm test -- digest`.
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "node_modules", ".cache", "tests");
const wanted = process.argv.slice(2);

const found = (await readdir(join(here, "src"), { recursive: true }))
  .filter((name) => /\.test\.tsx?$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (found.length === 0) {
  console.error("No test file matches.");
  process.exit(1);
}

await rm(out, { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: found.map((name) => join("src", name)),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});

const built = (await readdir(out, { recursive: true }))
  .filter((name) => name.endsWith(".mjs"))
  .map((name) => join(out, name));
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...built], {
  stdio: "inherit",
  cwd: here,
});
process.exit(run.status ?? 1);
