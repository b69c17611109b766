/**
 * A sign of life: every page of a sitting tells the server twice a minute that it is still open, so that the
 * trainer sees who has lost the network. Nothing depends on it; a sign that does not arrive is not sent again.
 */

const EVERY = 30_000;
const place = document.querySelector("[data-pulse]");

if (place instanceof HTMLElement) {
  const send = () => {
    fetch(place.dataset.pulse ?? "", { method: "GET", cache: "no-store" }).catch(() => undefined);
  };
  send();
  setInterval(send, EVERY);
}
