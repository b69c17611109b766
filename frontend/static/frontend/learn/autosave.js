/**
 * <form data-autosave>: hands what is written on to the server now and then, so that little is lost with the device.
 *
 * Nothing is said of a failure: <answer-queue> keeps a draft here and hands everything on when the person goes on. Each
 * post has a key and a sequence of its own; the form names the posts that nothing was heard of (`sent`), so that the server
 * knows their answers for this page's. The reply says what the server now has of this page, question by question.
 */

const AFTER_A_CHANGE = 10_000;
const LONGEST_WAIT = 20_000;

const form = document.querySelector("form[data-autosave]");
let timer = 0;
let isSaving = false;

/** @param {HTMLFormElement} page @returns {FormData} what to post; the form then has the key and the sequence of the next */
function takePost(page) {
  const body = new FormData(page);
  body.set("stay", "1");
  const sent = document.createElement("input");
  Object.assign(sent, { type: "hidden", name: "sent", value: String(body.get("key")) });
  page.append(sent);
  setField(page, "key", crypto.randomUUID());
  setField(page, "sequence", String(Number(body.get("sequence")) + 1));
  return body;
}

/** @param {HTMLFormElement} page @param {string} name @param {string} value */
function setField(page, name, value) {
  const field = page.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}

/** @param {HTMLFormElement} page */
async function save(page) {
  if (isSaving) return saveSoon(page);
  isSaving = true;
  try {
    const body = takePost(page);
    const signal = AbortSignal.timeout(LONGEST_WAIT);
    const headers = { Accept: "application/json" };
    const response = await fetch(page.action, { method: "POST", body, headers, signal, redirect: "manual" });
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json")) return;
    learn(page, body, await response.json());
  } catch {
    return;
  } finally {
    isSaving = false;
  }
}

/** @typedef {{status: string | null, sequence: number, bases: Record<string, string>, states: Record<string, string>}} Said */

/** @param {HTMLFormElement} page @param {FormData} body what was posted @param {Said} said */
function learn(page, body, said) {
  const heard = [...body.getAll("sent"), body.get("key")];
  for (const sent of page.querySelectorAll("input[name=sent]")) if (heard.includes(sent.getAttribute("value"))) sent.remove();
  for (const [name, base] of Object.entries(said.bases)) setField(page, name, base);
  setField(page, "sequence", String(Math.max(said.sequence, Number(new FormData(page).get("sequence")))));
  page.dispatchEvent(new Event("autosaved"));
  for (const told of document.querySelectorAll("[data-told]")) {
    if (!(told instanceof HTMLElement)) continue;
    const numbers = Object.keys(said.states).filter((number) => said.states[number] === told.dataset.told);
    if (!numbers.length) continue;
    told.hidden = false;
    told.textContent = (told.dataset.words ?? "").replace("{numbers}", numbers.join(", "));
  }
  const state = document.querySelector("[data-autosaved]");
  if (state instanceof HTMLElement && said.status === "accepted") {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false });
    state.textContent = (state.dataset.autosaved ?? "").replace("{time}", time);
  }
}

/** @param {HTMLFormElement} page */
function saveSoon(page) {
  clearTimeout(timer);
  timer = window.setTimeout(() => save(page), AFTER_A_CHANGE);
}

if (form instanceof HTMLFormElement) {
  form.addEventListener("input", () => saveSoon(form));
  form.addEventListener("submit", () => clearTimeout(timer));
}
