/**
 * Makes frontend/dist from the sources and the packages of the lock file:
 * thang.css (from frontend/styles), htmx.min.js, fonts/*.woff2 and the packages' licence texts.
 * The folder is made beside the old one and put in its place at the end, so a running server never sees half of it.
 */
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compileStyles } from "./styles.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const modules = join(root, "node_modules");
const dist = join(root, "frontend/dist");
const fresh = `${dist}.new`;

const WEIGHTS = [400, 600];
const SUBSETS = ["latin", "latin-ext", "vietnamese"];
const LICENCES = ["bootstrap", "htmx.org", "@fontsource/be-vietnam-pro"];

rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, "fonts"), { recursive: true });
mkdirSync(join(fresh, "licences"));

writeFileSync(join(fresh, "thang.css"), compileStyles('@use "thang";'));
cpSync(join(modules, "htmx.org/dist/htmx.min.js"), join(fresh, "htmx.min.js"));
for (const subset of SUBSETS) {
  for (const weight of WEIGHTS) {
    const name = `be-vietnam-pro-${subset}-${weight}-normal.woff2`;
    cpSync(join(modules, "@fontsource/be-vietnam-pro/files", name), join(fresh, "fonts", name));
  }
}
for (const name of LICENCES) {
  cpSync(join(modules, name, "LICENSE"), join(fresh, "licences", `${name.split("/").at(-1)}.txt`));
}

rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
