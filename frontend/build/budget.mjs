/** Fails when what a Vietnamese page loads on a first visit outgrows its share of 180 KB over the wire (Brotli). */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const frontend = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const KB = 1024;

/** @param {string} path @returns {number} bytes over the wire */
function wire(path) {
  const content = readFileSync(join(frontend, path));
  return path.endsWith(".woff2") ? content.length : brotliCompressSync(content).length;
}

const fonts = readdirSync(join(frontend, "dist/fonts")).filter((name) => !name.includes("latin-ext"));
/** @type {[string, string[], number][]} name, files, most bytes */
const SHARES = [
  ["styles", ["dist/thang.css"], 25 * KB],
  ["scripts", ["dist/htmx.min.js", "static/frontend/shell.js"], 25 * KB],
  ["fonts", fonts.map((name) => `dist/fonts/${name}`), 90 * KB],
  ["pictures", ["static/frontend/icons.svg", "static/frontend/favicon.svg"], 6 * KB],
];

let over = 0;
for (const [name, files, most] of SHARES) {
  const size = files.reduce((sum, file) => sum + wire(file), 0);
  console.log(`budget: ${name} ${(size / KB).toFixed(1)} KB of ${most / KB} KB`);
  if (size > most) over += 1;
}
if (over) {
  console.error("budget: over");
  process.exit(1);
}
