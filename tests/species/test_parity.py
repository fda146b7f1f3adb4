"""The proof that count, tiles, lists, exports and charts agree, whatever is held and whatever is
asked.
"""

import csv
import gzip
import io
import math
import re
from random import Random
from urllib.parse import urlencode

import mapbox_vector_tile
import orjson
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from species.atlas.grid import not_drawable
from species.atlas.planner import plan_query
from species.atlas.results import Route
from species.density.compaction import compact_densities
from species.density.rebuild import rebuild
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.models.grid import MAX_LATITUDE
from tests.species.generating import World, selection_of

pytestmark = pytest.mark.django_db

ZOOMS = (0, 1, 2, 5, 9, 14)


@pytest.fixture
def world(settings):
    """Thresholds so low that a few records are many."""
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND = 12, 10_000
    return World()


@pytest.mark.long
def test_every_way_to_an_answer_tells_the_same_records(client, world):
    counts = []

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 1 << 32), size=st.integers(0, 200))
    def prove(seed, size):
        random = Random(seed)
        with transaction.atomic():
            sites = world.fill(random, size)
            question = Question(client, selection_of(random, world.datasets), sites)
            counts.append(question.check(page_size=random.choice([25, 1_000])))
            question.check_bars(random)
            transaction.set_rollback(True)

    prove()
    assert sum(count > 1 for count in counts) >= 5  # of nothing every answer is the same


def test_every_route_is_taken_and_tells_the_same_records(client, world):
    random = Random(7)
    sites = world.fill(random, 200)

    def routes_of(query):
        question = Question(client, query, sites)
        assert question.check(page_size=1_000)
        question.check_bars(random)
        return question.routes

    rebuild()
    assert routes_of({}) == {Route.PACKED}
    row = (
        CuratedObservation.objects.published()
        .filter(grid_row__isnull=False)
        .select_related("dataset")
        .first()
    )
    world.withdraw(row.dataset, [row.key])
    assert Route.DELTA in routes_of({})
    assert routes_of({"flag": "NO_DEPTH"}) == {Route.RAW}
    # ends within a band
    assert routes_of({"taxon": "4", "depth": "0,3999"}) >= {Route.RAW, Route.SINGLE}
    compact_densities()
    assert routes_of({}) == {Route.PACKED}


