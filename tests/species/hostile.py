"""Hypothesis strategies for input that nobody should send: geometry, parameters and headers."""

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

NUMBERS: SearchStrategy[Any] = st.one_of(
    st.floats(),
    st.integers(-(10**25), 10**25),
    st.sampled_from([0, -0.0, 180, -180, 90, 1e308, 1e-320, 10**400, float("nan"), float("inf")]),
)
TEXTS: SearchStrategy[str] = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Nd", "Mn"]), max_size=6),
    st.sampled_from(["Polygon", "EPSG:4326", "\0", "\ud800", "\N{ARABIC-INDIC DIGIT FIVE}", "%00", "'", '"', "\\"]),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
KINDS = (
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
    "Feature",
    "FeatureCollection",
    "Point",
    "Topology",
)
RING = st.sampled_from(
    [
        [[0, 0], [10, 0], [10, 10], [0, 0]],
        [[170, -5], [190, -5], [190, 5], [170, 5], [170, -5]],
        [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]],
        [[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]],
        [[0, 0], [1, 1], [0, 0]],
        [[]],
        [],
    ]
)
RINGS = st.lists(RING, max_size=3)
COORDINATES = st.one_of(RINGS, st.lists(RINGS, max_size=3), RING, VALUES)


def now_and_then(usual: SearchStrategy[Any], otherwise: SearchStrategy[Any] = VALUES) -> SearchStrategy[Any]:
    return st.one_of(usual, usual, usual, otherwise)


def member(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """An object of GeoJSON some of whose members are missing, of another kind or of another type."""
    return st.fixed_dictionaries(
        {"type": now_and_then(st.sampled_from(KINDS))},
        optional={
            "coordinates": COORDINATES,
            "geometry": inner,
            "geometries": now_and_then(st.lists(inner, max_size=3)),
            "features": now_and_then(st.lists(inner, max_size=3)),
            "crs": st.one_of(VALUES, st.just({"type": "name", "properties": {"name": "EPSG:4326"}})),
            "bbox": VALUES,
            "properties": VALUES,
        },
    )


OBJECTS = st.recursive(now_and_then(member(st.none())), member, max_leaves=4)


def deep(opening: str, closing: str) -> SearchStrategy[str]:
    levels = st.sampled_from([1, 5, 29, 31, 1_500, 30_000])
    return st.tuples(levels, st.booleans()).map(lambda told: opening * told[0] + closing * told[0] * told[1])


@st.composite
def damaged(draw: Any, texts: SearchStrategy[str]) -> str:
    """A text, or one that was cut, doubled or filled with something in one place."""
    text = draw(texts)
    place = draw(st.integers(0, len(text)))
    match draw(st.sampled_from(["whole", "whole", "cut", "filled", "doubled"])):
        case "cut":
            return text[:place]
        case "filled":
            return text[:place] + draw(TEXTS) + text[place:]
        case "doubled":
            return text[:place] + text
    return text


def geojson() -> SearchStrategy[str]:
    """Text that is nearly GeoJSON of an area."""
    nested = st.one_of(
        deep("[", "]").map(lambda text: '{"type":"Polygon","coordinates":' + text + "}"),
        deep('{"type":"Feature","geometry":', "}"),
        deep('{"type":"GeometryCollection","geometries":[', "]}"),
        deep('{"crs":', "}"),
        deep("[", "]"),
    )
    return damaged(st.one_of(OBJECTS.map(json.dumps), OBJECTS.map(json.dumps), nested))


@st.composite
def wkt_of(draw: Any, depth: int = 0) -> str:
    kinds = ["POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION", "POINT", "CURVEPOLYGON", "MULTISURFACE", "polygon", "TIN"]
    kind = draw(st.sampled_from(kinds)) + draw(st.sampled_from(["", "", " Z", "M", " ZM", " EMPTY", " Q"]))
    if kind.startswith("GEOMETRYC") and depth < 3:
        return f"{kind}({','.join(draw(st.lists(wkt_of(depth + 1), max_size=3)))})"
    numbers = st.one_of(NUMBERS, st.integers(-200, 200), st.integers(0, 9)).map(str)
    positions = st.lists(numbers, min_size=1, max_size=5).map(" ".join)
    ring = st.lists(positions, max_size=5).map(lambda found: "(" + ",".join([*found, *found[:1]]) + ")")
    square = st.just("(0 0,10 0,10 10,0 10,0 0)")
    rings = st.lists(st.one_of(square, ring), max_size=3).map(lambda found: "(" + ",".join(found) + ")")
    if kind.startswith("MULTI"):
        return kind + "(" + ",".join(draw(st.lists(rings, max_size=3))) + ")"
    return kind + draw(rings)


def wkt() -> SearchStrategy[str]:
    """Text that is nearly WKT or EWKT of an area."""
    nested = st.sampled_from(["GEOMETRYCOLLECTION(", "MULTIPOLYGON(", "COMPOUNDCURVE(", "(", "POLYGON Z("])
    systems = ["", "", "", "SRID=4326;", "SRID=3857;", "srid = 4326 ; ", "SRID=;", f"SRID={'9' * 5_000};"]
    texts = st.one_of(wkt_of(), wkt_of(), nested.flatmap(lambda one: deep(one, ")")))
    return st.builds(str.__add__, st.sampled_from(systems), damaged(texts))
