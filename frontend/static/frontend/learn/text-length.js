/**
 * <text-length data-count="words" data-words="{n} words so far">: says below a text how long it is. Words are counted as the
 * server counts them: what stands between blanks.
 */

const PAUSE = 400; // milliseconds without typing before the length is said

class TextLength extends HTMLElement {
  timer = 0;

  connectedCallback() {
    this.addEventListener("input", this.onInput);
    this.show();
  }

  disconnectedCallback() {
    this.removeEventListener("input", this.onInput);
    clearTimeout(this.timer);
  }

  onInput = () => {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.show(), PAUSE);
  };

  show() {
    const area = this.querySelector("textarea");
    const place = this.querySelector("[data-length]");
    if (!area || !(place instanceof HTMLElement)) return;
    const text = area.value.trim();
    const count = this.dataset.count === "words" ? text.split(/\s+/u).filter(Boolean).length : [...text].length;
    place.textContent = (this.dataset.words ?? "").replace("{n}", String(count));
    place.hidden = false;
  }
}

customElements.define("text-length", TextLength);
