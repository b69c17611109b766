/**
 * Fails when a pair of colour tokens falls under WCAG 2.2 AA in either theme:
 * 4.5:1 for text, 3:1 for what only has to be seen (borders of controls, focus rings, marks).
 * Formula: WCAG 2.2, relative luminance and contrast ratio.
 */
import { compileStyles } from "./styles.mjs";

const css = compileStyles('@use "tokens"; .light { @include tokens.light; } .dark { @include tokens.dark; }');

/** @type {[string, string, number][]} foreground, ground, least ratio */
const PAIRS = [];
for (const ground of ["page", "surface", "sunken", "footer"]) {
  for (const text of ["ink", "ink-soft"]) PAIRS.push([`color-${text}`, `color-${ground}`, 4.5]);
}
for (const ground of ["page", "surface"]) {
  for (const text of ["primary", "primary-strong", "accent-ink", "success", "warning", "danger", "info"]) {
    PAIRS.push([`color-${text}`, `color-${ground}`, 4.5]);
  }
  for (const mark of ["line-strong", "focus", "primary"]) PAIRS.push([`color-${mark}`, `color-${ground}`, 3]);
}
for (const kind of ["success", "warning", "danger", "info", "primary"]) {
  PAIRS.push([`color-${kind}`, `color-${kind}-soft`, 4.5], ["color-ink", `color-${kind}-soft`, 4.5]);
  PAIRS.push(["color-ink-soft", `color-${kind}-soft`, 4.5], ["color-focus", `color-${kind}-soft`, 3]);
}
PAIRS.push(
  ["color-on-primary", "color-primary", 4.5],
  ["color-on-primary", "color-primary-strong", 4.5],
  ["color-primary-strong", "color-primary-soft", 4.5],
  ["color-ink", "color-primary-mid", 4.5],
  ["color-ink", "color-accent-soft", 4.5],
  ["color-accent-ink", "color-accent-soft", 4.5],
  ["color-primary", "color-sunken", 4.5],
  ["color-on-danger", "color-danger", 4.5],
  ["color-on-danger", "color-danger-strong", 4.5],
  ["color-on-focus", "color-focus-soft", 4.5],
  ["color-on-header", "color-header", 4.5],
  ["color-on-header", "color-header-line", 4.5],
  ["color-on-header-soft", "color-header", 4.5],
  ["color-accent", "color-header", 3],
  ["color-ink-soft", "color-sunken", 4.5],
);
for (let step = 0; step <= 5; step += 1) PAIRS.push([`on-need-${step}`, `need-${step}`, 4.5]);

/** @param {string} theme @returns {Map<string, string>} */
function tokensOf(theme) {
  const block = css.match(new RegExp(`\\.${theme}\\{([^}]*)\\}`))?.[1] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6})/gi)].map((m) => [m[1], m[2]]));
}

/** @param {string} hex @returns {number} relative luminance, 0 to 1 */
function luminance(hex) {
  const full = hex.length === 4 ? [...hex.slice(1)].map((c) => c + c).join("") : hex.slice(1);
  const [r, g, b] = [0, 2, 4].map((at) => {
    const c = parseInt(full.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} a @param {string} b @returns {number} contrast ratio, 1 to 21 */
function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

let failures = 0;
for (const theme of ["light", "dark"]) {
  const tokens = tokensOf(theme);
  for (const [front, ground, least] of PAIRS) {
    const [a, b] = [tokens.get(front), tokens.get(ground)];
    const ratio = a && b ? contrast(a, b) : 0;
    if (ratio < least) {
      failures += 1;
      console.error(`${theme}: --${front} on --${ground} has ${ratio.toFixed(2)}:1, needs ${least}:1`);
    }
  }
}
if (failures) process.exit(1);
console.log(`contrast: ${PAIRS.length} pairs hold in both themes`);
