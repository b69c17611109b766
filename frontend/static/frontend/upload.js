/**
 * A file field's comfort: shows the chosen file's name and size, takes a dropped file, and says at once when the file is
 * larger than data-max-bytes. The server checks again. It listens on the document, so fields that htmx draws later work too.
 */

/** @param {number} bytes @returns {string} in the page's language, as "1,4 MB" */
function formatSize(bytes) {
  const [value, unit] = bytes < 1048576 ? [bytes / 1024, "kilobyte"] : [bytes / 1048576, "megabyte"];
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 });
  return format.format(value);
}

/** @param {Event} event @returns {HTMLElement | null} the upload box that the event is in */
function boxOf(event) {
  return event.target instanceof Element ? event.target.closest("[data-upload]") : null;
}

/** What a box said before anything was chosen. @type {WeakMap<Element, string | null>} */
const unchosen = new WeakMap();

document.addEventListener("change", (event) => {
  const box = boxOf(event);
  const chosen = box?.querySelector("[data-upload-chosen]");
  const input = event.target;
  if (!box || !chosen || !(input instanceof HTMLInputElement)) return;
  if (!unchosen.has(chosen)) unchosen.set(chosen, chosen.textContent);
  const files = [...(input.files ?? [])];
  const tooLarge = files.some((file) => file.size > Number(box.dataset.maxBytes ?? Infinity));
  const message = tooLarge ? (box.dataset.tooLarge ?? "") : "";
  const names = files.map((file) => `${file.name} (${formatSize(file.size)})`).join(", ");
  input.setCustomValidity(message);
  chosen.textContent = message || names || (unchosen.get(chosen) ?? "");
  chosen.classList.toggle("text-danger", tooLarge);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const box = boxOf(event);
    const input = box?.querySelector("input[type=file]");
    if (!box || !(input instanceof HTMLInputElement)) return;
    event.preventDefault();
    box.classList.toggle("is-over", name === "dragover");
    if (name !== "drop" || !(event instanceof DragEvent) || !event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
