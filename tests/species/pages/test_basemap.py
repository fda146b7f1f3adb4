"""Which basemap a page's map is given: the portal's own, or the tiles that the operator has chosen."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings as project

from tests.markup import squeezed

pytestmark = pytest.mark.django_db
TILES = "https://tiles.example.org/{z}/{x}/{y}.png"


def test_the_portals_own_basemap_is_all_there(client):
    folder = re.search(r'data-land="/static/([^"]+)/"', client.get("/").content.decode())[1]
    found = Path(project.BASE_DIR, "static", folder)
    land = json.loads((found / "land.json").read_text())
    for level, digits in land["levels"].items():
        side = 1 << int(level)
        files = {
            f"{level}/{at % side}/{at // side}.mvt"
            for at, digit in enumerate(digits)
            if digit == "2"
        }
        assert len(digits) == side * side
        assert files == {str(path.relative_to(found)) for path in (found / level).rglob("*.mvt")}


def test_other_tiles_take_its_place_where_the_operator_says_so(client, settings):
    assert "data-basemap-tiles" not in client.get("/").content.decode()
    settings.BASEMAP_TILE_URL, settings.BASEMAP_ATTRIBUTION = TILES, "Somebody <b>"
    page = squeezed(client.get("/").content.decode())
    assert f'data-basemap-tiles="{TILES}" data-basemap-attribution="Somebody &lt;b&gt;"' in page
