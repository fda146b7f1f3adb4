"""Find sea on the portal's own map, so that no demonstration record is on land."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import shapely

LAND = Path(__file__).with_name("land-50m.json")

Place = tuple[float, float]  # longitude, latitude


@cache
def load_land() -> tuple[np.ndarray, shapely.STRtree]:
    """Return (polygons of the basemap's rings, their index); holes are rings, too."""
    rings = json.loads(LAND.read_text("utf-8"))["rings"]
    polygons = np.array(
        [shapely.Polygon(np.reshape(ring, (-1, 2))) for ring in rings if len(ring) >= 8]
    )
    shapely.prepare(polygons)
    return polygons, shapely.STRtree(polygons)


def find_at_sea(places: Sequence[Place]) -> list[bool]:
    """Return which places are inside an even number of rings, as the map fills them."""
    polygons, tree = load_land()
    points = np.asarray(places, dtype=float)
    number, ring = tree.query(shapely.points(points))
    inside = np.zeros(len(places), dtype=int)
    for one in np.unique(ring):
        of_ring = number[ring == one]
        inside[of_ring] += shapely.contains_xy(
            polygons[one], points[of_ring, 0], points[of_ring, 1]
        )
    return [bool(even) for even in inside % 2 == 0]
