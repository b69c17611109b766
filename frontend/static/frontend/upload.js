/**
 * A file field's comfort: shows the chosen file's name and size, takes a dropped file, and says at once when the file is
 * larger than data-max-bytes. The server checks again.
 */

/** @param {number} bytes @returns {string} in the page's language, as "1,4 MB" */
function formatSize(bytes) {
  const [value, unit] = bytes < 1048576 ? [bytes / 1024, "kilobyte"] : [bytes / 1048576, "megabyte"];
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 });
  return format.format(value);
}

/** @param {HTMLElement} box */
function improveUpload(box) {
  const input = box.querySelector("input[type=file]");
  const chosen = box.querySelector("[data-upload-chosen]");
  if (!(input instanceof HTMLInputElement) || !(chosen instanceof HTMLElement)) return;
  const limit = Number(box.dataset.maxBytes ?? Infinity);

  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    const tooLarge = files.some((file) => file.size > limit);
    const message = tooLarge ? (box.dataset.tooLarge ?? "") : "";
    input.setCustomValidity(message);
    chosen.textContent = message || files.map((file) => `${file.name} (${formatSize(file.size)})`).join(", ");
    chosen.classList.toggle("text-danger", tooLarge);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    box.addEventListener(name, (event) => {
      event.preventDefault();
      box.classList.toggle("is-over", name === "dragover");
    });
  }
  box.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
}

for (const box of document.querySelectorAll("[data-upload]")) {
  if (box instanceof HTMLElement) improveUpload(box);
}