class Question:
    """One selection, answered in every way; notes by which routes its tiles were drawn."""

    def __init__(self, client, query, sites):
        self.client, self.query, self.sites, self.routes = client, query, sites, set()
        self.selection = ObservationFilter.from_query(query)
        self.rows = self.selection.apply(CuratedObservation.objects.published())

    def check(self, page_size):
        """Answers how many records there are."""
        keys = sorted(str(key) for key in self.rows.values_list("key", flat=True))
        count = len(keys)
        assert self.rows.count_up_to(10_000).number == count
        assert sorted(self.listed(page_size)) == keys
        printed = {feature["id"]: feature for feature in self.printed(page_size)}
        assert sorted(printed) == keys
        lines = [orjson.loads(line) for line in self.filed("ndjson", page_size * 4).splitlines()]
        assert lines == list(printed.values())
        assert [
            row["id"] for row in csv.DictReader(io.StringIO(self.filed("csv", page_size * 4)))
        ] == list(printed)
        poleward = not_drawable(self.rows).count()
        for zoom in ZOOMS:
            assert self.drawn(zoom) + poleward == count, f"{self.query} at zoom {zoom}"
        return count

    def check_bars(self, random):
        """Bars and buckets are the count, as the table and its buckets are; each is what its own
        filter finds.
        """
        told = plan_query(self.selection).summary()
        number = self.rows.count()
        assert told.is_exact
        assert plan_query(self.selection).count().number == told.count.number == number
        assert told.not_drawn.number == not_drawable(self.rows).count()
        assert sum(year.number for year in told.years) == number
        table, buckets = told.matrix.cells, told.matrix.buckets
        assert sum(map(sum, table)) + sum(bucket.number for bucket in buckets) == number
        bars = [bar for bar in told.years if bar.key]
        if bars and not self.query.keys() & {"from", "to", "dateMatch"}:
            bar = random.choice(bars)
            assert self.counted(**{"from": bar.key.zfill(4), "to": bar.key.zfill(4)}) == bar.number
        if not self.query.keys() & {"months", "depth", "dateMatch", "depthMatch"}:
            row, month = random.randrange(len(table)), random.randrange(12)
            months, depth = told.matrix.months[month].key, told.matrix.bands[row].key
            assert self.counted(months=months, depth=depth) == table[row][month]

    def counted(self, **more):
        """How many there are of a narrower question."""
        selection = ObservationFilter.from_query({**self.query, **more})
        number = selection.apply(CuratedObservation.objects.published()).count()
        assert plan_query(selection).count().number == number
        return number

    def listed(self, size):
        """The keys of the list, page by page to its end."""
        page = self.rows.page(size=size)
        yield from (str(row.key) for row in page.rows)
        while page.next:
            page = self.rows.page(page.next, size)
            yield from (str(row.key) for row in page.rows)

    def printed(self, limit):
        """The features of the GeoJSON, page by page to its end."""
        address = f"/api/v1/observations/?{urlencode({**self.query, 'limit': limit})}"
        while address:
            body = self.client.get(address).json()
            yield from body["features"]
            address = body["next"]

    def filed(self, form, limit):
        """The text of all files, one after the other, with one head."""
        address = (
            f"/api/v1/observations/?{urlencode({**self.query, 'limit': limit, 'format': form})}"
        )
        text = ""
        while address:
            response = self.client.get(address)
            part = b"".join(response.streaming_content).decode()
            text += part if form == "ndjson" or not text else part.partition("\r\n")[2]
            following = re.match(r'<([^>]+)>; rel="next"', response.headers["Link"])
            address = following and following[1]
        return text

    def drawn(self, zoom):
        """The records of all tiles that any site is in or touches."""
        tiles = {tile for site in self.sites for tile in tiles_at(*site, zoom)}
        return sum(self.in_tile(zoom, x, y) for x, y in tiles)

    def in_tile(self, zoom, x, y):
        response = self.client.get(
            f"/tiles/observations/{zoom}/{x}/{y}.mvt?{urlencode(self.query)}"
        )
        assert response.status_code in {200, 204}
        headers = {
            name: int(response.headers[f"X-Observations-{name}"])
            for name in ("Total", "Shown", "Sampled")
        }
        assert headers["Shown"] == headers["Total"]
        assert not headers["Sampled"]
        if response.content:
            layers = decoded(response)
            cells = sum(cell["properties"]["n"] for cell in layers.get("cells", []))
            assert cells + len(layers.get("points", [])) == headers["Total"]
            self.routes.add(layers["meta"][0]["properties"]["route"])
        return headers["Total"]


def decoded(response):
    """The features of each layer of a tile."""
    body = response.content
    body = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
    return {name: layer["features"] for name, layer in mapbox_vector_tile.decode(body).items()}


def tiles_at(longitude, latitude, zoom):
    """The tile of a place and, where it lies on or beside a border, the neighbours too; none
    poleward of the map.
    """
    if abs(latitude) > MAX_LATITUDE + 1e-6:
        return set()
    size, hair = 1 << zoom, 1e-6
    inside = max(-MAX_LATITUDE, min(MAX_LATITUDE, latitude))
    column = (longitude + 180) / 360 * size
    row = (0.5 - math.asinh(math.tan(math.radians(inside))) / math.tau) * size
    columns = {int(column + step) % size for step in (-hair, hair)} | {
        math.floor(column - hair) % size
    }
    rows = {min(max(math.floor(row + step), 0), size - 1) for step in (-hair, hair)}
    return {(x, y) for x in columns for y in rows}
