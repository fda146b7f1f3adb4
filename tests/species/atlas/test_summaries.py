"""Summaries say of any selection and view what its records say one by one, whichever way they were
found.
"""

from collections import Counter
from math import asinh, inf, pi, radians, tan
from random import Random
from uuid import UUID

import mapbox_vector_tile
import pytest
from django.db import transaction

from species.atlas.extents import rounded_area
from species.atlas.grid import Window
from species.atlas.planner import plan_query
from species.atlas.results import Route
from species.density.rebuild import rebuild
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.models.grid import GRID_SIZE
from species.ranges import Bbox
from tests.species.generating import World, selection_of

pytestmark = pytest.mark.django_db

VIEWS = [
    None,
    None,
    Bbox(-10, 40, 30, 60),
    Bbox(7, 54, 8, 55),
    Bbox(170, -30, -170, 30),
    Bbox(-180, -90, 180, 90),
]
SPECIES = {4, 5, 6}


@pytest.fixture
def world(settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND = 12, 10_000
    return World()


@pytest.mark.long
def test_a_summary_says_what_the_records_say(world):
    routes = Counter()
    for seed in range(30):
        random = Random(seed)
        with transaction.atomic():
            sites = world.fill(random, 5 * seed)
            if seed % 3:  # densities without layers, and with
                rebuild()
            if seed % 3 == 2:
                key = UUID(int=random.getrandbits(128))
                world.publish([world.record(random, key, world.datasets[0], sites)])
            selection = ObservationFilter.from_query(selection_of(random, world.datasets))
            told = plan_query(selection).summary(random.choice(VIEWS))
            compare(told, selection)
            routes.update(told.bases.values())
            transaction.set_rollback(True)
    assert routes.keys() >= {Route.PACKED, Route.DELTA, Route.RAW}


def test_a_view_counts_what_the_squares_of_the_map_add_up_to(world):
    world.fill(Random(4), 120)
    found = 0
    for view in (
        Bbox(-10.3, 40.1, 30.7, 60.2),
        Bbox(7.3, 54.05, 8.2, 55.1),
        Bbox(170, -30, -170, 30),
    ):
        told, area = plan_query(ObservationFilter()).summary(view), rounded_area(view)
        drawn = (square for tile in area.tiles(area.z) for square in squares(tile))
        assert told.count.number == sum(n for box, n in drawn if within(box, told.shown_box))
        found += told.count.number
    assert found


def test_a_view_of_whole_cells_is_shown_as_it_is(world):
    for z, column, row in ((4, 530, 300), (10, 40_000, 22_000), (16, 2_500_000, 1_300_000)):
        size = GRID_SIZE >> (z + 6)
        window = Window(column * size, row * size, (column + 150) * size, (row + 90) * size)
        written = Bbox(*(round(edge, 6) for edge in window.bbox))
        assert rounded_area(written).windows == (window,)


def test_a_view_with_too_much_at_its_edges_is_rounded_out_to_tiles(world, settings):
    world.publish(
        [world.record(Random(n), UUID(int=n), world.datasets[0], [(7.9, 54.2)]) for n in range(60)]
    )
    rebuild()
    number = CuratedObservation.objects.published().count()
    view = Bbox(7.8999, 54.1999, 7.9001, 54.2001)  # a part of a tile of the deepest stored zoom
    fine = plan_query(ObservationFilter()).summary(view)
    settings.RAW_ROW_BOUND = 40
    rounded = plan_query(ObservationFilter()).summary(view)
    assert (
        (fine.count.number, fine.is_exact)
        == (rounded.count.number, rounded.is_exact)
        == (number, True)
    )
    width, wide = (box.east - box.west for box in (fine.shown_box, rounded.shown_box))
    assert width < 0.0003 < 0.005 < wide


def squares(tile):
    """(box, records) of each square that is drawn of a tile."""
    body = plan_query(ObservationFilter()).tile(*tile).body
    layers = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}
    for cell in layers.get("cells", {"features": []})["features"]:
        x, y = (int(at) * 64 // 4096 for at in cell["geometry"]["coordinates"])
        size = GRID_SIZE >> (tile.z + 6)
        left, top = (tile.x * 64 + x) * size, (tile.y * 64 + y) * size
        yield Window(left, top, left + size, top + size).bbox, cell["properties"]["n"]


def within(box, other):
    middle = (box.west + box.east) / 2
    across = (
        other.west < middle < other.east
        if other.west < other.east
        else not other.east < middle < other.west
    )
    return across and other.south < (box.south + box.north) / 2 < other.north


def compare(told, selection):
    """Each part of a summary, counted again record by record."""
    everywhere = list(selection.apply(CuratedObservation.objects.published()))
    rows = [row for row in everywhere if told.shown_box is None or shows(told.shown_box, row)]
    assert told.is_exact
    assert told.count.number == len(rows)
    assert plan_query(selection).count().number == len(everywhere)
    assert told.not_drawn.number == sum(row.grid_row is None for row in everywhere)
    assert sum(bar.number for bar in told.years) == len(rows)
    within_a_year = Counter(
        str(r.date_start.year)
        for r in rows
        if r.date_start and r.date_start.year == r.date_end.year
    )
    assert {bar.key: bar.number for bar in told.years if bar.key} == within_a_year
    undated = sum(row.date_start is None for row in rows)
    assert {bar.label: bar.number for bar in told.years}["no date"] == undated
    matrix = told.matrix
    assert sum(map(sum, matrix.cells)) + sum(bucket.number for bucket in matrix.buckets) == len(
        rows
    )
    cells = {
        (band.key, month.key): number
        for band, numbers in zip(matrix.bands, matrix.cells, strict=True)
        for month, number in zip(matrix.months, numbers, strict=True)
        if number
    }
    assert cells == Counter(cell for row in rows if all(cell := (band_of(row), month_of(row))))
    species = Counter(row.taxon_id for row in rows if row.taxon_id in SPECIES)
    assert {taxon.pk: number for taxon, number in told.top_species} == species
    assert (told.richness.species, told.richness.records) == (len(species), species.total())
    assert {dataset.pk: number for dataset, number in told.top_datasets} == Counter(
        row.dataset_id for row in rows
    )
    for cell in told.densest_cells:
        assert cell.number == sum(shows(cell.bbox, row) for row in rows)


def shows(box, row):
    """Whether the row lies in a box of whole cells, which is half-open."""
    if row.grid_row is None:
        return False
    left, right = (round((edge + 180) / 360 * GRID_SIZE) for edge in (box.west, box.east))
    top, bottom = (
        round((0.5 - asinh(tan(radians(edge))) / (2 * pi)) * GRID_SIZE)
        for edge in (box.north, box.south)
    )
    column = row.grid_column
    across = left <= column < right if left < right else column >= left or column < right
    return across and top <= row.grid_row < bottom


def month_of(row):
    """The value of `months` that asks for all that its date can mean, if one does."""
    if row.date_start is None or (row.date_start.year, row.date_start.month) != (
        row.date_end.year,
        row.date_end.month,
    ):
        return ""
    return str(row.date_start.month)


def band_of(row):
    """The value of `depth` of the band that it lies in, if it lies in one."""
    depths = [
        d for d in (row.minimum_depth_in_meters, row.maximum_depth_in_meters) if d is not None
    ]
    if not depths:
        return "unknown"
    keys = {",<0": (-inf, 0), "0,<10": (0, 10), "10,<50": (10, 50), "50,<200": (50, 200), "200,<1000": (200, 1_000),
            "1000,<4000": (1_000, 4_000), "4000,": (4_000, inf)}  # fmt: skip
    return next(
        (key for key, (low, high) in keys.items() if all(low <= d < high for d in depths)), ""
    )
