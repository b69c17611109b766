/**
 * After htmx has drawn a part of the page again, the keyboard and the screen reader stay where the person was working: at
 * the element marked data-keep-focus with the same id (or the id it names), else at the first marked data-swap-focus.
 * What the server wants said aloud comes as an event "announce" with {text}. On a fresh page nothing moves.
 */

let keep = "";

document.addEventListener("htmx:beforeSwap", () => {
  const place = document.activeElement?.closest("[data-keep-focus]");
  keep = place?.getAttribute("data-keep-focus") || place?.id || "";
});

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event instanceof CustomEvent ? event.detail?.elt : undefined;
  if (!(part instanceof Element)) return;
  const kept = keep ? document.getElementById(keep) : null;
  const target = kept ?? (part.matches("[data-swap-focus]") ? part : part.querySelector("[data-swap-focus]"));
  if (target instanceof HTMLElement) target.focus();
});

document.addEventListener("announce", (event) => {
  const region = document.querySelector("[data-announce]");
  if (region && event instanceof CustomEvent) region.textContent = String(event.detail?.text ?? "");
});
