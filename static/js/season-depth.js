/**
 * <season-depth>: chooses months and depths in the table that the element holds. Drag from the first square to the
 * last, or tap the first and then the last; with the keyboard, arrows move, Enter or Space chooses first and last,
 * Escape gives up. A tapped choice may run over New Year: November, then February.
 */
import { change } from "./selection.js";
import { gettext, interpolate } from "./words.js";

const ARROWS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const UNKNOWN = "unknown";
const JUMPS = { Home: 0, End: 11 };

class SeasonDepth extends HTMLElement {
  connectedCallback() {
    this.table = this.querySelector("table");
    this.rows = [...this.querySelectorAll("tbody tr")];
    this.squares = this.rows.map((row) => [...row.querySelectorAll("td[data-month]")]);
    this.help = this.querySelector("[role=status]");
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-multiselectable", "true");
    this.querySelector(".table-scroll").removeAttribute("tabindex");
    this.squares.flat().forEach((square) => {
      square.tabIndex = -1;
      square.setAttribute("aria-selected", String(square.classList.contains("is-asked")));
    });
    this.squares[0][0].tabIndex = 0;
    this.table.addEventListener("pointerdown", (event) => this.down(event));
    this.table.addEventListener("pointermove", (event) => this.over(event));
    this.table.addEventListener("pointerup", (event) => this.up(event));
    this.table.addEventListener("pointercancel", () => this.giveUp());
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("focusin", ({ target }) => this.rove(target));
    this.explain();
  }

  explain() {
    this.help.textContent = this.begun
      ? interpolate(gettext("From %s. Choose the last square, or press Esc to cancel."), [
          this.nameOf(this.begun),
        ])
      : gettext("Drag across the squares to filter by month and depth.");
  }

  nameOf(square) {
    return square.title.replace(/:[^:]*$/, "");
  }

  /** [row, column] of a square. */
  placeOf(square) {
    const row = this.rows.indexOf(square.parentElement);
    return [row, this.squares[row].indexOf(square)];
  }

  at(event) {
    const found = document
      .elementFromPoint(event.clientX, event.clientY)
      ?.closest("td[data-month]");
    return found && this.table.contains(found) ? found : null;
  }

  down(event) {
    const square = event.target.closest("td[data-month]");
    if (!square || event.button) return;
    event.preventDefault();
    square.focus({ preventScroll: true });
    this.table.setPointerCapture?.(event.pointerId);
    this.dragged = square;
    this.dataset.busy = "";
  }

  over(event) {
    const square = this.dragged && this.at(event);
    if (square) this.mark(this.begun ?? this.dragged, square);
  }

  up(event) {
    const [from, to] = [this.dragged, this.at(event)];
    this.dragged = null;
    if (!from) return;
    if (!to) this.giveUp();
    else if (to !== from) this.ask(from, to, false);
    else this.tapped(to);
  }

  tapped(square) {
    if (this.begun) this.ask(this.begun, square, true);
    else {
      this.begun = square;
      this.dataset.busy = "";
      this.mark(square, square);
      this.explain();
    }
  }

  giveUp() {
    this.begun = this.dragged = null;
    this.mark(null);
    this.explain();
    this.free();
  }

  free() {
    delete this.dataset.busy;
    this.dispatchEvent(new CustomEvent("widget-free", { bubbles: true }));
  }

  /** Columns from the first to the last; over New Year where the first comes later, unless it was dragged backwards. */
  columns(from, to, overNewYear) {
    const [first, last] = overNewYear || from <= to ? [from, to] : [to, from];
    return Array.from({ length: ((last - first + 12) % 12) + 1 }, (_, step) => (first + step) % 12);
  }

  mark(from, to) {
    const [a, b] = from
      ? [this.placeOf(from), this.placeOf(to)]
      : [
          [-1, 0],
          [-1, 0],
        ];
    const columns = from ? this.columns(a[1], b[1], Boolean(this.begun)) : [];
    const inside = (row, column) =>
      row >= Math.min(a[0], b[0]) && row <= Math.max(a[0], b[0]) && columns.includes(column);
    this.squares.forEach((row, i) =>
      row.forEach((square, j) => square.classList.toggle("is-marked", inside(i, j))),
    );
  }

  ask(from, to, tapped) {
    const [a, b] = [this.placeOf(from), this.placeOf(to)];
    const months = this.columns(a[1], b[1], tapped).map((column) => column + 1);
    this.begun = null;
    this.free();
    this.explain();
    change({
      months: months.length === 12 ? "" : months.join(","),
      depth: this.depthOf(a[0], b[0]),
      depthMatch: "",
    });
  }

  /** The parameter for these rows and those between; "unknown" is no depth, so it is asked for alone. */
  depthOf(from, to) {
    const [first, last] = from <= to ? [from, to] : [to, from];
    const depths = this.rows.slice(first, last + 1).map(({ dataset }) => dataset.depth);
    if (depths.length === 1) return depths[0];
    const known = depths.filter((depth) => depth !== UNKNOWN).map((depth) => depth.split(","));
    const ends = [known[0][0], known.at(-1)[1]];
    return ends.some(Boolean) ? ends.join(",") : "";
  }

  rove(square) {
    if (!square.dataset?.month) return;
    this.squares.flat().forEach((each) => {
      each.tabIndex = -1;
    });
    square.tabIndex = 0;
  }

  key(event) {
    const square = event.target.closest("td[data-month]");
    if (!square) return;
    const [row, column] = this.placeOf(square);
    if (event.key in ARROWS || event.key in JUMPS) {
      const [down, right] = ARROWS[event.key] ?? [0, JUMPS[event.key] - column];
      const next = this.squares[row + down]?.[column + right];
      next?.focus();
      if (next && this.begun) this.mark(this.begun, next);
    } else if (event.key === "Enter" || event.key === " ") this.tapped(square);
    else if (event.key === "Escape" && this.begun) this.giveUp();
    else return;
    event.preventDefault();
  }
}

customElements.define("season-depth", SeasonDepth);
