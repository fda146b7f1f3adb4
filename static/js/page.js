/** Small services for every page: words for people when htmx cannot reach the server, and focus after a swap. */
import "./clean-address.js";
import { gettext } from "./words.js";

function report(event) {
  const { target, xhr } = event.detail;
  const place =
    target?.querySelector?.("[data-problem]") ?? document.querySelector("[data-problem]");
  if (!place) return;
  const busy = xhr?.status === 429 || xhr?.status === 503;
  place.textContent = busy
    ? gettext("The portal is busy. Wait a moment and try again.")
    : gettext(
        "Couldn't load the new results. Check your connection and try again.",
      );
  place.hidden = false;
}

/** A 400 brings the form's own explanation: show it in place of the results. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 400 && event.detail.serverResponse) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:responseError", report);
document.addEventListener("htmx:sendError", report);
document.addEventListener("htmx:timeout", report);
document.addEventListener("htmx:beforeRequest", () => {
  document.querySelectorAll("[data-problem]").forEach((place) => {
    place.hidden = true;
  });
});

/** A link that turns a page of the list moves the reader to the list's head. */
document.addEventListener("htmx:afterSettle", (event) => {
  const { elt, target } = event.detail.requestConfig ?? {};
  if (!elt?.matches?.("[data-focus-results]")) return;
  document
    .getElementById(target.id)
    ?.querySelector("[data-results-head]")
    ?.focus({ preventScroll: true });
});

/** Empty fields stay out of the address. */
document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, verb } = event.detail;
  if (verb !== "get") return;
  for (const name of [...Object.keys(parameters)])
    if (parameters[name] === "") delete parameters[name];
});

/** The map writes its view into the address: log-in and language lead back to the address as it is now. */
function leadBack() {
  const here = `${location.pathname}${location.search}${location.hash}`;
  document.querySelectorAll("[data-next]").forEach((place) => {
    if (place.tagName === "INPUT") place.value = here;
    else place.href = `${place.pathname}?${new URLSearchParams({ next: here })}`;
  });
}
["pointerdown", "focusin", "contextmenu", "click", "submit"].forEach((name) =>
  document.addEventListener(name, leadBack, true),
);

/** Where the account's menu is one line that scrolls, the page being read is in sight. */
document
  .querySelector(".account-nav [aria-current]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });
