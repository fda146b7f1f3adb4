"""A real browser against the running portal: which one, what it may do, and what every test
forbids.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from species.models import DataVersion

# Playwright's event loop runs in the tests' thread, where Django otherwise refuses to touch the
# database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# As many browsers run as processors, so what comes within a second alone may take several here.
expect.set_options(timeout=20_000)
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
SERIOUS = """(await axe.run({ resultTypes: ["violations"], preload: false, rules })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`))"""
AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium where there is one, otherwise Playwright's own."""
    found = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    executable = {"executable_path": found} if found else {}
    return browser_type_launch_args | executable | {"args": QUIET + sandbox}


@pytest.fixture
def portal(live_server, transactional_db) -> str:
    """The address of the running portal, its data version in place (the tests' flush takes it
    away).
    """
    DataVersion.objects.get_or_create(pk=1)
    return live_server.url


class Watch:
    """What a page did that no page may do: foreign requests, refused ones, script errors, breaches
    of the policy.
    """

    def __init__(self, page: Page, home: str) -> None:
        self.faults: list[str] = []
        self.home = urlsplit(home).netloc
        self.forgiven: tuple[str, ...] = ()
        page.on("request", lambda request: self.check_address(request.url))
        page.on(
            "console", lambda message: message.type == "error" and self.faults.append(message.text)
        )
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def check_address(self, address: str) -> None:
        if urlsplit(address).netloc not in {self.home, ""}:
            self.faults.append(f"asked {address}")

    def forgive(self, *parts: str) -> None:
        """Errors with these words are what the test is about."""
        self.forgiven = parts

    def unforgiven(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.forgiven)]


@pytest.fixture
def watch(page: Page, portal: str) -> Iterator[Watch]:
    """Every test that uses the page ends without a fault in it."""
    watch = Watch(page, portal)
    yield watch
    assert watch.unforgiven() == []


@pytest.fixture
def axe():
    """Serious and critical findings of axe-core on the page, as readable lines."""
    source = AXE.read_text()

    def findings(page: Page, *, without: str = "") -> list[str]:
        rules = {without: {"enabled": False}} if without else {}
        return page.evaluate(f"async (rules) => {{ {source}; return {SERIOUS}; }}", rules)

    return findings
