"""How the text of an area (GeoJSON or WKT) becomes one canonical text, or a reason why it cannot; asks no database.

Edges are straight lines in degrees, as RFC 7946 has them. Which ring is the outer one follows from its position, so
either winding is read, and the right-hand rule is what comes out. Longitudes past 180 cross the antimeridian, and such
a ring is cut there. An edge that spans more than half the world without such longitudes could mean either way round
it, and is refused, except along a whole turn from -180 to 180.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import orjson
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from shapely import MultiPolygon, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from species.questions import Bbox, Near

MAX_VERTICES_IN_ADDRESS = 150  # what the servers on the way let through in one line
MAX_VERTICES_UPLOADED = 20_000
MAX_BYTES_UPLOADED = 2_000_000
MAX_CHARACTERS_IN_ADDRESS = 20_000
DECIMALS = 6  # 11 cm
MAX_TURNED = 540.0  # degrees of longitude: a map dragged once round the world
POLYGONS = {"Polygon", "MultiPolygon"}
WGS_84 = ("CRS84", "EPSG::4326", "EPSG:4326")
SMALLEST_RADIUS = 6_335.4  # km, of the ellipsoid's curvature: nowhere is a degree shorter
MARGIN = 1.01
Position = tuple[float, float]
Rings = list[list[Position]]


@dataclass(frozen=True)
class Area:
    """A valid area within -180..180 and -90..90. `wkt` is canonical: equal areas have equal texts."""

    wkt: str

    @cached_property
    def geometry(self) -> Polygon | MultiPolygon:
        return shapely.from_wkt(self.wkt)

    @cached_property
    def vertices(self) -> int:
        """Points of its outline; the one that closes a ring is not counted twice."""
        rings = sum(1 + len(part.interiors) for part in parts_of(self.geometry))
        return int(shapely.count_coordinates(self.geometry)) - rings

    @cached_property
    def hash(self) -> str:
        """20 hexadecimal digits, the same for equal areas."""
        return hashlib.sha256(self.wkt.encode()).hexdigest()[:20]

    @property
    def fits_into_address(self) -> bool:
        return self.vertices <= MAX_VERTICES_IN_ADDRESS

    @cached_property
    def bbox(self) -> Bbox:
        """The box that holds it, across the antimeridian (west > east) where that makes it smaller."""
        bounds = [part.bounds for part in parts_of(self.geometry)]
        south, north = min(south for _, south, _, _ in bounds), max(north for _, _, _, north in bounds)
        spans = joined([(west, east) for west, _, east, _ in bounds])
        gaps = [(after[0] - before[1], after[0], before[1]) for before, after in pairwise(spans)]
        gap, east_of_gap, west_of_gap = max([(spans[0][0] + 360 - spans[-1][1], spans[0][0], spans[-1][1]), *gaps])
        return Bbox(east_of_gap, south, west_of_gap, north) if gap > 0 else Bbox(-180.0, south, 180.0, north)

    @cached_property
    def seam(self) -> str:
        """What lies on the antimeridian, under that meridian's other name, as WKT; "" when nothing does."""
        west, _, east, _ = self.geometry.bounds
        found = [self.turned_edge(edge) for edge in (-180, 180) if edge in (west, east)]
        return shapely.union_all(found).wkt if found else ""

    def turned_edge(self, edge: int) -> BaseGeometry:
        meridian = shapely.LineString([(edge, -90), (edge, 90)])
        return affinity.translate(self.geometry.intersection(meridian), -2 * edge)


def boxes_around(near: Near) -> list[Bbox]:
    """Boxes of degrees that hold all that is near, and a little more; none of them crosses the antimeridian."""
    angle = near.kilometres / SMALLEST_RADIUS * MARGIN  # seen from the centre of the Earth, in radians
    south, north = near.latitude - math.degrees(angle), near.latitude + math.degrees(angle)
    if south <= -90 or north >= 90:  # a pole is near, and with it every meridian
        return [Bbox(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
    reach = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(near.latitude)))))
    west, east = near.longitude - reach, near.longitude + reach
    turned = [Bbox(west + turn, south, east + turn, north) for turn in (-360, 0, 360)]
    return [
        box._replace(west=max(box.west, -180.0), east=min(box.east, 180.0))
        for box in turned
        if box.west <= 180 and box.east >= -180
    ]


def joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same numbers in as few spans as can be, in order."""
    found: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            low, high = found[-1][0], max(high, found.pop()[1])
        found.append((low, high))
    return found


@lru_cache(maxsize=256)
def read_area(text: str) -> Area:
    """The area of an address. Raises ValueError with a sentence for people."""
    if len(text) > MAX_CHARACTERS_IN_ADDRESS:
        raise ValueError(
            _("An area in an address may have at most %(max_characters_in_address)s characters.")
            % {"max_characters_in_address": f"{MAX_CHARACTERS_IN_ADDRESS:,}"}
        )
    area = area_of(text)
    if not area.fits_into_address:
        raise ValueError(
            _(
                "An area in an address may have at most %(max_vertices_in_address)s points, this one has %(vertices)s."
                " Upload it as a file, which gives it a short address."
            )
            % {"max_vertices_in_address": MAX_VERTICES_IN_ADDRESS, "vertices": f"{area.vertices:,}"}
        )
    return area


def read_uploaded(content: bytes) -> Area:
    """The area of a file. Raises ValueError with a sentence for people."""
    if len(content) > MAX_BYTES_UPLOADED:
        raise ValueError(
            _("The file may have at most %(max_bytes_uploaded)s bytes.")
            % {"max_bytes_uploaded": f"{MAX_BYTES_UPLOADED:,}"}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(_("The file is not text in UTF-8, as GeoJSON is.")) from None
    return area_of(text)


def area_of(text: str) -> Area:
    """GeoJSON (a geometry, a feature or a collection of features) or WKT, as the canonical area."""
    text = text.strip()
    polygons = polygons_of_geojson(text) if text.startswith(("{", "[")) else polygons_of_wkt(text)
    if not polygons:
        raise ValueError(_("The area is empty."))
    vertices = sum(len(ring) - 1 for rings in polygons for ring in rings)
    if vertices > MAX_VERTICES_UPLOADED:
        raise ValueError(
            _("An area may have at most %(max_vertices_uploaded)s points, this one has %(vertices)s.")
            % {"max_vertices_uploaded": f"{MAX_VERTICES_UPLOADED:,}", "vertices": f"{vertices:,}"}
        )
    return canonical(part for rings in polygons for part in cut(checked(rings)))


def polygons_of_geojson(text: str) -> list[Rings]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError(_("This is not readable as GeoJSON: the JSON is broken.")) from None
    if not isinstance(value, dict):
        raise ValueError(_("GeoJSON is an object with a type."))
    system = value.get("crs")
    if system is not None and not any(name in str(system) for name in WGS_84):
        raise ValueError(_("Only degrees in WGS 84 are read, as RFC 7946 has it, not another coordinate system."))
    return [rings for geometry in geometries(value) for rings in polygons_of(geometry)]


def geometries(value: dict[str, Any]) -> Iterator[Any]:
    """The geometries of a GeoJSON object."""
    match value.get("type"):
        case "FeatureCollection" if isinstance(value.get("features"), list):
            for feature in value["features"]:
                yield feature.get("geometry") if isinstance(feature, dict) else None
        case "Feature":
            yield value.get("geometry")
        case _:
            yield value


def polygons_of(geometry: Any) -> list[Rings]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in POLYGONS:
        raise ValueError(_("An area is a Polygon or a MultiPolygon, not %(value)s.") % {"value": str(kind)[:40]})
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    try:
        return [[[position(each) for each in ring] for ring in rings] for rings in polygons if rings]
    except (TypeError, ValueError):
        raise ValueError(
            _("The coordinates of the %(kind)s are not nested as GeoJSON has them.") % {"kind": kind}
        ) from None


def position(value: Any) -> Position:
    """Longitude and latitude; a height is left out."""
    if isinstance(value, str | dict) or any(
        isinstance(each, bool) or not isinstance(each, int | float) for each in value
    ):
        raise TypeError
    return float(value[0]), float(value[1])


def polygons_of_wkt(text: str) -> list[Rings]:
    try:
        geometry = shapely.from_wkt(text)
    except (shapely.errors.GEOSException, NotImplementedError) as error:  # the latter: curves
        if "closed linestring" in str(error):
            raise ValueError(_(UNCLOSED)) from None
        raise ValueError(_("This is neither GeoJSON nor WKT such as POLYGON((0 50,8 50,8 60,0 50)).")) from None
    if geometry.geom_type not in POLYGONS:
        raise ValueError(
            _("An area is a POLYGON or a MULTIPOLYGON, not %(values)s.") % {"values": geometry.geom_type.upper()}
        )
    flat = shapely.force_2d(geometry)
    return [
        [list(ring.coords) for ring in (part.exterior, *part.interiors)] for part in parts_of(flat) if not part.is_empty
    ]


UNCLOSED = gettext_noop("A ring must end with the point that it begins with.")


def checked(rings: Rings) -> Polygon:
    """The polygon of the rings, valid, perhaps with longitudes past 180; the first ring is the outer one."""
    rounded = [[(round(x, DECIMALS) + 0.0, round(y, DECIMALS) + 0.0) for x, y in ring] for ring in rings]
    for ring in rounded:
        check_ring(ring)
    polygon = Polygon(rounded[0], rounded[1:])
    if not polygon.is_valid:
        reason, _bracket, place = shapely.is_valid_reason(polygon).partition("[")
        where = place.rstrip("]").replace(" ", ", ")
        if "intersection" in reason:
            raise ValueError(_("The outline crosses itself near %(where)s.") % {"where": where})
        raise ValueError(_("The area is not valid: %(reason)s %(where)s.") % {"reason": reason, "where": where})
    return polygon


def check_ring(ring: list[Position]) -> None:
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in ring):
        raise ValueError(_("Coordinates must be finite numbers."))
    if len(ring) < 4:
        raise ValueError(_("A ring needs three points and its first one again."))
    if ring[0] != ring[-1]:
        raise ValueError(_(UNCLOSED))
    if any(abs(y) > 90 for _, y in ring):
        raise ValueError(_("Latitudes run from -90 to 90: an area cannot be drawn over a pole."))
    longitudes = [x for x, _ in ring]
    if max(map(abs, longitudes)) > MAX_TURNED or max(longitudes) - min(longitudes) > 360:
        raise ValueError(
            _("Longitudes run from -%(max_turned)s to %(max_turned)s and at most once round the world.")
            % {"max_turned": f"{MAX_TURNED:g}"}
        )
    steps = [after - before for before, after in pairwise(longitudes)]
    if any(180 < abs(step) < 360 for step in steps):
        shorter = sum(math.remainder(step, 360) for step in steps)
        raise ValueError(_(ROUND_A_POLE if abs(shorter) > 180 else TOO_WIDE))


TOO_WIDE = gettext_noop(
    "An edge spans more than half the world, which could mean either way round it. Across the antimeridian, write"
    " longitudes past 180 (such as 190 for -170) or cut the area there; for a wide area, add a point in between."
)
ROUND_A_POLE = gettext_noop("A ring goes round a pole. Draw it to the pole instead: along -180, and back at 180.")


def cut(polygon: Polygon) -> Iterator[Polygon]:
    """Its parts within -180..180; what lies past the antimeridian is turned back there."""
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        yield polygon
        return
    for turn in range(math.floor((west + 180) / 360), math.ceil((east + 180) / 360)):
        world = shapely.box(turn * 360 - 180, -90, turn * 360 + 180, 90)
        for part in parts_of(polygon.intersection(world)):
            yield affinity.translate(part, -360 * turn)


def canonical(parts: Iterable[Polygon]) -> Area:
    """One area of all parts, whatever their order, beginnings and winding; overlapping parts are joined."""
    found = list(parts)
    whole = found[0] if len(found) == 1 else shapely.union_all(found)
    whole = shapely.set_precision(whole, 10**-DECIMALS)
    if whole.is_empty or whole.area == 0:
        raise ValueError(_("The area is too small to hold anything."))
    polygons = shapely.orient_polygons(shapely.normalize(MultiPolygon(parts_of(whole))))
    simple = polygons.geoms[0] if len(polygons.geoms) == 1 else polygons
    return Area(shapely.to_wkt(simple, rounding_precision=DECIMALS, trim=True))


def parts_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of an area; lines and points that cutting leaves over are no part of it."""
    return [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type == "Polygon"]
