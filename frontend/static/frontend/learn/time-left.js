/**
 * <time-left data-left="1800">: counts down what the server said is left, and says so in words at five minutes, at one
 * minute and at the end. The server's clock decides; this one only shows it.
 */

const LOUD = [300, 60, 0]; // seconds left at which it is said aloud
const NEARLY_OVER = 3; // seconds left at which what is written is handed on

class TimeLeft extends HTMLElement {
  timer = 0;
  last = 0;

  connectedCallback() {
    // The page's own clock may be wrong or changed; performance.now() only ever runs forward.
    this.last = Number(this.dataset.left);
    const end = performance.now() + this.last * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      this.show(left);
      if (left === 0) clearInterval(this.timer);
    };
    this.timer = window.setInterval(tick, 1000);
    tick();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  /** @param {number} left seconds */
  show(left) {
    const words = this.words(left);
    const text = this.querySelector("[data-text]");
    if (text && text.textContent !== words) text.textContent = words;
    const loud = this.querySelector("[role=status]");
    if (loud && LOUD.some((mark) => left <= mark && mark < this.last)) loud.textContent = words;
    if (left <= NEARLY_OVER && NEARLY_OVER < this.last) document.dispatchEvent(new CustomEvent("time-nearly-over"));
    this.last = left;
  }

  /** @param {number} left seconds */
  words(left) {
    if (left === 0) return this.dataset.over ?? "";
    if (left < 60) return this.count(left, this.dataset.oneSecond, this.dataset.seconds);
    return this.count(Math.ceil(left / 60), this.dataset.oneMinute, this.dataset.minutes);
  }

  /** @param {number} n @param {string | undefined} one @param {string | undefined} many */
  count(n, one = "", many = "") {
    return (n === 1 ? one : many).replace("{n}", String(n));
  }
}

customElements.define("time-left", TimeLeft);
