/**
 * A part marked data-keep-place is drawn again now and then. The reader stays where they were: scrolling frames keep their
 * position, opened details stay open, and the focus returns to the element of the same id, or to the same frame or summary.
 */

/** @typedef {{frames: [number, number][], open: boolean[], focused: number, summary: number}} Place */

/** @type {Place | null} */
let place = null;

/** @param {Element} part @returns {HTMLElement[]} its scrolling frames, in order */
const framesOf = (part) => [...part.querySelectorAll(".table-scroll")].filter((each) => each instanceof HTMLElement);

/** @param {Element} part @returns {HTMLDetailsElement[]} */
const detailsOf = (part) => [...part.querySelectorAll("details")];

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.target;
  if (!(part instanceof Element) || !part.hasAttribute("data-keep-place")) return;
  const frames = framesOf(part);
  place = {
    frames: frames.map((frame) => [frame.scrollLeft, frame.scrollTop]),
    open: detailsOf(part).map((each) => each.open),
    focused: frames.findIndex((frame) => frame === document.activeElement),
    summary: detailsOf(part).findIndex((each) => each.querySelector("summary") === document.activeElement),
  };
});

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event instanceof CustomEvent ? event.detail?.elt : undefined;
  if (!place || !(part instanceof Element) || !part.hasAttribute("data-keep-place")) return;
  const { frames, open, focused, summary } = place;
  place = null;
  detailsOf(part).forEach((each, at) => {
    each.open = open[at] ?? false;
    if (at === summary) each.querySelector("summary")?.focus({ preventScroll: true });
  });
  framesOf(part).forEach((frame, at) => {
    [frame.scrollLeft, frame.scrollTop] = frames[at] ?? [0, 0];
    if (at === focused) frame.focus({ preventScroll: true });
  });
});
