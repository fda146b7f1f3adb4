"""Areas: read from GeoJSON and WKT, canonical, and refused with a reason people can act on."""

import json
import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from species.areas import Area, area_of, boxes_around, read_area, read_uploaded
from species.ranges import Circle


def polygon(*rings):
    return json.dumps({"type": "Polygon", "coordinates": rings})


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def reason(text):
    with pytest.raises(ValueError) as caught:
        area_of(text)
    assert str(caught.value).endswith(".")
    return str(caught.value)


SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"


@pytest.mark.parametrize(
    "text",
    [
        SQUARE,
        "polygon z((0 0 5,0 10 5,10 10 5,10 0 5,0 0 5))",
        "MULTIPOLYGON(((10 10,0 10,0 0,10 0,10 10)))",
        polygon(box(0, 0, 10, 10)),
        polygon([[0, 0, 7], [10, 0, 7], [10, 10, 7], [0.00000001, 10, 7], [0, 0, 7]]),
        polygon(box(360, 0, 370, 10)),
        polygon(box(-360, 0, -350, 10)),
        json.dumps(
            {
                "type": "Feature",
                "properties": None,
                "geometry": json.loads(polygon(box(0, 0, 10, 10))),
            }
        ),
        f"SRID=4326;{SQUARE}",
        f"srid=4326; {SQUARE}",
        f"GEOMETRYCOLLECTION(POLYGON EMPTY,GEOMETRYCOLLECTION({SQUARE}))",
        json.dumps(
            {
                "type": "GeometryCollection",
                "geometries": [None, json.loads(polygon(box(0, 0, 10, 10)))],
            }
        ),
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "geometry": None},
                    {"type": "Feature", "geometry": json.loads(polygon(box(0, 0, 10, 10)))},
                ],
            }
        ),
    ],
)
def test_the_same_area_has_one_text_however_it_is_written(text):
    assert area_of(text) == area_of(SQUARE)


def test_parts_that_overlap_and_features_of_a_collection_are_one_area():
    halves = [json.loads(polygon(box(0, 0, 10, 5))), json.loads(polygon(box(0, 4, 10, 10)))]
    features = [{"type": "Feature", "geometry": half} for half in halves]
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    collection = area_of(
        json.dumps({"type": "FeatureCollection", "crs": system, "features": features})
    )
    assert shapely.equals(collection.geometry, area_of(SQUARE).geometry)
    parts = [half["coordinates"] for half in halves]
    assert area_of(json.dumps({"type": "MultiPolygon", "coordinates": parts})) == collection


def test_outer_rings_come_out_anticlockwise_and_holes_clockwise():
    area = area_of(polygon(box(0, 0, 10, 10)[::-1], box(2, 2, 3, 3)))
    assert area.geometry.exterior.is_ccw
    assert not area.geometry.interiors[0].is_ccw
    assert area.vertices == 8


def test_a_ring_past_180_crosses_the_antimeridian_and_is_cut_there():
    area = area_of(polygon(box(170, -20, 190, 20)))
    assert area == area_of(polygon(box(-190, -20, -170, 20)))
    assert [part.bounds for part in area.geometry.geoms] == [
        (170, -20, 180, 20),
        (-180, -20, -170, 20),
    ]
    assert area.bbox == (170, -20, -170, 20)


def test_the_smallest_box_is_the_one_told():
    assert area_of(
        "MULTIPOLYGON(((-90 0,-80 0,-80 1,-90 0)),((100 5,110 5,110 6,100 5)))"
    ).bbox == (100, 0, -80, 6)
    assert area_of("MULTIPOLYGON(((-9 0,-8 0,-8 1,-9 0)),((10 5,11 5,11 6,10 5)))").bbox == (
        -9,
        0,
        11,
        6,
    )
    assert area_of(polygon(box(-180, -90, 180, 90))).bbox == (-180, -90, 180, 90)


