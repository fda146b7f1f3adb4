"""One walk through an account's life in a browser, on a phone and on a desktop, each page sound on
the way.
"""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from playwright.sync_api import Page, expect

from tests.users.people import person
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("watch")]
PASSWORD = "nine dusky groupers"
WIDTHS = {"phone": (390, 844), "desktop": (1440, 900)}


KEY_IN_THE_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
LABELS = {"E_mail_address": "Email address", "Display_name": "Display name"}


class Walk:
    """A person with a browser, who looks at every page they come to."""

    def __init__(self, page: Page, home: str, axe) -> None:
        self.page, self.home, self.axe = page, home, axe
        self.seen: set[str] = set()

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.home + path)
        self.look()

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()
        self.look()

    def fill(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.get_by_label(LABELS.get(label, label), exact=False).first.fill(value)

    def look(self) -> None:
        """Not wider than the screen, and no barrier; each page once, as it is first seen."""
        place = self.page.locator("h1").first.inner_text() + self.page.url.partition("?")[0]
        if place in self.seen:
            return
        self.seen.add(place)
        width = self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width, self.page.url
        # Colours are the same on every screen, and most of axe's work: the phone looks at them.
        assert self.axe(self.page, without="" if width < 1_000 else "color-contrast") == [], (
            self.page.url
        )

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def log_in(self, email: str) -> None:
        self.fill(E_mail_address=email, Password=PASSWORD)
        self.press("Log in")


def link_in_last_mail() -> str:
    return re.search(r"http\S+/accounts/\S+", mail.outbox[-1].body)[0]


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def next_code(secret: str, used: str) -> str:
    """A code that has not been used: the portal allows the clock one step more."""
    return next(
        code
        for n in (0, 1)
        if (code := format_hotp_value(hotp_value(secret, int(time.time()) // 30 + n))) != used
    )


@pytest.mark.parametrize("screen", WIDTHS)
def test_from_sign_up_over_researcher_to_deletion(page, portal, axe, browser, screen):
    width, height = WIDTHS[screen]
    page.set_viewport_size({"width": width, "height": height})
    walk = Walk(page, portal, axe)

    walk.go("/accounts/signup/?next=/data/")
    walk.fill(E_mail_address="ada@example.org", Username="ada", Password=PASSWORD)
    walk.press("Sign up")
    walk.reads("Check your email")
    walk.go(link_in_last_mail())
    walk.press("Confirm")
    walk.log_in("ada@example.org")

    walk.go("/accounts/2fa/")
    page.get_by_role("link", name="Set up app").click()
    walk.look()
    walk.fill(Password=PASSWORD)
    walk.press("Confirm")
    secret = page.get_by_label("Authenticator secret").input_value()
    used = code_of(secret)
    walk.fill(Code=used)
    walk.press("Activate")
    recovery_code = page.get_by_label("Unused codes").input_value().split()[0]
    walk.go("/accounts/2fa/")
    walk.go("/accounts/2fa/webauthn/add/")
    walk.go("/accounts/password/change/")
    walk.go("/accounts/email/")
    walk.go("/accounts/me/tokens/")
    walk.go("/accounts/me/")
    walk.fill(Display_name="Ada Lovelace")
    walk.press("Save")
    walk.reads("Ada Lovelace")

    page.locator(".account-menu summary").click()
    walk.look()
    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    walk.go("/accounts/login/?next=/accounts/role/")
    walk.log_in("ada@example.org")
    walk.fill(Code=next_code(secret, used))
    walk.press("Log in")

    walk.fill(
        Institution="NIOZ", ORCID="https://orcid.org/0000-0002-1825-0098", Reason="I curate whelks."
    )
    walk.press("Send request")
    walk.reads("Check for typos")
    walk.fill(ORCID="https://orcid.org/0000-0002-1825-0097")
    walk.press("Send request")
    walk.reads("Pending")
    approve(walk, browser)

    walk.go("/accounts/me/")  # the log-in under the old role has ended
    walk.log_in("ada@example.org")
    walk.reads("Second step")
    walk.fill(Code=recovery_code)
    walk.press("Log in")
    walk.reads("Researcher")
    walk.go("/accounts/sessions/")
    walk.go("/accounts/me/delete/")
    walk.fill(Password=PASSWORD)
    page.get_by_label("Permanently delete my account").check()
    walk.press("Delete account")
    expect(page.get_by_role("status").first).to_contain_text("Your account was deleted")
    assert not User.objects.filter(username="ada").exists()


def approve(walk: Walk, browser) -> None:
    """A moderator, in another browser, grants what waits."""
    moderator = person("mo", role="moderator")
    moderator.set_password(PASSWORD)
    moderator.save()
    page = browser.new_page(viewport=walk.page.viewport_size)
    theirs = Walk(page, walk.home, walk.axe)
    theirs.go("/accounts/login/?next=/moderation/requests/")
    theirs.log_in("mo@example.org")
    page.get_by_role("link", name="Ada Lovelace").click()
    theirs.look()
    page.get_by_label("Approve").check()
    theirs.fill(Note="Welcome aboard")
    theirs.press("Send decision")
    theirs.reads("Approved")
    page.close()
    assert "Welcome aboard" in mail.outbox[-1].body


def test_without_javascript_people_sign_up_and_log_in(browser, portal, axe):
    person("ada")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal}/accounts/login/?next=/accounts/me/")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    page.get_by_label("Email address").fill("ada@example.org")
    page.get_by_label("Password").fill("an anemone under the pier")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ada")
    page.locator(".account-menu summary").click()
    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    context.close()


def test_a_passkey_is_added_and_then_logs_in_without_a_password(page, portal):
    person("ada")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY_IN_THE_DEVICE})
    walk = Walk(page, portal, lambda _, without: [])
    walk.go("/accounts/login/?next=/accounts/2fa/")
    page.get_by_label("Email address").fill("ada@example.org")
    page.get_by_label("Password").fill("an anemone under the pier")
    walk.press("Log in")
    page.get_by_role("link", name="Add key").click()
    page.get_by_label("Password").fill("an anemone under the pier")
    walk.press("Confirm")
    page.get_by_label("Passwordless").check()
    walk.press("Add")
    page.context.clear_cookies()
    walk.go("/accounts/login/?next=/accounts/me/")
    walk.press("Log in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("ada")
