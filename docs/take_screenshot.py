"""Take the picture of the README, docs/map.png, from a portal with the demonstration data.

While `make run` serves it: .venv/bin/python docs/take_screenshot.py http://localhost:8000
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PLACE = "?map=3/35/-20"
PICTURE = Path(__file__).with_name("map.png")


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        page = browser.new_page(viewport={"width": 1440, "height": 1080})
        page.goto(f"{address}/{PLACE}", wait_until="networkidle")
        page.wait_for_timeout(1_000)  # tiles fade in
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
