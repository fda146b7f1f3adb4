"""Hypothesis strategies for input that nobody should send: geometry, parameters and headers."""

import json
from typing import Any
from urllib.parse import quote

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
    st.sampled_from(
        [
            "Polygon",
            "EPSG:4326",
            "\0",
            "\ud800",
            "\N{ARABIC-INDIC DIGIT FIVE}",
            "%00",
            "'",
            '"',
            "\\",
        ]
    ),
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


def now_and_then(
    usual: SearchStrategy[Any], otherwise: SearchStrategy[Any] = VALUES
) -> SearchStrategy[Any]:
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
            "crs": st.one_of(
                VALUES, st.just({"type": "name", "properties": {"name": "EPSG:4326"}})
            ),
            "bbox": VALUES,
            "properties": VALUES,
        },
    )


OBJECTS = st.recursive(now_and_then(member(st.none())), member, max_leaves=4)


def deep(opening: str, closing: str) -> SearchStrategy[str]:
    levels = st.sampled_from([1, 5, 29, 31, 1_500, 30_000])
    return st.tuples(levels, st.booleans()).map(
        lambda told: opening * told[0] + closing * told[0] * told[1]
    )


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
    kinds = [
        "POLYGON",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "POINT",
        "CURVEPOLYGON",
        "MULTISURFACE",
        "polygon",
        "TIN",
    ]
    kind = draw(st.sampled_from(kinds)) + draw(
        st.sampled_from(["", "", " Z", "M", " ZM", " EMPTY", " Q"])
    )
    if kind.startswith("GEOMETRYC") and depth < 3:
        return f"{kind}({','.join(draw(st.lists(wkt_of(depth + 1), max_size=3)))})"
    numbers = st.one_of(NUMBERS, st.integers(-200, 200), st.integers(0, 9)).map(str)
    positions = st.lists(numbers, min_size=1, max_size=5).map(" ".join)
    ring = st.lists(positions, max_size=5).map(
        lambda found: "(" + ",".join([*found, *found[:1]]) + ")"
    )
    square = st.just("(0 0,10 0,10 10,0 10,0 0)")
    rings = st.lists(st.one_of(square, ring), max_size=3).map(
        lambda found: "(" + ",".join(found) + ")"
    )
    if kind.startswith("MULTI"):
        return kind + "(" + ",".join(draw(st.lists(rings, max_size=3))) + ")"
    return kind + draw(rings)


def wkt() -> SearchStrategy[str]:
    """Text that is nearly WKT or EWKT of an area."""
    nested = st.sampled_from(
        ["GEOMETRYCOLLECTION(", "MULTIPOLYGON(", "COMPOUNDCURVE(", "(", "POLYGON Z("]
    )
    systems = [
        "",
        "",
        "",
        "SRID=4326;",
        "SRID=3857;",
        "srid = 4326 ; ",
        "SRID=;",
        f"SRID={'9' * 5_000};",
    ]
    texts = st.one_of(wkt_of(), wkt_of(), nested.flatmap(lambda one: deep(one, ")")))
    return st.builds(str.__add__, st.sampled_from(systems), damaged(texts))


# --- Requests ---------------------------------------------------------------------------------------------------------
ODD = (
    *(
        "",
        " ",
        ",",
        ",,,",
        "0",
        "-0",
        "-0.0",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1e308",
        "1e999",
        "1e-400",
        "9" * 30,
    ),
    *(
        "9" * 5_000,
        "2147483647",
        "2147483648",
        "9223372036854775808",
        "-1",
        "0x10",
        "1_000",
        "\u0661\u0662",
        "\u00b2",
    ),
    *(
        "\0",
        "a\0b",
        "\ud800",
        "\ufffe",
        "\u202e",
        "\u200b",
        "%",
        "%%",
        "_",
        "\\",
        "'",
        '"',
        "<script>",
        "../..",
        "\n",
    ),
    *(
        "true",
        "null",
        "[]",
        "{}",
        "unknown",
        "a" * 201,
        "x" * 20_001,
        "e\u0301" * 150,
        "\ufdfa" * 199,
    ),
    *(
        "0000",
        "0001-01-01",
        "9999-12-31",
        "2021-02-30",
        "2021-13",
        "-2021",
        "2021-06-30T00:00:00Z",
        "../..",
        "10000",
    ),
    *(
        "0,0,0,0",
        "180,-90,-180,90",
        "-3600,-90,3600,90",
        "nan,0,0,0",
        "1,2,3",
        "0,0,1e-320",
        "90,0,5000",
        "-90,180,1",
    ),
    *(
        "WzAsMF0",
        "MQ==",
        "e30",
        "MjAyMS0wMS0wMSwx",
        "OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
        "====",
        "2021-01-01_1",
        "0.0",
    ),
)
ODD_TEXTS = st.one_of(
    st.sampled_from(ODD), st.sampled_from(ODD), TEXTS, NUMBERS.map(str), VALUES.map(json.dumps)
)


