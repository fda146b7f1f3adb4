"""Areas on the map, and the boxes around them."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import shapely
from shapely import LinearRing, MultiPolygon, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from species.areas.limits import MAX_VERTICES_IN_ADDRESS
from species.ranges import Bbox, Circle

SMALLEST_RADIUS = 6_335.4  # km, of the ellipsoid's curvature: nowhere is a degree shorter
MARGIN = 1.01


@dataclass(frozen=True)
class Area:
    """A valid area within -180..180 and -90..90. Equal areas have equal `wkt`."""

    wkt: str

    @cached_property
    def geometry(self) -> Polygon | MultiPolygon:
        return shapely.from_wkt(self.wkt)

    @cached_property
    def vertices(self) -> int:
        """Return the number of points of its outline, closing points left out."""
        return vertices_of(self.geometry)

    @cached_property
    def hash(self) -> str:
        """Return 20 hexadecimal digits, the same for equal areas."""
        return hashlib.sha256(self.wkt.encode()).hexdigest()[:20]

    @property
    def fits_into_address(self) -> bool:
        return self.vertices <= MAX_VERTICES_IN_ADDRESS

    @cached_property
    def bbox(self) -> Bbox:
        """Return the smallest box around it, which may cross the antimeridian (west > east)."""
        bounds = [part.bounds for part in parts_of(self.geometry)]
        south, north = (
            min(south for _, south, _, _ in bounds),
            max(north for _, _, _, north in bounds),
        )
        spans = merge_spans([(west, east) for west, _, east, _ in bounds])
        gaps = [(after[0] - before[1], after[0], before[1]) for before, after in pairwise(spans)]
        gap, east_of_gap, west_of_gap = max(
            [(spans[0][0] + 360 - spans[-1][1], spans[0][0], spans[-1][1]), *gaps]
        )
        return (
            Bbox(east_of_gap, south, west_of_gap, north)
            if gap > 0
            else Bbox(-180.0, south, 180.0, north)
        )

    @cached_property
    def seam(self) -> str:
        """Return the part on the antimeridian under its other longitude, as WKT or ""."""
        west, _, east, _ = self.geometry.bounds
        found = [self.turned_edge(edge) for edge in (-180, 180) if edge in (west, east)]
        return shapely.union_all(found).wkt if found else ""

    def turned_edge(self, edge: int) -> BaseGeometry:
        meridian = shapely.LineString([(edge, -90), (edge, 90)])
        return affinity.translate(self.geometry.intersection(meridian), -2 * edge)


def boxes_around(near: Circle) -> list[Bbox]:
    """Return boxes around a circle, slightly larger; no box crosses the antimeridian."""
    # seen from the centre of the Earth, in radians
    angle = near.kilometres / SMALLEST_RADIUS * MARGIN
    south, north = near.latitude - math.degrees(angle), near.latitude + math.degrees(angle)
    if south <= -90 or north >= 90:  # a pole is near, and with it every meridian
        return [Bbox(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
    reach = math.degrees(
        math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(near.latitude))))
    )
    west, east = near.longitude - reach, near.longitude + reach
    turned = [Bbox(west + turn, south, east + turn, north) for turn in (-360, 0, 360)]
    return [
        box._replace(west=max(box.west, -180.0), east=min(box.east, 180.0))
        for box in turned
        if box.west <= 180 and box.east >= -180
    ]


def merge_spans(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the same numbers in as few spans as possible, in order."""
    found: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            low, high = found[-1][0], max(high, found.pop()[1])
        found.append((low, high))
    return found


def parts_of(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons of an area, without the lines and points that cutting leaves."""
    return [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type == "Polygon"]


def rings_of(polygons: Iterable[Polygon]) -> list[LinearRing]:
    return [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]


def vertices_of(geometry: BaseGeometry) -> int:
    """Return the number of points of its polygons, closing points left out."""
    return sum(len(ring.coords) - 1 for ring in rings_of(parts_of(geometry)))
