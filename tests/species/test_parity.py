"""The proof that count, tiles, lists and exports agree record for record, whatever is held and whatever is asked."""

import gzip
import math
from random import Random
from urllib.parse import urlencode

import mapbox_vector_tile
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from species.atlas.tile import not_drawable
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.models.grid import MAX_LATITUDE
from tests.species.generating import World, selection_of

pytestmark = pytest.mark.django_db

ZOOMS = (0, 1, 2, 5, 9, 14)
DECODED = (0, 9, 14)  # zooms at which what is drawn is counted too


@pytest.fixture
def world():
    return World()


def test_every_way_to_an_answer_tells_the_same_records(client, world):
    counts = []

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 1 << 32), size=st.integers(0, 200))
    def prove(seed, size):
        random = Random(seed)
        with transaction.atomic():
            sites = world.fill(random, size)
            counts.append(check(client, selection_of(random, world.datasets), sites, random.choice([7, 50, 1_000])))
            transaction.set_rollback(True)

    prove()
    assert sum(count > 1 for count in counts) >= 10  # of nothing every answer is the same


def check(client, query, sites, page_size):
    """One question, answered in every way; answers how many records there are."""
    rows = CuratedObservation.objects.published().matching(ObservationFilter.from_query(query))
    keys = sorted(str(key) for key in rows.values_list("key", flat=True))
    count = len(keys)
    assert rows.count_up_to(10_000).number == count
    assert sorted(listed(rows, page_size)) == keys
    assert sorted(exported(client, query, page_size)) == keys
    poleward = not_drawable(rows).count()
    for zoom in ZOOMS:
        assert drawn(client, query, sites, zoom) + poleward == count, f"zoom {zoom}"
    return count


def listed(rows, size):
    """The keys of the list, page by page to its end."""
    page = rows.page(size=size)
    yield from (str(row.key) for row in page.rows)
    while page.next:
        page = rows.page(page.next, size)
        yield from (str(row.key) for row in page.rows)


def exported(client, query, limit):
    """The keys of the GeoJSON, page by page to its end."""
    address = f"/api/v1/observations/?{urlencode({**query, 'limit': limit})}"
    while address:
        body = client.get(address).json()
        yield from (feature["id"] for feature in body["features"])
        address = body["next"]


def drawn(client, query, sites, zoom):
    """The records of all tiles that any site is in or touches."""
    total = 0
    for x, y in {tile for site in sites for tile in tiles_at(*site, zoom)}:
        response = client.get(f"/tiles/observations/{zoom}/{x}/{y}.mvt?{urlencode(query)}")
        assert response.status_code in {200, 204}
        assert response.headers["X-Observations-Shown"] == response.headers["X-Observations-Total"]
        of_tile = int(response.headers["X-Observations-Total"])
        if zoom in DECODED:
            assert number_in(response) == of_tile
        total += of_tile
    return total


def number_in(response):
    """How many records the cells and points of a tile show."""
    body = response.content
    body = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
    layers = mapbox_vector_tile.decode(body) if body else {}
    features = {name: layer["features"] for name, layer in layers.items()}
    cells = [cell["properties"]["n"] for cell in features.get("cells", [])]
    return sum(cells) + len(features.get("points", []))


def tiles_at(longitude, latitude, zoom):
    """The tile of a place and, where it lies on or beside a border, the neighbours too; none poleward of the map."""
    if abs(latitude) > MAX_LATITUDE + 1e-6:
        return set()
    size, hair = 1 << zoom, 1e-6
    inside = max(-MAX_LATITUDE, min(MAX_LATITUDE, latitude))
    column = (longitude + 180) / 360 * size
    row = (0.5 - math.asinh(math.tan(math.radians(inside))) / math.tau) * size
    columns = {int(column + step) % size for step in (-hair, hair)} | {math.floor(column - hair) % size}
    rows = {min(max(math.floor(row + step), 0), size - 1) for step in (-hair, hair)}
    return {(x, y) for x in columns for y in rows}
