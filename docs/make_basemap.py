"""Make static/basemap/natural-earth-4.1/: Natural Earth's land as our own vector tiles, and the
names of cities.

Sources, all public domain: the npm package world-atlas 2.0.2 (TopoJSON of Natural Earth's land at
1:110, 1:50 and 1:10 million) and the cities in the wheel of geopandas 0.14.4. Needs `pip install
pyshp shapely mapbox-vector-tile`, once, on the machine of whoever renews the basemap; the portal
itself needs none of these.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    pip download --no-deps geopandas==0.14.4 && unzip geopandas-0.14.4-*.whl
    python docs/make_basemap.py package geopandas/datasets/naturalearth_cities static/basemap/natural-earth-4.1

Output: land.json {"rings": [[lon, lat, lon, lat, ...], ...], "levels": {"2": "0120...", "5": ...}}
with the coarse land in degrees, one flat list per ring, holes among them (the map fills with the
even-odd rule), and of each level of tiles one digit per tile, row by row: 0 all sea, 1 all land, 2
a file <level>/<x>/<y>.mvt with the layer `land`. places.json [[name, lon, lat], ...]. (And
species/demonstration/land-50m.json, by which made-up records keep to the sea.) The folder's name is
part of every address, and browsers keep the files for ever: new contents need a new name. Polygons
that cross the antimeridian are cut there.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapefile
import shapely
from shapely import affinity, make_valid
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

Ring = list[tuple[float, float]]
LEVELS = {2: "land-50m.json", 5: "land-10m.json"}  # zoom of the tiles: what they are cut from
EXTENT = 8192  # units of a tile's side: 150 m at level 5
MARGIN = 1 / 256  # of the side, beyond each edge, so that no seam shows


def decode_arcs(topology: dict) -> list[Ring]:
    """The arcs in degrees: TopoJSON stores them as quantised differences."""
    (scale_x, scale_y), (shift_x, shift_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
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


def unrolled(ring: Ring) -> Ring:
    """The ring without jumps at 180 degrees, so that it may leave -180..180; one around the pole
    goes along it.
    """
    points, turns = [ring[0]], 0
    for (before, _), (lon, lat) in pairwise(ring):
        turns += (before - lon > 180) - (lon - before > 180)
        points.append((lon + 360 * turns, lat))
    return [*points, (points[-1][0], -90.0), (points[0][0], -90.0), points[0]] if turns else points


def cut_at_antimeridian(rings: list[Ring]) -> Iterator[Ring]:
    """The rings of the same polygon, cut where they cross 180 degrees."""
    if not any(abs(a[0] - b[0]) > 180 for ring in rings for a, b in pairwise(ring)):
        yield from rings
        return
    shape = Polygon()
    for ring in rings:
        shape = shape.symmetric_difference(make_valid(Polygon(unrolled(ring))))
    for turn in (-360, 0, 360):
        part = affinity.translate(
            shape.intersection(box(-180 - turn, -90, 180 - turn, 90)), xoff=turn
        )
        for area in getattr(part, "geoms", [part]):
            if area.geom_type == "Polygon" and not area.is_empty:
                yield list(area.exterior.coords)
                yield from (list(hole.coords) for hole in area.interiors)


def flat(ring: Ring, decimals: int) -> list[float]:
    """Rounded lon, lat, lon, lat ... without repeated points; empty when nothing is left of the
    ring.
    """
    points: list[tuple[float, float]] = []
    for lon, lat in ring:
        point = (round(lon, decimals), round(lat, decimals))
        if not points or points[-1] != point:
            points.append(point)
    return [value for point in points for value in point] if len(points) > 3 else []


def rings(topology: dict, decimals: int) -> list[list[float]]:
    """Every ring of the land, flat and rounded."""
    found = (
        flat(ring, decimals)
        for polygon in polygons(topology)
        for ring in cut_at_antimeridian(polygon)
    )
    return [ring for ring in found if ring]


def mercator(points: Any) -> Any:
    """Degrees to the unit square, y downwards; what lies poleward of the square stays just outside
    it.
    """
    lon, lat = points[:, 0], np.radians(np.clip(points[:, 1], -85.3, 85.3))
    return np.column_stack(
        [lon / 360 + 0.5, 0.5 - np.log(np.tan(lat) + 1 / np.cos(lat)) / (2 * np.pi)]
    )


def land(topology: dict) -> BaseGeometry:
    """All land as one valid geometry in the unit square."""
    parts = []
    for polygon in polygons(topology):
        rings = [
            make_valid(Polygon(ring)) for ring in cut_at_antimeridian(polygon) if len(ring) > 3
        ]
        areas = [
            area
            for ring in rings
            for area in getattr(ring, "geoms", [ring])
            if area.geom_type == "Polygon"
        ]
        # Even-odd: a ring inside another is a hole; the largest come first, so none is filled after
        # it was cut out.
        areas.sort(key=lambda area: -area.area)
        outer = [
            area
            for area in areas
            if not any(other.contains(area) for other in areas[:8] if other is not area)
        ]
        holes = shapely.union_all(
            [area for area in areas if not any(area is other for other in outer)]
        )
        parts.append(shapely.transform(shapely.union_all(outer).difference(holes), mercator))
    return make_valid(shapely.union_all(parts))


def cut(shape: BaseGeometry, level: int, target: Path) -> str:
    """Write the tiles of a level; returns its digits."""
    digits = {}
    for x, y, part in quarters(shape, level):
        square = box(0, 0, 1, 1)
        digits[y, x] = "0" if not part.intersects(square) else "1" if part.contains(square) else "2"
        if digits[y, x] == "2":
            write_tile(
                affinity.scale(part, EXTENT, EXTENT, origin=(0, 0)),
                target / str(level) / f"{x}" / f"{y}.mvt",
            )
    return "".join(digits[key] for key in sorted(digits))


def quarters(
    shape: BaseGeometry, level: int, x: int = 0, y: int = 0
) -> Iterator[tuple[int, int, BaseGeometry]]:
    """Column, row and land of each tile of the level below this one, which spans the unit square
    with its margin.
    """
    if level == 0:
        yield x, y, shape
        return
    twice = affinity.scale(shape, 2, 2, origin=(0, 0))
    for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
        moved = affinity.translate(twice, -right, -down)
        part = shapely.clip_by_rect(moved, -MARGIN, -MARGIN, 1 + MARGIN, 1 + MARGIN)
        yield from quarters(part, level - 1, 2 * x + right, 2 * y + down)


def write_tile(shape: BaseGeometry, path: Path) -> None:
    areas = [
        part
        for part in getattr(shape, "geoms", [shape])
        if part.geom_type == "Polygon" and part.area >= 1
    ]
    options = {"extents": EXTENT, "y_coord_down": True}
    body = mapbox_vector_tile.encode(
        {"name": "land", "features": [{"geometry": MultiPolygon(areas), "properties": {}}]},
        default_options=options,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def places(folder: Path) -> list[tuple[str, float, float]]:
    """Name, longitude and latitude of each city."""
    with shapefile.Reader(str(folder / "naturalearth_cities")) as reader:
        rows = [(row.record["name"], *row.shape.points[0]) for row in reader.iterShapeRecords()]
    return sorted((name, round(lon, 2), round(lat, 2)) for name, lon, lat in rows)


def main() -> None:
    """Read the sources, write the folder, print its size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlas", type=Path, help="the unpacked npm package world-atlas")
    parser.add_argument("cities", type=Path, help="the folder naturalearth_cities of geopandas")
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    coarse = rings(json.loads((options.atlas / "land-110m.json").read_text()), decimals=1)
    levels = {}
    for level, name in LEVELS.items():
        levels[level] = cut(
            land(json.loads((options.atlas / name).read_text())), level, options.target
        )
        files = sorted(
            (options.target / str(level)).rglob("*.mvt"), key=lambda file: file.stat().st_size
        )
        sizes = [file.stat().st_size for file in files]
        print(
            f"level {level}: {len(files)} tiles, {sum(sizes)} bytes, the largest {sizes[-1]} ({files[-1]})"
        )
    write_json(options.target / "land.json", {"rings": coarse, "levels": levels})
    write_json(options.target / "places.json", places(options.cities))
    fine = rings(json.loads((options.atlas / "land-50m.json").read_text()), decimals=2)
    write_json(Path("species", "demonstration", "land-50m.json"), {"rings": fine})


def write_json(path: Path, value: object) -> None:
    text = (
        json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        .replace(".0,", ",")
        .replace(".0]", "]")
    )
    path.write_text(text)
    print(f"{path}: {len(text)} bytes, {len(gzip.compress(text.encode(), 9))} gzipped")


if __name__ == "__main__":
    main()