def test_what_lies_on_the_antimeridian_is_known_under_both_its_names():
    assert area_of(SQUARE).seam == ""
    assert shapely.equals(
        shapely.from_wkt(area_of(polygon(box(170, 0, 180, 5))).seam),
        shapely.LineString([(-180, 0), (-180, 5)]),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "neither GeoJSON nor WKT"),
        ("x", "neither GeoJSON nor WKT"),
        ("POLYGON EMPTY", "empty"),
        ("POLYGON((0 0,1 1,1 0))", "must end at its first point"),
        ("POLYGON((0 0,nan 1,1 0,0 0))", "finite"),
        ("POINT(1 2)", "not POINT"),
        ("GEOMETRYCOLLECTION(POLYGON((0 0,1 1,1 0,0 0)),POINT(1 2))", "not POINT"),
        ("GEOMETRYCOLLECTION EMPTY", "empty"),
        ("CURVEPOLYGON((0 0,1 1,2 0,0 0))", "neither GeoJSON nor WKT"),
        ("SRID=3857;POLYGON((0 0,1 1,1 0,0 0))", "coordinate system"),
        ("SRID=4326", "neither GeoJSON nor WKT"),
        ("SRID=4326;SRID=4326;POLYGON((0 0,1 1,1 0,0 0))", "neither GeoJSON nor WKT"),
        ("POLYGON((0 0,1 1,1 0,0 0))\0", "neither GeoJSON nor WKT"),
        ("POLYGON((\N{ARABIC-INDIC DIGIT ONE} 0,1 1,1 0,0 0))", "neither GeoJSON nor WKT"),
        ("POLYGON((0 0,1 1,1 0,0 0))\ud800", "neither GeoJSON nor WKT"),
        ("0103000000010000000400000000000000", "neither GeoJSON nor WKT"),
        ("{", "not valid JSON"),
        ("[", "not valid JSON"),
        ("[" * 100_000, "more than 30 levels deep"),
        ('{"type":"Polygon","coordinates":[[[NaN,0],[1,0],[1,1],[NaN,0]]]}', "not valid JSON"),
        ("[]", "an object with a “type”"),
        ("{}", "not None"),
        ('{"type":"FeatureCollection","features":[]}', "empty"),
        ('{"type":"FeatureCollection","features":[5]}', "an object with a “type”"),
        ('{"type":"FeatureCollection","features":[null]}', "empty"),
        ('{"type":"FeatureCollection","features":{}}', "not FeatureCollection"),
        ('{"type":"Feature","geometry":null}', "empty"),
        ('{"type":"Feature","geometry":[]}', "an object with a “type”"),
        (
            '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}',
            "not Point",
        ),
        ('{"type":["Polygon"]}', "not None"),
        ('{"type":{"Polygon":1}}', "not None"),
        ('{"type":"Point","coordinates":[1,2]}', "not Point"),
        ('{"type":"Polygon"}', "empty"),
        ('{"type":"Polygon","coordinates":7}', "not nested"),
        ('{"type":"Polygon","coordinates":[[0,0],[1,1],[0,0]]}', "not nested"),
        ('{"type":"Polygon","coordinates":[[["0",0],[1,0],[1,1],["0",0]]]}', "not nested"),
        ('{"type":"Polygon","coordinates":[[[true,0],[1,0],[1,1],[true,0]]]}', "not nested"),
        ('{"type":"Polygon","coordinates":[[]]}', "three points"),
        ('{"type":"Polygon","coordinates":[[[]]]}', "not nested"),
        ('{"type":"Polygon","coordinates":[[[1],[2],[3],[1]]]}', "not nested"),
        ('{"type":"Polygon","coordinates":[[{"0":0}]]}', "not nested"),
        ('{"type":"Polygon","coordinates":{"0":0}}', "not nested"),
        (polygon([[0, 0], [1, 1], [0, 0]]), "three points"),
        (polygon([[0, 0], [1, 0], [1, 1], [0, 1]]), "must end at its first point"),
        (polygon([[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]), "crosses itself near 5, 5"),
        (polygon(box(0, 0, 10, 10), box(20, 20, 21, 21)), "Hole lies outside shell"),
        (polygon(box(0, 0, 1e-7, 1e-7)), "not valid"),
        (polygon(box(0, 80, 10, 100)), "over a pole"),
        (polygon(box(-179, 0, 179, 5)), "more than half the world"),
        (polygon([[170, 70], [-100, 70], [0, 70], [100, 70], [170, 70]]), "goes around a pole"),
        (polygon([[-180, 70], [-60, 70], [60, 70], [180, 70], [-180, 70]]), "crosses itself"),
        (polygon(box(-541, 0, -540, 5)), "Longitudes go"),
        (polygon(box(-200, 0, 200, 5)), "Longitudes go"),
        ('{"type":"Polygon","coordinates":[[[1e300,0],[1,0],[1,1],[1e300,0]]]}', "Longitudes go"),
        (
            '{"type":"Polygon","crs":{"properties":{"name":"EPSG:3857"}},"coordinates":[]}',
            "coordinate system",
        ),
        (
            '{"type":"Polygon","crs":{"properties":{"name":"EPSG:43260"}},"coordinates":[]}',
            "coordinate system",
        ),
        (
            '{"type":"Feature","geometry":{"type":"Polygon","crs":"EPSG:3857","coordinates":[]}}',
            "coordinate system",
        ),
        (
            '{"type":"Polygon","crs":' + "[" * 25 + "]" * 25 + ',"coordinates":[]}',
            "coordinate system",
        ),
        (
            '{"type":"Polygon","crs":' + "[" * 900 + "]" * 900 + ',"coordinates":[]}',
            "more than 30 levels deep",
        ),
        ('{"type":"Polygon","crs":[{"a":1}],"coordinates":[]}', "coordinate system"),
    ],
)
def test_what_is_no_area_is_refused_with_the_reason(text, told):
    assert told in reason(text)


