/**
 * <answer-queue>: keeps what a person answers on this device until the server has said that it is saved.
 *
 * In a form it keeps what is being written (a draft) and, once handed on, an event: the very request that the form would
 * post. An event is sent again until the server acknowledges it, after a reload, a crash or hours without network too; its
 * key makes that safe. Outside a form it only sends what an earlier page left behind. Each person has a database of their
 * own, named by data-person, so nobody's answers are ever sent in another's name; the server checks the owner again.
 */

const STORES = /** @type {const} */ (["events", "drafts"]);
const RETRY_SECONDS = [1, 2, 4, 8, 15, 30];
const TIMEOUT = 20_000;
const KEEP_DAYS = 7;
const DRAFT_DELAY = 300;

/** @typedef {[string, FormDataEntryValue]} Entry a field of the form */
/** @typedef {{id: string, url: string, entries: Entry[], at: number}} Kept id: the key of an event, the place of a draft */
/** @typedef {"saving" | "offline" | "signed-out" | "refused" | "restored" | "sent" | "superseded" | "late" | "dropped"} State */

/**
 * @param {string} person @param {typeof STORES[number]} store @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} action @returns {Promise<any>} what the request gave, once it is on disk
 */
async function withStore(person, store, mode, action) {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open(`thang-answers-${person}`, 1);
    opening.onupgradeneeded = () => STORES.forEach((name) => opening.result.createObjectStore(name, { keyPath: "id" }));
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const request = action(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @param {string} person how many events wait, for the sign-out form in the shell */
async function countUnsent(person) {
  const waiting = await withStore(person, "events", "readonly", (store) => store.count());
  if (waiting) localStorage.setItem(`thang-unsent-${person}`, String(waiting));
  else localStorage.removeItem(`thang-unsent-${person}`);
}

/** @returns {string} this page's token: that of a page which was left may be of an earlier sign-in */
function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
}

class AnswerQueue extends HTMLElement {
  tries = 0;
  retry = 0;
  draftTimer = 0;
  sending = false;
  again = false;
  /** @type {HTMLFormElement | null} */
  form = null;

  get person() {
    return this.dataset.person ?? "";
  }

  async connectedCallback() {
    this.form = this.closest("form");
    window.addEventListener("online", this.flush);
    document.addEventListener("visibilitychange", this.flush);
    this.form?.addEventListener("input", this.onInput);
    this.form?.addEventListener("change", this.onInput);
    this.form?.addEventListener("click", this.onInput);
    this.form?.addEventListener("autosaved", this.onInput);
    this.form?.addEventListener("submit", this.onSubmit);
    document.addEventListener("time-nearly-over", this.onTimeOver);
    document.addEventListener("submit", this.onHandIn);
    try {
      await this.forgetOld();
      await this.restore();
      await this.flush();
    } catch {
      this.dataset.broken = ""; // private windows may forbid storage: the form then posts as it does without scripts
    }
  }

  disconnectedCallback() {
    clearTimeout(this.retry);
    clearTimeout(this.draftTimer);
    window.removeEventListener("online", this.flush);
    document.removeEventListener("visibilitychange", this.flush);
    document.removeEventListener("time-nearly-over", this.onTimeOver);
    document.removeEventListener("submit", this.onHandIn);
  }

  /** Drafts only: an answer that was handed on stays until the server has said what became of it. */
  async forgetOld() {
    const oldest = Date.now() - KEEP_DAYS * 86_400_000;
    const all = /** @type {Kept[]} */ (await withStore(this.person, "drafts", "readonly", (store) => store.getAll()));
    for (const each of all) if (each.at < oldest) await this.forget("drafts", each.id);
  }

  /** @param {typeof STORES[number]} name @param {string} id */
  async forget(name, id) {
    await withStore(this.person, name, "readwrite", (store) => store.delete(id));
    if (name === "events") await countUnsent(this.person);
  }

  // --- drafts -------------------------------------------------------------------------------------------------------

  onInput = () => {
    if (!this.form || "broken" in this.dataset || this.sending) return;
    clearTimeout(this.draftTimer);
    this.draftTimer = window.setTimeout(() => this.keepDraft().catch(() => undefined), DRAFT_DELAY);
  };

  /** @returns {string} where a draft belongs: one question of one sitting */
  get place() {
    return `${valueOf(this.entries(), "attempt")}/${this.dataset.version}`;
  }

  async keepDraft() {
    const entries = this.entries().filter(([name]) => !["csrfmiddlewaretoken", "key", "sequence", "sent"].includes(name));
    const draft = { id: this.place, url: "", entries, at: Date.now() };
    await withStore(this.person, "drafts", "readwrite", (store) => store.put(draft));
  }

  /** @param {HTMLElement | null} [submitter] @returns {Entry[]} */
  entries(submitter) {
    return this.form ? [...new FormData(this.form, submitter)] : [];
  }

  async restore() {
    if (!this.form || this.form.querySelector("[data-error-summary]")) return;
    const draft = await withStore(this.person, "drafts", "readonly", (store) => store.get(this.place));
    if (!draft || !this.fill(draft.entries)) return;
    this.show("restored");
  }

  /**
   * A question of which the page brings another saved answer than the draft was written upon stays as it came.
   *
   * @param {Entry[]} entries @returns {boolean} whether a field now differs from how the page came
   */
  fill(entries) {
    const came = this.entries();
    const before = JSON.stringify(came);
    const isOld = (/** @type {string} */ name) => baseOf(entries, name) !== baseOf(came, name);
    const texts = entries.filter(([name, value]) => typeof value === "string" && !isOld(name));
    const order = texts.filter(([name]) => name.endsWith("order"));
    for (const field of this.form?.elements ?? []) {
      if (isOld(field.getAttribute("name") ?? "")) continue;
      if (field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type)) {
        field.checked = texts.some(([name, value]) => name === field.name && value === field.value);
      } else if (field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement || isText(field)) {
        const kept = texts.find(([name]) => name === field.name);
        if (kept) field.value = String(kept[1]);
      }
    }
    const rows = new Map([...(this.form?.querySelectorAll("input[name$=order]") ?? [])].map(orderRow));
    for (const [name, step] of order) {
      const row = rows.get(`${name}=${step}`);
      row?.parentElement?.append(row);
    }
    for (const field of this.form?.elements ?? []) field.dispatchEvent(new Event("change", { bubbles: true }));
    return JSON.stringify(this.entries()) !== before;
  }

  // --- events -------------------------------------------------------------------------------------------------------

  /** @param {SubmitEvent} event */
  onSubmit = (event) => {
    if (!this.form || "broken" in this.dataset || event.submitter?.getAttribute("name")?.endsWith("move")) return;
    event.preventDefault();
    this.handOn(event.submitter);
  };

  /** @param {Event} event a form with data-hand-in ends the sitting: what waits here has to arrive before it */
  onHandIn = async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.handIn === undefined || "broken" in this.dataset) return;
    event.preventDefault();
    await this.flush();
    // What another sitting's room or person refused stays here and must not keep this sitting from its end.
    const sitting = form.action.replace(/submit\/$/, "");
    if (!(await this.waiting()).some((each) => each.url.startsWith(sitting))) form.submit();
  };

  onTimeOver = () => {
    if (this.form && (this.form.noValidate || this.form.checkValidity()) && !this.sending) this.handOn(null);
  };

  /** @param {HTMLElement | null} submitter keep the answer here, then send it */
  async handOn(submitter) {
    if (!this.form) return;
    this.show("saving");
    clearTimeout(this.draftTimer);
    const entries = this.entries(submitter);
    const url = this.form.action;
    try {
      // An answer that waits for the network may still be changed. It may have arrived all the same, so the newer one has
      // a key of its own and a higher sequence.
      const earlier = (await this.waiting()).filter((each) => this.isHere(each)).at(-1);
      if (earlier) {
        setValue(entries, "key", crypto.randomUUID());
        const sequences = [entries, earlier.entries].map((each) => Number(valueOf(each, "sequence")));
        setValue(entries, "sequence", String(Math.max(...sequences) + 1));
        entries.push(["sent", earlier.id], ...earlier.entries.filter(([name]) => name === "sent"));
        await this.forget("events", earlier.id);
      }
      await this.keepDraft();
      const kept = { id: valueOf(entries, "key"), url, entries, at: Date.now() };
      await withStore(this.person, "events", "readwrite", (store) => store.put(kept));
      await countUnsent(this.person);
    } catch {
      this.dataset.broken = "";
      this.form.submit();
      return;
    }
    this.tries = 0;
    await this.flush();
  }

  /** @param {Kept} kept @returns {boolean} whether it answers the question that this form asks */
  isHere(kept) {
    return this.form?.action === kept.url && this.dataset.version === valueOf(kept.entries, "version");
  }

  /** @returns {Promise<Kept[]>} */
  async waiting() {
    const events = await withStore(this.person, "events", "readonly", (store) => store.getAll());
    return events.sort((/** @type {Kept} */ one, /** @type {Kept} */ other) => one.at - other.at);
  }

  flush = async () => {
    this.again = this.sending; // what is handed on while others are sent has its turn after them
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.retry);
    try {
      let goesOn = true;
      do {
        this.again = false;
        for (const kept of await this.waiting()) if (!(goesOn = await this.send(kept))) break;
      } while (goesOn && this.again);
    } finally {
      this.sending = false;
    }
  };

  /** @param {Kept} kept @returns {Promise<boolean>} whether the next one may be tried */
  async send(kept) {
    const own = this.isHere(kept);
    const body = new FormData();
    for (const [name, value] of kept.entries) body.append(name, value);
    body.set("csrfmiddlewaretoken", csrfToken());
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    const signal = AbortSignal.timeout(TIMEOUT);
    /** @type {Response} */
    let response;
    try {
      response = await fetch(kept.url, { method: "POST", body, headers, signal, redirect: "manual" });
    } catch {
      return this.wait("offline");
    }
    if (response.ok && response.headers.get("Content-Type")?.startsWith("application/json")) {
      const said = await response.json();
      await this.forget("events", kept.id);
      await this.forget("drafts", `${valueOf(kept.entries, "attempt")}/${valueOf(kept.entries, "version")}`);
      if (own) location.assign(said.next);
      else this.show(said.status === null ? "dropped" : said.status === "accepted" ? "sent" : said.status);
      return !own;
    }
    if (response.status === 422 || response.status === 400) {
      await this.forget("events", kept.id);
      if (own) this.form?.submit(); // the page that explains what is missing
      else this.show("dropped");
      return !own;
    }
    if (response.type === "opaqueredirect" || response.status === 401) {
      this.show("signed-out");
      return false;
    }
    if (response.status === 403 || response.status === 404) {
      this.show("refused"); // another's sitting, or a room that is not this one: the others' turn all the same
      return true;
    }
    return this.wait("offline");
  }

  /** @param {State} state @returns {boolean} */
  wait(state) {
    this.show(state);
    const seconds = RETRY_SECONDS[Math.min(this.tries, RETRY_SECONDS.length - 1)] ?? 30;
    this.tries += 1;
    this.retry = window.setTimeout(this.flush, seconds * 1000);
    return false;
  }

  /** @param {State} state say it in words, once */
  show(state) {
    if (this.dataset.state === state) return;
    this.dataset.state = state;
    for (const each of this.querySelectorAll("[data-when]")) {
      if (each instanceof HTMLElement) each.hidden = each.dataset.when !== state;
    }
  }
}

/** @param {Entry[]} entries @param {string} name @returns {string} */
function valueOf(entries, name) {
  return String(entries.find(([each]) => each === name)?.[1] ?? "");
}

/** @param {Entry[]} entries @param {string} name a field's @returns {string} the base of its question; 0 without one */
function baseOf(entries, name) {
  const prefix = /^q[0-9]+-/.exec(name)?.[0];
  return (prefix && valueOf(entries, `${prefix}base`)) || "0";
}

/** @param {Entry[]} entries @param {string} name @param {string} value */
function setValue(entries, name, value) {
  for (const entry of entries) if (entry[0] === name) entry[1] = value;
}

/** @param {Element} field @returns {field is HTMLInputElement} */
function isText(field) {
  return field instanceof HTMLInputElement && ["text", "number", "search"].includes(field.type);
}

/** @param {Element} input @returns {[string, HTMLElement | null]} the row of a step to put in order, by field and value */
function orderRow(input) {
  return [`${input.getAttribute("name")}=${input.getAttribute("value")}`, input.closest("li")];
}

customElements.define("answer-queue", AnswerQueue);
