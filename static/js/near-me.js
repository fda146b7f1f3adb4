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
  1: gettext("Location is turned off for this site. Turn it on in your browser, or enter coordinates under Filters."),
  2: gettext("Your device couldn't find its location. Try again, or enter coordinates under Filters."),
  3: gettext(
    "Finding your location took too long. Try again, or enter coordinates under Filters.",
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
    this.status.textContent = gettext("Finding your location …");
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
