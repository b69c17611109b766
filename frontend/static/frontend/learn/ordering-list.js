/**
 * <ordering-list>: moves the steps of an ordering question in the page. Without scripts the same buttons send the form and
 * the server moves the step.
 */

class OrderingList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.onClick);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.onClick);
  }

  /** @param {MouseEvent} event */
  onClick = (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-move]") : null;
    const row = button?.closest("li");
    if (!(button instanceof HTMLButtonElement) || !row) return;
    event.preventDefault();
    const neighbour = button.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour) return;
    if (button.dataset.move === "up") neighbour.before(row);
    else neighbour.after(row);
    this.refresh();
    // At the end of the list the button has nowhere to go: the focus stays with the step.
    const stay = button.disabled ? row.querySelector("button[data-move]:not(:disabled)") : button;
    if (stay instanceof HTMLElement) stay.focus();
    this.announce(row);
  };

  rows() {
    return [...this.querySelectorAll("li")];
  }

  refresh() {
    const rows = this.rows();
    rows.forEach((row, index) => {
      for (const button of row.querySelectorAll("button[data-move]")) {
        if (!(button instanceof HTMLButtonElement)) continue;
        button.disabled = button.dataset.move === "up" ? index === 0 : index === rows.length - 1;
      }
    });
  }

  /** @param {HTMLLIElement} row */
  announce(row) {
    const status = this.querySelector("[role=status]");
    const rows = this.rows();
    if (!status) return;
    status.textContent = (this.dataset.moved ?? "")
      .replace("{place}", String(rows.indexOf(row) + 1))
      .replace("{count}", String(rows.length))
      .replace("{step}", row.querySelector("[data-step]")?.textContent ?? "");
  }
}

customElements.define("ordering-list", OrderingList);
