/**
 * A sign of life: every page of a sitting tells the server twice a minute that it is still open, so that the
 * trainer sees who has lost the network. Nothing depends on it; a sign that does not arrive is not sent again. A page
 * that is refused (its sitting goes on on another device, or it left the room) stops: each refusal is put on record.
 */

const EVERY = 30_000;
const sitting = document.querySelector("[data-pulse]");

if (sitting instanceof HTMLElement) {
  const send = async () => {
    if (!navigator.onLine) return;
    const response = await fetch(sitting.dataset.pulse ?? "", { cache: "no-store" }).catch(() => undefined);
    if (response?.status === 403) clearInterval(timer);
  };
  const timer = setInterval(send, EVERY);
  send();
}
