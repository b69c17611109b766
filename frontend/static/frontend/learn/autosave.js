/**
 * <form data-autosave>: hands what is written on to the server now and then, so that little is lost with the device.
 *
 * Nothing is said of a failure: <answer-queue> keeps a draft here and hands everything on when the person goes on.
 */

const AFTER_A_CHANGE = 10_000;

const form = document.querySelector("form[data-autosave]");
let timer = 0;

/** @param {HTMLFormElement} page */
async function save(page) {
  const body = new FormData(page);
  body.set("stay", "1");
  let response;
  try {
    response = await fetch(page.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
  } catch {
    return;
  }
  if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json")) return;
  const said = await response.json();
  const key = page.querySelector("input[name=key]");
  const sequence = page.querySelector("input[name=sequence]");
  if (key instanceof HTMLInputElement) key.value = crypto.randomUUID();
  if (sequence instanceof HTMLInputElement) sequence.value = String(said.sequence);
  const state = document.querySelector("[data-autosaved]");
  if (state instanceof HTMLElement && said.status === "accepted") {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false });
    state.textContent = (state.dataset.autosaved ?? "").replace("{time}", time);
  }
}

if (form instanceof HTMLFormElement) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => save(form), AFTER_A_CHANGE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}
