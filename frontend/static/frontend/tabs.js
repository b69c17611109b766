/**
 * Turns <div data-tabs> (a list of links to sections of the same page) into tabs. Without script it stays a list of links.
 * Pattern: WAI-ARIA tabs with automatic activation; arrow keys, Home and End move.
 */

/** @param {HTMLElement} box */
function makeTabs(box) {
  const links = [...box.querySelectorAll(".tabs__list a")].filter((link) => link instanceof HTMLAnchorElement);
  const panels = links.map((link) => document.getElementById(link.hash.slice(1)));

  /** @param {number} chosen @param {boolean} focus */
  function show(chosen, focus) {
    links.forEach((link, at) => {
      link.setAttribute("aria-selected", String(at === chosen));
      link.tabIndex = at === chosen ? 0 : -1;
      const panel = panels[at];
      if (panel) panel.hidden = at !== chosen;
    });
    if (focus) links[chosen].focus();
  }

  box.querySelector(".tabs__list")?.setAttribute("role", "tablist");
  links.forEach((link, at) => {
    link.parentElement?.setAttribute("role", "presentation");
    link.setAttribute("role", "tab");
    link.id ||= `${link.hash.slice(1)}-tab`;
    const panel = panels[at];
    if (!panel) return;
    link.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", link.id);
    panel.tabIndex = 0;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(at, false);
    });
    link.addEventListener("keydown", (event) => {
      const last = links.length - 1;
      /** @type {Record<string, number>} */
      const moves = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last };
      if (!(event.key in moves)) return;
      event.preventDefault();
      show(moves[event.key], true);
    });
  });
  const asked = links.findIndex((link) => link.hash === location.hash);
  show(Math.max(asked, 0), false);
}

for (const box of document.querySelectorAll("[data-tabs]")) {
  if (box instanceof HTMLElement) makeTabs(box);
}
