"""WKT, and EWKT in WGS 84, as the rings of its polygons."""

import re

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from species.areas.geojson import Rings
from species.areas.limits import check_nesting, check_parts, check_vertices

# All characters of polygons in WKT. At others a parser might stop early or read on.
CHARACTERS = re.compile(r"[A-Za-z0-9+\-.,()\s]*", re.ASCII)
BEGINNING = re.compile(r"[A-Za-z]+\s*+(?:ZM?|M)?\s*+(\(|EMPTY)", re.ASCII | re.IGNORECASE)
SYSTEM = re.compile(r"SRID\s*=\s*(\d+)\s*;\s*", re.ASCII | re.IGNORECASE)
WORD = re.compile(r"(?<![0-9.])[A-Za-z]+", re.ASCII)
KINDS = ("POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
DIMENSIONS = ("Z", "M", "ZM", "")
WORDS = {
    *(kind + suffix for kind in KINDS for suffix in DIMENSIONS),
    *DIMENSIONS,
    "EMPTY",
    "NAN",
    "INF",
    "INFINITY",
}
PLANE = {"POINT", "LINESTRING", "LINEARRING", "MULTIPOINT", "MULTILINESTRING"}
UNCLOSED = gettext_noop("A ring must end at its first point.")


def read_wkt(text: str, most_vertices: int) -> list[Rings]:
    """Return the polygons of a POLYGON, a MULTIPOLYGON or a collection of them.

    Raises ValueError with a sentence for visitors.
    """
    check_text(text := strip_srid(text))
    separators = len(re.findall(r"\)\s*,", text))
    check_parts(0, text.count("(") + len(re.findall("EMPTY", text, re.IGNORECASE)))
    check_vertices(text.count(",") - separators, most_vertices)
    try:
        with_heights = shapely.from_wkt(text)
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise ValueError(
            _(UNCLOSED) if "closed linestring" in str(error) else unreadable_reason()
        ) from None
    polygons = [part for part in flatten(shapely.force_2d(with_heights)) if not part.is_empty]
    check_parts(len(polygons), 0)
    return [[list(ring.coords) for ring in (part.exterior, *part.interiors)] for part in polygons]


def strip_srid(text: str) -> str:
    """Return EWKT without its SRID. Raises ValueError unless it is that of WGS 84."""
    system = SYSTEM.match(text)
    if system and system[1] != "4326":
        raise ValueError(
            _("Use degrees in WGS 84 (RFC 7946). Other coordinate systems are not supported.")
        )
    return text[system.end() :] if system else text


def check_text(text: str) -> None:
    """Raise ValueError unless the text has only polygons and shallow collections of them."""
    words = [word.upper() for word in WORD.findall(text)]
    if not (CHARACTERS.fullmatch(text) and BEGINNING.match(text)):
        raise ValueError(unreadable_reason())
    for word in words:
        if word.rstrip("ZM") in PLANE:
            raise ValueError(_("Use a POLYGON or MULTIPOLYGON, not %(values)s.") % {"values": word})
        if word not in WORDS:
            raise ValueError(unreadable_reason())
    check_nesting(text, is_json=False)


def flatten(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """Return the polygons of nested collections, whose depth `check_nesting` has bounded."""
    if geometry.geom_type == "Polygon":
        return [geometry]
    return [polygon for part in geometry.geoms for polygon in flatten(part)]


def unreadable_reason() -> str:
    return _("This is neither GeoJSON nor WKT such as POLYGON((0 50,8 50,8 60,0 50)).")
