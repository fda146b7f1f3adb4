"""Reads areas from GeoJSON or WKT into one canonical text.

Edges are straight in degrees, as in RFC 7946. The first ring is the outer one, with either winding;
the result follows the right-hand rule. A ring with longitudes past 180 is cut at the antimeridian.
Other edges that span more than half the world are ambiguous and refused, except along a whole turn
from -180 to 180.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from shapely import MultiPolygon, Polygon, affinity

from species.areas.area import Area, parts_of, rings_of, vertices_of
from species.areas.geojson import Position, Rings, read_geojson
from species.areas.limits import (
    MAX_BYTES_UPLOADED,
    MAX_CHARACTERS_IN_ADDRESS,
    MAX_CROSSINGS_IN_ADDRESS,
    MAX_CROSSINGS_UPLOADED,
    MAX_VERTICES_READ_IN_ADDRESS,
    MAX_VERTICES_UPLOADED,
    check_crossings,
    check_vertices,
    too_long_for_address,
)
from species.areas.wkt import UNCLOSED, read_wkt

DECIMALS = 6  # 11 cm
MAX_TURNED = 540.0  # degrees of longitude: a map dragged once round the world


@lru_cache(maxsize=256)
def read_area(text: str) -> Area:
    """Return the area in an address. Raises ValueError with a sentence for visitors."""
    if len(text) > MAX_CHARACTERS_IN_ADDRESS:
        raise ValueError(
            _(
                "An area in an address can have at most "
                "%(max_characters_in_address)s characters. Upload it as a file."
            )
            % {"max_characters_in_address": f"{MAX_CHARACTERS_IN_ADDRESS:,}"}
        )
    area = area_of(text, MAX_VERTICES_READ_IN_ADDRESS, MAX_CROSSINGS_IN_ADDRESS)
    if not area.fits_into_address:
        raise too_long_for_address(area.vertices)
    return area


def read_uploaded(content: bytes) -> Area:
    """Return the area in a file. Raises ValueError with a sentence for visitors."""
    if len(content) > MAX_BYTES_UPLOADED:
        raise ValueError(
            _("The file can have at most %(max_bytes_uploaded)s bytes.")
            % {"max_bytes_uploaded": f"{MAX_BYTES_UPLOADED:,}"}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(_("The file is not UTF-8 text. Save it as GeoJSON.")) from None
    return area_of(text)


def area_of(
    text: str,
    most_vertices: int = MAX_VERTICES_UPLOADED,
    most_crossings: int = MAX_CROSSINGS_UPLOADED,
) -> Area:
    """Return the canonical area of GeoJSON (a geometry, a feature or a collection), WKT or EWKT.

    All work is bounded before it begins. Raises ValueError with a sentence for visitors.
    """
    text = text.strip()
    found = read_geojson(text) if text.startswith(("{", "[")) else read_wkt(text, most_vertices)
    if not found:
        raise ValueError(_("The area is empty. Add a polygon."))
    check_vertices(sum(len(ring) - 1 for rings in found for ring in rings), most_vertices)
    polygons = [round_rings(rings) for rings in found]
    outlines = [ring for rings in polygons for ring in rings]
    for ring in outlines:
        check_ring(ring)
    check_crossings(outlines, most_crossings)
    parts = [part for rings in polygons for part in cut_at_antimeridian(valid_polygon(rings))]
    # Turned parts may overlap where outlines did not.
    if any(abs(x) > 180 for ring in outlines for x, _y in ring):
        check_crossings([list(ring.coords) for ring in rings_of(parts)], most_crossings)
    return join_parts(parts)


def round_rings(rings: Rings) -> Rings:
    return [
        [(round(x, DECIMALS) + 0.0, round(y, DECIMALS) + 0.0) for x, y in ring] for ring in rings
    ]


def valid_polygon(rings: Rings) -> Polygon:
    """Return the valid polygon of an outer ring and its holes. Raises ValueError."""
    polygon = Polygon(rings[0], rings[1:])
    if not polygon.is_valid:
        reason, _bracket, place = shapely.is_valid_reason(polygon).partition("[")
        where = place.rstrip("]").replace(" ", ", ")
        if "intersection" in reason:
            raise ValueError(_("The outline crosses itself near %(where)s.") % {"where": where})
        raise ValueError(
            _("The area is not valid: %(reason)s %(where)s.") % {"reason": reason, "where": where}
        )
    return polygon


def check_ring(ring: list[Position]) -> None:
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in ring):
        raise ValueError(_("Coordinates must be finite numbers."))
    if len(ring) < 4:
        raise ValueError(_("A ring needs at least three points, and ends at the first."))
    if ring[0] != ring[-1]:
        raise ValueError(_(UNCLOSED))
    if any(abs(y) > 90 for _, y in ring):
        raise ValueError(_("Latitudes go from -90 to 90. An area can't extend over a pole."))
    longitudes = [x for x, _ in ring]
    if max(map(abs, longitudes)) > MAX_TURNED or max(longitudes) - min(longitudes) > 360:
        raise ValueError(
            _(
                "Longitudes go from -%(max_turned)s to %(max_turned)s, at most "
                "once around the world."
            )
            % {"max_turned": f"{MAX_TURNED:g}"}
        )
    steps = [after - before for before, after in pairwise(longitudes)]
    if any(180 < abs(step) < 360 for step in steps):
        shorter = sum(math.remainder(step, 360) for step in steps)
        raise ValueError(_(ROUND_A_POLE if abs(shorter) > 180 else TOO_WIDE))


TOO_WIDE = gettext_noop(
    "An edge spans more than half the world. To cross the "
    "antimeridian, use longitudes past 180 (190 for -170) or split the "
    "area there. For a wide area, add a point in between."
)
ROUND_A_POLE = gettext_noop(
    "A ring goes around a pole. Draw it to the pole along -180, and back along 180."
)


def cut_at_antimeridian(polygon: Polygon) -> Iterator[Polygon]:
    """Yield its parts, with longitudes turned into -180..180."""
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        yield polygon
        return
    for turn in range(math.floor((west + 180) / 360), math.ceil((east + 180) / 360)):
        world = shapely.box(turn * 360 - 180, -90, turn * 360 + 180, 90)
        for part in parts_of(polygon.intersection(world)):
            yield affinity.translate(part, -360 * turn)


def join_parts(parts: list[Polygon]) -> Area:
    """Return one area of all parts, joined where they overlap.

    The same for any order, starting points and winding. Raises ValueError for an empty area.
    """
    whole = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    check_vertices(vertices_of(whole), MAX_VERTICES_UPLOADED)
    whole = shapely.set_precision(whole, 10**-DECIMALS)
    check_vertices(vertices_of(whole), MAX_VERTICES_UPLOADED)
    if whole.is_empty or whole.area == 0:
        raise ValueError(_("The area is too small. Draw a larger one."))
    polygons = shapely.orient_polygons(shapely.normalize(MultiPolygon(parts_of(whole))))
    simple = polygons.geoms[0] if len(polygons.geoms) == 1 else polygons
    return Area(shapely.to_wkt(simple, rounding_precision=DECIMALS, trim=True))
