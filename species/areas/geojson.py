"""Read polygons from GeoJSON (RFC 7946) as lists of rings.

The `crs` member of GeoJSON 2008 is accepted if it names WGS 84.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from django.utils.translation import gettext as _

from species.areas.limits import check_nesting, check_parts

Position = tuple[float, float]
Rings = list[list[Position]]
POLYGONS = ("Polygon", "MultiPolygon")
WGS_84 = re.compile(r"(CRS84|EPSG:[\d.]*:?4326)$", re.ASCII)


def read_geojson(text: str) -> list[Rings]:
    """Return the polygons of a geometry, a feature or a collection; features without geometry are
    passed over.

    Raises ValueError with a sentence for people.
    """
    check_nesting(text, is_json=True)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError(_("The GeoJSON can't be read: it is not valid JSON.")) from None
    if not isinstance(value, dict):
        raise ValueError(_("GeoJSON must be an object with a “type”."))
    found: list[Rings] = []
    for geometry in geometries(value):
        found += polygons_of(geometry)
        check_parts(len(found), 0)
    check_parts(len(found), sum(map(len, found)))
    return found


def geometries(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the single geometries of a GeoJSON object, whose depth `check_nesting` has bounded."""
    if value is None:  # a feature may have no place
        return
    if not isinstance(value, dict):
        raise ValueError(_("GeoJSON must be an object with a “type”."))
    check_system(value.get("crs"))
    match value.get("type"):
        case "FeatureCollection" if isinstance(value.get("features"), list):
            members = value["features"]
        case "GeometryCollection" if isinstance(value.get("geometries"), list):
            members = value["geometries"]
        case "Feature":
            members = [value.get("geometry")]
        case _:
            yield value
            return
    for member in members:
        yield from geometries(member)


def check_system(system: Any) -> None:
    """Raise ValueError for coordinate systems other than WGS 84."""
    members = system if isinstance(system, dict) else {"name": system}
    properties = members.get("properties")
    named = [*members.values(), *(properties.values() if isinstance(properties, dict) else ())]
    if system is not None and not any(
        isinstance(name, str) and WGS_84.search(name) for name in named
    ):
        raise ValueError(
            _("Use degrees in WGS 84 (RFC 7946). Other coordinate systems are not supported.")
        )


def polygons_of(geometry: dict[str, Any]) -> list[Rings]:
    kind: Any = geometry.get("type")
    coordinates: Any = geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in POLYGONS:
        told = kind[:40] if isinstance(kind, str) else "None"
        raise ValueError(_("Use a Polygon or MultiPolygon, not %(value)s.") % {"value": told})
    polygons = [coordinates] if kind == "Polygon" else coordinates
    try:
        return [
            [[position(each) for each in ring] for ring in rings] for rings in polygons if rings
        ]
    except (TypeError, ValueError):
        raise ValueError(
            _("The coordinates of the %(kind)s are not nested as GeoJSON requires.")
            % {"kind": kind}
        ) from None


def position(value: Any) -> Position:
    """Return the longitude and latitude of a GeoJSON position, ignoring any height.

    Raises TypeError if it is not a list of at least two numbers.
    """
    if not isinstance(value, list) or len(value) < 2 or not all(map(is_number, value)):
        raise TypeError
    return float(value[0]), float(value[1])


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
