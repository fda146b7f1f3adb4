"""No text from outside ends the process or keeps it busy: limits hold before any parser of geometry
reads on.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from species.areas import Area, area_of, read_area
from species.areas.limits import MAX_DEPTH, TooComplex, check_crossings, cross
from tests.species import hostile

ROOT = Path(__file__).parents[3]
READ = """
import sys, django
django.setup()
from species.areas import read_uploaded
for text in eval(sys.stdin.read()):
    try:
        print(read_uploaded(text.encode()), flush=True)
    except ValueError as refusal:
        print(refusal, flush=True)
"""


def test_a_deeply_nested_upload_is_refused_and_the_process_lives_on():
    texts = {
        "GEOMETRYCOLLECTION(" * 30_000: "30 levels deep",
        "GEOMETRYCOLLECTION(" * 90_000 + "POLYGON EMPTY" + ")" * 90_000: "30 levels deep",
        "SRID=4326;" + "GEOMETRYCOLLECTION Z (" * 30_000: "30 levels deep",
        "MULTISURFACE(CURVEPOLYGON(COMPOUNDCURVE(" * 30_000: "neither GeoJSON nor WKT",
        "GEOMETRYCOLLECTION(MULTICURVE(" * 30_000: "neither GeoJSON nor WKT",
        '{"type":"GeometryCollection","geometries":[' * 40_000: "30 levels deep",
        "[" * 1_900_000: "30 levels deep",
        '{"a":' * 300_000: "30 levels deep",
    }
    read = [sys.executable, "-c", READ]
    done = subprocess.run(read, cwd=ROOT, input=repr([*texts]), capture_output=True, text=True)
    told = done.stdout.splitlines()
    assert (done.returncode, len(told)) == (0, len(texts)), done.stderr[-2_000:]
    assert all(reason in line for reason, line in zip(texts.values(), told, strict=True))


def deepest(text):
    """The deepest brackets outside strings."""
    depth = most = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        most = max(most, depth)
    return most


def test_brackets_within_strings_are_no_nesting():
    area = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    told = {"note": "[" * 50 + '"\\' + "{" * 50}
    text = json.dumps({"type": "Feature", "properties": told, "geometry": area})
    assert area_of(text) == area_of(json.dumps(area))
    assert deepest(text) > MAX_DEPTH


def multipolygon(*rings):
    return json.dumps({"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]})


def slivers(number, length=75.0, at=0.0):
    """Slanted strips, half of them along and half of them across, so that each of one half crosses
    all of the other.
    """
    step = 2 * length / number
    starts = [step * n - length for n in range(number)]
    along = [
        [
            [at - length, y],
            [at + length, y + step / 9],
            [at + length, y + step / 3],
            [at - length, y],
        ]
        for y in starts
    ]
    return along + [[[at + y, x - at] for x, y in ring] for ring in along]


def comb(teeth, is_turned):
    """One polygon with many long teeth."""
    step = 80 / teeth
    tooth = [(0, 1), (0, 70), (step / 2, 70), (step / 2, 1)]
    ring = [
        (0.0, 0.0),
        *((x + step * n, y) for n in range(teeth) for x, y in tooth),
        (80.0, 0.0),
        (0.0, 0.0),
    ]
    return [[y, x] if is_turned else [x, y] for x, y in ring]


def zigzag(teeth):
    """One valid polygon whose edges cross nothing, but lie side by side, so that all their boxes
    overlap.
    """
    step = 80 / teeth
    tooth = [(0.0, 0.0), (40.0, 40.0), (40 + step / 3, 40.0), (step / 3, 0.0)]
    ring = [
        (-1.0, -1.0),
        *((x + step * n, y) for n in range(teeth) for x, y in tooth),
        (90.0, -1.0),
        (-1.0, -1.0),
    ]
    return [[round(x, 6), round(y, 6)] for x, y in ring]


@pytest.mark.parametrize(
    "rings",
    [
        pytest.param(slivers(120), id="slivers"),
        pytest.param([comb(2_400, False), comb(2_400, True)], id="two combs"),
        pytest.param([zigzag(4_900)], id="a zigzag"),
        pytest.param(
            slivers(120, 10, at=-180)[:120] + slivers(120, 10, at=180)[120:],
            id="across the antimeridian",
        ),
        pytest.param(
            [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]] * 4_000, id="one square over and over"
        ),
    ],
)
def test_what_would_take_too_long_to_join_is_refused_before_it_is_joined(rings, monkeypatch):
    monkeypatch.setattr(shapely, "union_all", lambda *args: pytest.fail("joined"))
    with pytest.raises(TooComplex, match="overlap too much"):
        area_of(multipolygon(*rings))


def test_an_area_that_has_too_many_points_only_once_it_is_joined_is_refused():
    with pytest.raises(TooComplex, match="at most 20,000 points, but this one has 20,"):
        area_of(multipolygon(*slivers(70)))


def test_an_address_of_a_few_kilobytes_is_refused_before_it_costs_a_union(monkeypatch):
    rings = [[[round(x, 1), round(y, 1)] for x, y in ring] for ring in slivers(40)]
    text = multipolygon(*rings)
    assert len(text) < 7_000
    monkeypatch.setattr(shapely, "union_all", lambda *args: pytest.fail("joined"))
    with pytest.raises(TooComplex, match="overlap too much"):
        read_area(text)


def test_an_address_may_hold_more_points_than_remain_when_its_parts_are_joined():
    squares = [[[-n, -n], [n, -n], [n, n], [-n, n], [-n, -n]] for n in range(1, 61)]
    assert read_area(multipolygon(*squares)).fits_into_address
    with pytest.raises(ValueError, match="at most 150 points, but this one has 2,000"):
        read_area(
            multipolygon(*([[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]] * 500)).replace(" ", "")
        )


def test_grids_and_files_with_many_islands_are_read_as_before():
    grid = [
        [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        for x in range(70)
        for y in range(70)
    ]
    assert area_of(multipolygon(*grid)).bbox == (0, 0, 70, 70)
    islands = [[[x, y], [x + 0.5, y], [x, y + 0.5], [x, y]] for x in range(70) for y in range(70)]
    assert area_of(multipolygon(*islands)).vertices == 3 * 4_900
    with pytest.raises(TooComplex, match="5,000 parts"):
        area_of(
            multipolygon(
                *(
                    islands
                    + [[[-x, y], [0.5 - x, y], [-x, y + 0.5], [-x, y]] for x, y in [(2, 0)] * 101]
                )
            )
        )


INTEGERS = st.integers(-5, 5)
EDGE = st.tuples(INTEGERS, INTEGERS, INTEGERS, INTEGERS).filter(lambda edge: edge[:2] != edge[2:])


@settings(max_examples=300, deadline=None)
@given(EDGE, EDGE)
def test_edges_cross_where_geos_says_that_they_do(one, other):
    lines = [shapely.LineString([edge[:2], edge[2:]]) for edge in (one, other)]
    touches = any(
        shapely.intersects(lines[1 - n], shapely.Point(end))
        for n in (0, 1)
        for end in lines[n].coords
    )
    expected = lines[0].crosses(lines[1]) and not touches
    assert cross(np.array([one]), np.array([other])).tolist() == [expected]


def test_all_pairs_of_edges_are_counted_however_many_are_looked_at_at_once():
    rings = [[(x, y) for x, y in ring] for ring in slivers(30)]
    lines = [shapely.LineString(ring[n : n + 2]) for ring in rings for n in range(len(ring) - 1)]
    crossings = sum(
        bool(
            cross(
                np.array([(*a.coords[0], *a.coords[1])]), np.array([(*b.coords[0], *b.coords[1])])
            )[0]
        )
        for n, a in enumerate(lines)
        for b in lines[:n]
    )
    check_crossings(rings, crossings)
    with pytest.raises(TooComplex):
        check_crossings(rings, crossings - 1)


@settings(max_examples=400, deadline=None)
@given(st.one_of(hostile.geojson(), hostile.wkt()))
def test_any_text_is_an_area_or_refused_with_a_sentence(text):
    try:
        area = area_of(text)
    except ValueError as refusal:
        assert type(refusal) in (ValueError, TooComplex)
        assert str(refusal).endswith(".")
    else:
        assert area.geometry.is_valid
        assert area_of(area.wkt) == Area(area.wkt) == area
