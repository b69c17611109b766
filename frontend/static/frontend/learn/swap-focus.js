/**
 * After htmx has drawn a part of the page again, the keyboard and the screen reader go to what is new: the first element
 * in it that is marked data-swap-focus. On a fresh page nothing moves.
 */

document.addEventListener("htmx:afterSettle", (event) => {
  const detail = event instanceof CustomEvent ? event.detail : undefined;
  const part = detail?.elt;
  if (!(part instanceof Element)) return;
  const target = part.matches("[data-swap-focus]") ? part : part.querySelector("[data-swap-focus]");
  if (target instanceof HTMLElement) target.focus();
});
