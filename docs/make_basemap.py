"""Make static/basemap/land-*.json: Natural Earth's land as plain rings that a flat map can fill.

Source: the npm package world-atlas 2.0.2 (TopoJSON of Natural Earth 5.1 land, public domain). Needs `pip install
antimeridian shapely`, once, on the machine of whoever renews the basemap; the portal itself needs neither.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python docs/make_basemap.py package/land-110m.json static/basemap/land-110m.json --decimals 1
    python docs/make_basemap.py package/land-50m.json static/basemap/land-50m.json --decimals 2

Output: {"rings": [[lon, lat, lon, lat, ...], ...]} in degrees, one flat list per ring, holes among them (the map fills
with the even-odd rule). Polygons that cross the antimeridian are cut there, so none draws a band across the map.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import antimeridian
from shapely.geometry import Polygon

Ring = list[tuple[float, float]]


def decode_arcs(topology: dict) -> list[Ring]:
    """The arcs in degrees: TopoJSON stores them as quantised differences."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def polygons(topology: dict) -> Iterator[list[Ring]]:
    """Every polygon of the object `land` as a list of rings; ~i means arc i backwards."""
    arcs = decode_arcs(topology)

    def ring(indexes: list[int]) -> Ring:
        points: Ring = []
        for index in indexes:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points.extend(arc[1:] if points else arc)
        return points

    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            yield [ring(indexes) for indexes in polygon]


def cut_at_antimeridian(rings: list[Ring]) -> Iterator[Ring]:
    """The rings of the same polygon, cut where they cross 180 degrees."""
    if not any(abs(a[0] - b[0]) > 180 for ring in rings for a, b in pairwise(ring)):
        yield from rings
        return
    polygon = Polygon(rings[0], rings[1:])
    fixed = antimeridian.fix_polygon(polygon, fix_winding=True)
    if fixed.area > 360 * 90:  # the coarse Antarctica winds the wrong way round the pole; no land is half the world
        fixed = antimeridian.fix_polygon(polygon, fix_winding=True, force_south_pole=True)
    for part in getattr(fixed, "geoms", [fixed]):
        yield list(part.exterior.coords)
        yield from (list(hole.coords) for hole in part.interiors)


def flat(ring: Ring, decimals: int) -> list[float]:
    """Rounded lon, lat, lon, lat ... without repeated points; empty when nothing is left of the ring."""
    points: list[tuple[float, float]] = []
    for lon, lat in ring:
        point = (round(lon, decimals), round(lat, decimals))
        if not points or points[-1] != point:
            points.append(point)
    return [value for point in points for value in point] if len(points) > 3 else []


def main() -> None:
    """Read one TopoJSON file, write one basemap file, print its size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--decimals", type=int, default=2)
    options = parser.parse_args()
    topology = json.loads(options.source.read_text())
    rings = [flat(ring, options.decimals) for polygon in polygons(topology) for ring in cut_at_antimeridian(polygon)]
    text = json.dumps({"rings": [ring for ring in rings if ring]}, separators=(",", ":")).replace(".0,", ",")
    options.target.write_text(text)
    print(f"{options.target}: {len(rings)} rings, {len(text)} bytes, {len(gzip.compress(text.encode(), 9))} gzipped")


if __name__ == "__main__":
    main()
