/**
 * <year-slider>: the first and last year of the filter, two thumbs over the histogram that the element holds.
 *
 * data-first, data-last   years of the histogram
 * data-from, data-to      the years that are asked for
 *
 * Play moves the span through the years and Stop puts it back; where motion is not wanted, each press moves it once.
 */
import { change, preview } from "./selection.js";
import { reducedMotion } from "./theme.js";
import { gettext, interpolate } from "./words.js";

const STEP_TIME = 1100; // ms that a span stays on the map
const SHARE = 12; // of all years that the first span takes when none is chosen

class YearSlider extends HTMLElement {
  connectedCallback() {
    this.first = Number(this.dataset.first);
    this.last = Number(this.dataset.last);
    this.frame = this.querySelector(".years-frame");
    this.low = this.thumb(gettext("First year"), Number(this.dataset.from), "year-low");
    this.high = this.thumb(gettext("Last year"), Number(this.dataset.to), "year-high");
    this.output = Object.assign(document.createElement("output"), { className: "years-told" });
    this.button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button quiet small",
    });
    this.button.id = "year-play";
    this.button.addEventListener("click", () =>
      reducedMotion() ? this.stepAndAsk() : this.toggle(),
    );
    const head = Object.assign(document.createElement("div"), { className: "years-head" });
    this.prepend(head);
    head.append(this.querySelector("h3"), this.output, this.button);
    this.playing(false);
    this.tell();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  thumb(label, value, id) {
    const input = Object.assign(document.createElement("input"), {
      type: "range",
      min: this.first,
      max: this.last,
      id,
    });
    input.value = value;
    input.setAttribute("aria-label", label);
    input.addEventListener("input", () => this.moved(input));
    input.addEventListener("change", () => this.ask());
    this.frame.append(input);
    return input;
  }

  years() {
    return [Number(this.low.value), Number(this.high.value)];
  }

  isAll() {
    const [low, high] = this.years();
    return low === this.first && high === this.last;
  }

  conditions() {
    const [low, high] = this.years();
    return {
      from: low === this.first ? "" : String(low),
      to: high === this.last ? "" : String(high),
    };
  }

  /** The thumb that is moved pushes the other before it. */
  moved(input) {
    this.stop();
    this.dataset.busy = "";
    const [low, high] = this.years();
    if (low > high) (input === this.low ? this.high : this.low).value = input.value;
    this.tell();
  }

  tell() {
    const [low, high] = this.years();
    const text = this.isAll()
      ? gettext("all years")
      : low === high
        ? String(low)
        : `${low}–${high}`;
    this.output.textContent = text;
    for (const bar of this.querySelectorAll("rect")) {
      bar.classList.toggle(
        "is-asked",
        Number(bar.dataset.year) >= low && Number(bar.dataset.year) <= high,
      );
    }
  }

  ask() {
    this.free();
    change(this.conditions());
  }

  free() {
    delete this.dataset.busy;
    this.dispatchEvent(new CustomEvent("widget-free", { bubbles: true }));
  }

  /** Move the span on; behind the last year it begins again. */
  step() {
    let [low, high] = this.years();
    const width = this.isAll()
      ? Math.max(1, Math.round((this.last - this.first + 1) / SHARE))
      : high - low + 1;
    low = this.isAll() || high >= this.last ? this.first : low + Math.max(1, Math.round(width / 2));
    high = Math.min(this.last, low + width - 1);
    [this.low.value, this.high.value] = [low, high];
    this.tell();
  }

  stepAndAsk() {
    this.step();
    this.ask();
  }

  toggle() {
    if (this.timer) {
      this.restore();
      return;
    }
    this.dataset.busy = "";
    this.before = this.years();
    const move = () => {
      this.step();
      preview(this.conditions());
    };
    this.timer = setInterval(move, STEP_TIME);
    this.playing(true);
    move();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.playing(false);
  }

  /** Playing shows years without filtering by them: stopped, the filter of the address is on the map again. */
  restore() {
    this.stop();
    [this.low.value, this.high.value] = this.before;
    this.tell();
    this.free();
    preview({});
  }

  playing(on) {
    const still = reducedMotion() ? gettext("Next years") : gettext("Play");
    this.button.textContent = on ? gettext("Stop") : still;
    const label = on ? gettext("Stop the animation") : gettext("Animate the years");
    this.button.setAttribute("aria-label", interpolate("%s: %s", [this.button.textContent, label]));
  }
}

customElements.define("year-slider", YearSlider);