def joined(texts: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.one_of(texts, texts, st.lists(texts, min_size=2, max_size=5).map(",".join))


def queries(parameters: dict[str, SearchStrategy[str]]) -> SearchStrategy[str]:
    """Query strings with some of the parameters, now and then several times or under a name that is
    none.
    """
    pair = st.sampled_from(sorted(parameters)).flatmap(
        lambda name: st.tuples(st.just(name), parameters[name])
    )
    other = st.tuples(ODD_TEXTS.map(lambda text: text[:50]), ODD_TEXTS)
    pairs = st.lists(st.one_of(pair, pair, pair, pair, other), min_size=1, max_size=4)
    return pairs.map(
        lambda found: "&".join(f"{escaped(name)}={escaped(value)}" for name, value in found)
    )


def escaped(text: str) -> str:
    """As it stands in an address; lone surrogates as the bytes that no UTF-8 has."""
    return quote(text.encode("utf-8", "surrogatepass"), safe=",:")


ETAGS = ("*", '"1"', 'W/"x"', '"', "W/", '"a","b"', "x" * 9_000, '"\xff"')
DATES = (
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Thu, 99 Jan 1970 00:00:00 GMT",
    "Thu, 01 Jan 0001 00:00:00 GMT",
    "0",
    "x",
)
DATES += (
    "Thu, 01 Jan 99999 00:00:00 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
)
RANGES = (
    "bytes=0-0",
    "bytes=-1",
    "bytes=9999999999999999999999-",
    "bytes=1-0",
    "bytes=0-0,2-3",
    "lines=1",
    "bytes=a-b",
)
LANGUAGES = (
    "*",
    "de;q=0",
    "de;q=nan",
    "x" * 600,
    "de," * 300,
    "en;q=1e9",
    "\xe4",
    "de-x-",
    "a;q=2;q=3",
)
MEDIA = (
    "*/*",
    "text/html;q=x",
    ";",
    "application/json;q=1e99",
    "a/b," * 200,
    "x" * 9_000,
    "text/csv;charset=\xff",
    "/",
)
ENCODINGS = ("gzip;q=0", "gzip;q=1e", "*;q=0", "gzip, gzip;q=0.000", "\xff", "br;q=nan")
COOKIES = (
    "=",
    ";;;",
    "sessionid=" + "x" * 5_000,
    "csrftoken=x; csrftoken=y",
    "django_language=../../etc",
    "a=\xff",
)
COOKIES += (
    'messages="[[\\"__json_message\\""',
    "sessionid=\x01",
    "django_language=xx",
    "messages=e30:1:x",
)
HTMX = ("true", "false", "\xff", "x" * 3_000, "map-panel", "filter-form", "http://[", "%ff")


def headers() -> SearchStrategy[dict[str, str]]:
    """Headers of a request, some of which hold what no browser sends."""
    offered = {
        **{
            "If-None-Match": ETAGS,
            "If-Match": ETAGS,
            "If-Modified-Since": DATES,
            "If-Unmodified-Since": DATES,
        },
        **{
            "Range": RANGES,
            "If-Range": DATES,
            "Accept-Language": LANGUAGES,
            "Accept": MEDIA,
            "Cookie": COOKIES,
        },
        **{"Accept-Encoding": ENCODINGS, "HX-Request": HTMX, "HX-Target": HTMX, "HX-Trigger": HTMX},
        **{
            "HX-Current-URL": HTMX,
            "X-Forwarded-For": ODD[:20],
            "Forwarded": ODD[:20],
            "Origin": HTMX,
            "Referer": HTMX,
        },
        **{
            "Content-Length": ("-1", "x", ""),
            "Content-Type": MEDIA,
            "Authorization": ("Bearer", "Bearer \xff", "Basic x"),
        },
    }
    return st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in offered.items()}
    )
