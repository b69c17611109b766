/**
 * <reading-place>: remembers how far a lesson was read. It wraps the lesson's blocks (elements with data-block) and a form
 * whose field "block" is posted. Without scripts the lesson is resumed at its beginning.
 */

const DELAY = 2000; // milliseconds of rest before a place is reported

class ReadingPlace extends HTMLElement {
  current = "";
  reported = "";
  timer = 0;
  /** @type {IntersectionObserver | undefined} */
  observer;

  onHide = () => {
    if (document.visibilityState === "hidden") this.report();
  };

  connectedCallback() {
    // A block is reached while it crosses the line at a third of the window.
    this.observer = new IntersectionObserver((entries) => this.onCross(entries), { rootMargin: "-33% 0px -66% 0px" });
    for (const block of this.querySelectorAll("[data-block]")) this.observer.observe(block);
    document.addEventListener("visibilitychange", this.onHide);
    document.addEventListener("htmx:afterSwap", this.onSwap);
  }

  disconnectedCallback() {
    this.observer?.disconnect();
    document.removeEventListener("visibilitychange", this.onHide);
    document.removeEventListener("htmx:afterSwap", this.onSwap);
    clearTimeout(this.timer);
  }

  /** A block that htmx drew again is another element: watch it too. */
  onSwap = () => {
    for (const block of this.querySelectorAll("[data-block]")) this.observer?.observe(block);
  };

  /** @param {IntersectionObserverEntry[]} entries */
  onCross(entries) {
    for (const entry of entries) {
      if (entry.isIntersecting) this.current = entry.target.getAttribute("data-block") ?? "";
    }
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.report(), DELAY);
  }

  report() {
    const form = this.querySelector("form");
    if (!form || !this.current || this.current === this.reported) return;
    const data = new FormData(form);
    data.set("block", this.current);
    this.reported = this.current;
    // A place that cannot be reported is only a place: nothing is told to the reader, and the next one is tried again.
    fetch(form.action, { method: "POST", body: data, keepalive: true }).catch(() => {
      this.reported = "";
    });
  }
}

customElements.define("reading-place", ReadingPlace);
