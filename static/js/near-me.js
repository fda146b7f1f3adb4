/**
 * <near-me>: a button that asks the device where it is, only when it is pressed, and filters by that place.
 *
 * data-radius   kilometres around it
 *
 * The place is rounded to 0.01 degrees before it goes anywhere, since it stands in the address and in the server's log.
 */
import { change } from "./selection.js";
import { gettext } from "./words.js";

const OPTIONS = { enableHighAccuracy: false, timeout: 15000, maximumAge: 600000 };
const REASONS = {
  1: gettext("The device may not tell where it is. Type a place under Conditions, Where."),
  2: gettext("The device does not know where it is. Type a place under Conditions, Where."),
  3: gettext(
    "The device took too long to tell where it is. Try again, or type a place under Conditions, Where.",
  ),
};

class NearMe extends HTMLElement {
  connectedCallback() {
    if (!navigator.geolocation) return;
    this.button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button quiet small",
    });
    this.button.textContent = gettext("Near me");
    this.status = document.createElement("span");
    this.status.setAttribute("role", "status");
    this.status.className = "small";
    this.replaceChildren(this.button, this.status);
    this.button.addEventListener("click", () => this.ask());
  }

  ask() {
    this.status.textContent = gettext("Asking the device …");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.status.textContent = "";
        const place = [coords.latitude, coords.longitude].map((degrees) =>
          Number(degrees.toFixed(2)),
        );
        change({ near: [...place, this.dataset.radius].join(","), bbox: "", polygon: "" });
      },
      ({ code }) => {
        this.status.textContent = REASONS[code] ?? REASONS[2];
      },
      OPTIONS,
    );
  }
}

customElements.define("near-me", NearMe);
