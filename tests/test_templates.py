"""How templates are written: internal addresses come from the URL configuration."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[1] / "templates"
ATTRIBUTE = r"(?:href|src|action|formaction|hx-[a-z]+|data-[a-z-]+)"
BY_HAND = re.compile(rf"{ATTRIBUTE}=[\"'](?:/(?!/)|\{{\{{ home \}}\}}[^\"'])")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_internal_addresses_are_reversed(path):
    assert BY_HAND.findall(path.read_text()) == []


@pytest.mark.parametrize("written", ['<a href="/data/">', "<x data-tiles='{{ home }}tiles/'>"])
def test_an_address_written_by_hand_is_found(written):
    assert BY_HAND.search(written)
