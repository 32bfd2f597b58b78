/**
 * One list box for all comboboxes of the page (ARIA 1.2, editable with list): thousands
 * of fields share it, and a field gets its roles when it is first entered.
 */
export class Combobox {
  #input = null;
  #options = [];
  #at = 0;
  #choose = null;

  /** @param {HTMLUListElement} list the shared, hidden list box */
  constructor(list) {
    this.list = list;
    list.addEventListener("mousedown", (event) => {
      // Before blur, so that the field keeps the focus.
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.#pick(Number(item.dataset.at));
    });
    addEventListener("resize", () => this.close());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Give a field its roles; harmless when repeated. */
  prepare(input) {
    if (input.role === "combobox") return;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
  }

  /**
   * Offer options under a field.
   *
   * @param {HTMLInputElement} input
   * @param {import("./options.js").Option[]} options best first; none closes the list
   * @param {(option: object) => void} choose called with the option that was taken
   */
  offer(input, options, choose) {
    if (!options.length) return this.close();
    this.#input = input;
    this.#options = options;
    this.#choose = choose;
    this.#at = 0;
    this.list.replaceChildren(...options.map((option, at) => this.#item(option, at)));
    this.#place();
    this.list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    this.#mark(0);
  }

  /** Handle a key while open; returns whether it was used up. */
  handleKey(event) {
    if (!this.isOpen) return false;
    const count = this.#options.length;
    const steps = { ArrowDown: 1, ArrowUp: count - 1 };
    if (event.key in steps) {
      this.#mark((this.#at + steps[event.key]) % count);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      if (event.key === "Enter" || event.key === "Tab") this.#pick(this.#at);
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  close() {
    this.list.hidden = true;
    this.#input?.setAttribute("aria-expanded", "false");
    this.#input?.removeAttribute("aria-activedescendant");
  }

  #item(option, at) {
    const item = document.createElement("li");
    item.id = `entry-option-${at}`;
    item.dataset.at = String(at);
    item.setAttribute("role", "option");
    const parts = [["code", option.code], ["span", option.name], ["small", option.note]];
    for (const [tag, text] of parts) {
      if (!text) continue;
      const part = document.createElement(tag);
      part.textContent = text;
      item.append(part);
    }
    return item;
  }

  #place() {
    const box = this.#input.getBoundingClientRect();
    const right = document.documentElement.clientWidth - 8;
    this.list.hidden = false;
    const left = Math.max(8, Math.min(box.left, right - this.list.offsetWidth));
    const isBelow = box.bottom + this.list.offsetHeight < innerHeight;
    const top = isBelow ? box.bottom + 2 : box.top - this.list.offsetHeight - 2;
    this.list.style.left = `${left + scrollX}px`;
    this.list.style.top = `${Math.max(0, top) + scrollY}px`;
  }

  #mark(at) {
    this.#at = at;
    for (const item of this.list.children) {
      item.setAttribute("aria-selected", String(Number(item.dataset.at) === at));
    }
    this.list.children[at].scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", `entry-option-${at}`);
  }

  #pick(at) {
    const option = this.#options[at];
    this.close();
    this.#choose(option);
  }
}