def circle(points):
    ring = [
        [10 * math.cos(n * math.tau / points), 10 * math.sin(n * math.tau / points)]
        for n in range(points)
    ]
    return polygon([*ring, ring[0]])


def test_how_many_points_are_too_many_is_said():
    assert read_area(circle(150)).fits_into_address
    with pytest.raises(ValueError, match="at most 150 points, but this one has 151"):
        read_area(circle(151))
    assert read_uploaded(circle(20_000).encode()).vertices == 20_000
    with pytest.raises(ValueError, match="at most 20,000 points, but this one has 20,001"):
        read_uploaded(circle(20_001).encode())


@pytest.mark.parametrize(
    ("content", "told"),
    [(b" " * 2_000_001, "2,000,000 bytes"), (b"\xff\xfe{", "UTF-8"), (b"PK\x03\x04", "neither")],
)
def test_a_file_that_is_no_text_or_a_monster_is_refused(content, told):
    with pytest.raises(ValueError, match=told):
        read_uploaded(content)


CORNERS = st.tuples(st.floats(-200, 200), st.floats(-90, 90))


@settings(max_examples=200, deadline=None)
@given(st.lists(CORNERS, min_size=3, max_size=8), st.integers(0, 7), st.booleans())
def test_any_ring_is_refused_or_canonical_and_canonical_stays_so(corners, turn, is_reversed):
    try:
        area = area_of(polygon([*corners, corners[0]]))
    except ValueError as refusal:
        assert str(refusal).endswith(".")
        return
    assert area.geometry.is_valid
    assert area_of(area.wkt) == area
    assert Area(area.wkt).hash == area.hash
    begun = corners[turn % len(corners) :] + corners[: turn % len(corners)]
    turned = begun[::-1] if is_reversed else begun
    assert area_of(polygon([*turned, turned[0]])) == area


@pytest.mark.parametrize(
    ("near", "boxes"),
    [
        (Circle(0, 0, 111.2), [(-1.02, -1.02, 1.02, 1.02)]),
        (Circle(60, 10, 111.2), [(7.96, 58.98, 12.04, 61.02)]),
        (Circle(0, 180, 111.2), [(-180, -1.02, -178.98, 1.02), (178.98, -1.02, 180, 1.02)]),
        (Circle(89.5, 0, 111.2), [(-180, 88.48, 180, 90)]),
        (Circle(-90, 0, 1), [(-180, -90, 180, -89.99)]),
    ],
)
def test_boxes_around_a_place_hold_all_that_is_near_whatever_the_latitude(near, boxes):
    found = sorted(boxes_around(near))
    assert len(found) == len(boxes)
    for box_found, expected in zip(found, boxes, strict=True):
        assert box_found == pytest.approx(expected, abs=0.02)
