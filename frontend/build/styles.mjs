/** Compiles SCSS against frontend/styles and node_modules. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as sass from "sass";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const styles = join(root, "frontend/styles");

/**
 * @param {string} source SCSS text; its @use paths are looked up in frontend/styles, then in node_modules
 * @returns {string} minified CSS
 */
export function compileStyles(source) {
  const result = sass.compileString(source, {
    style: "compressed",
    url: pathToFileURL(join(styles, "index.scss")),
    loadPaths: [styles, join(root, "node_modules")],
    // Bootstrap 5.3 is written for @import and Sass's older functions; its own release 6 ends that.
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  return result.css;
}
