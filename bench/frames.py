"""Measure the frame rate of a phone-sized map while it is dragged back and forth.

It uses the system's Chromium, and the portal must already be running:

python bench/frames.py http://localhost:8000/?map=3/40/0
"""

import shutil
import sys
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Page, ViewportSize, sync_playwright

PHONE: ViewportSize = {"width": 390, "height": 844}
WATCH = """(name) => {
    const times = window[name] = [];
    const tick = (time) => { times.push(time); if (window[name]) requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""
STOP = "(name) => { const times = window[name]; window[name] = null; return times; }"


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000/?map=3/40/0"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_context(viewport=PHONE, device_scale_factor=2).new_page()
        page.goto(address)
        page.get_by_text("in this view").wait_for()
        report(page, "still", lambda: page.wait_for_timeout(2_000))
        report(page, "panning", lambda: drag(page))
        browser.close()


def drag(page: Page) -> None:
    box = page.get_by_role("application").bounding_box() or {
        "x": 0,
        "y": 0,
        "width": 0,
        "height": 0,
    }
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(150):
        page.mouse.move(x + (step % 60 - 30) * 4, y + (step % 30) * 3)
        page.wait_for_timeout(12)
    page.mouse.up()


def report(page: Page, name: str, act: Callable[[], None]) -> None:
    page.evaluate(WATCH, name)
    act()
    times = page.evaluate(STOP, name)
    gaps = sorted(after - before for before, after in pairwise(times))
    share = [gaps[int(len(gaps) * part)] for part in (0.5, 0.95)]
    print(f"{name}: {1_000 * len(gaps) / sum(gaps):.0f} frames a second; p50 {share[0]:.1f},"
          f" p95 {share[1]:.1f}, longest {gaps[-1]:.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
