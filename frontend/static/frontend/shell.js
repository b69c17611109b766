/**
 * What every page's shell adds when scripts run. Without it the theme form posts, menus close by their summary, and the
 * browser shows errors at the fields.
 */

/** @param {Document | Element} root @param {string} selector @returns {HTMLElement[]} */
const all = (root, selector) => [...root.querySelectorAll(selector)].filter((e) => e instanceof HTMLElement);

// --- theme: the form in the header, without a round trip -----------------------------------------------------------

/** @param {string} theme "auto", "light" or "dark" @param {HTMLFormElement} form */
function chooseTheme(theme, form) {
  const root = document.documentElement;
  if (theme === "auto") root.removeAttribute("data-bs-theme");
  else root.setAttribute("data-bs-theme", theme);
  const age = theme === "auto" ? 0 : 31536000;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${theme};path=/;max-age=${age};samesite=lax${secure}`;
  for (const button of all(form, "button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("value") === theme));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-theme-form")) return;
  if (!(event.submitter instanceof HTMLButtonElement)) return;
  event.preventDefault();
  chooseTheme(event.submitter.value, form);
});

// --- menus: one open at a time; Escape and a click elsewhere close ---------------------------------------------------

/** @param {HTMLElement | null} except */
function closeMenus(except) {
  for (const menu of all(document, "details[data-menu][open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
}

document.addEventListener("click", (event) => {
  const inside = event.target instanceof Element ? event.target.closest("details[data-menu]") : null;
  closeMenus(inside instanceof HTMLElement ? inside : null);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-menu][open]");
  if (!open) return;
  const hadFocus = open.contains(document.activeElement);
  closeMenus(null);
  const summary = open.querySelector("summary");
  if (hadFocus && summary) summary.focus();
});

// --- dialogs: a control with data-dialog-open="id" opens it; forms with method="dialog" close it ---------------------

document.addEventListener("click", (event) => {
  const opener = event.target instanceof Element ? event.target.closest("[data-dialog-open]") : null;
  const dialog = opener && document.getElementById(opener.getAttribute("data-dialog-open") ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  dialog.showModal();
});

// --- forms: focus the error summary ----------------------------------------------------------------------------------

/** @param {Document | Element} root */
function focusErrors(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (summary instanceof HTMLElement) summary.focus();
}

focusErrors(document);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target instanceof Element) focusErrors(event.target);
});

// --- toasts: an event "toast" with detail {text}, as htmx raises it from an HX-Trigger header --------------------------

/** @param {string} text */
function showToast(text) {
  const region = document.querySelector("[data-toasts]");
  const template = document.querySelector("template[data-toast]");
  if (!region || !(template instanceof HTMLTemplateElement)) return;
  const toast = template.content.cloneNode(true);
  if (!(toast instanceof DocumentFragment)) return;
  const box = toast.firstElementChild;
  const slot = toast.querySelector("[data-toast-text]");
  if (!box || !slot) return;
  slot.textContent = text;
  box.querySelector("button")?.addEventListener("click", () => box.remove());
  region.append(box);
}

document.addEventListener("toast", (event) => {
  if (!(event instanceof CustomEvent)) return;
  const text = typeof event.detail === "string" ? event.detail : event.detail?.text ?? event.detail?.value;
  if (text) showToast(String(text));
});

// --- sign-out: nothing of a person stays on the device; what was not sent yet is not deleted unasked ---------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.signOut === undefined) return;
  const unsent = `thang-unsent-${form.dataset.signOut}`;
  if (localStorage.getItem(unsent) && !window.confirm(form.dataset.unsent)) {
    event.preventDefault();
    return;
  }
  localStorage.removeItem(unsent);
  indexedDB.deleteDatabase(`thang-answers-${form.dataset.signOut}`);
});
