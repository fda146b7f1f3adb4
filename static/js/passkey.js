/** Shows what needs passkeys only where the browser and the address allow them, and says when one was not accepted. */

const works =
  window.isSecureContext &&
  "PublicKeyCredential" in window &&
  !/^[\d.]+$|:/.test(location.hostname);

for (const place of document.querySelectorAll("[data-passkey]")) place.hidden = !works;
for (const place of document.querySelectorAll("[data-no-passkey]")) place.hidden = works;

/** django-allauth's scripts tell their failures so. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("[data-passkey-problem]");
  if (place) place.hidden = false;
});
