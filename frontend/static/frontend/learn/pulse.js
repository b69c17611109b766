/**
 * A sign of life: every page of a sitting tells the server twice a minute that it is still open, so that the
 * trainer sees who has lost the network. Nothing depends on it; a sign that does not arrive is not sent again.
 */

const EVERY = 30_000;
const sitting = document.querySelector("[data-pulse]");

if (sitting instanceof HTMLElement) {
  const send = () => {
    if (navigator.onLine) fetch(sitting.dataset.pulse ?? "", { method: "GET", cache: "no-store" }).catch(() => undefined);
  };
  send();
  setInterval(send, EVERY);
}
