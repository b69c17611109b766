/**
 * <region-picker>: a click on a region of the picture ticks it in the list, and what the list says shows on the picture.
 * The list alone is enough, for keyboards, screen readers and pages without scripts.
 */

class RegionPicker extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.onClick);
    this.addEventListener("change", this.show);
    this.classList.add("is-live");
    this.show();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.onClick);
    this.removeEventListener("change", this.show);
  }

  /** @param {MouseEvent} event */
  onClick = (event) => {
    const region = event.target instanceof Element ? event.target.closest("[data-region]") : null;
    const input = this.inputs().find((each) => each.value === region?.getAttribute("data-region"));
    if (!input) return;
    input.checked = input.type === "radio" || !input.checked;
    this.show();
  };

  inputs() {
    return [...this.querySelectorAll("input[name=regions]")].filter((each) => each instanceof HTMLInputElement);
  }

  show = () => {
    const chosen = new Set(this.inputs().filter((input) => input.checked).map((input) => input.value));
    for (const region of this.querySelectorAll("[data-region]")) {
      region.classList.toggle("is-chosen", chosen.has(region.getAttribute("data-region") ?? ""));
    }
  };
}

customElements.define("region-picker", RegionPicker);
