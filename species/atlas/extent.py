"""Where the records of a selection lie: the box on which its map opens, unless they lie all over the world."""

import numpy as np
from django.conf import settings
from django.core.cache import cache

from species.atlas.access import QueryAccess, Route
from species.atlas.cover import EVERYWHERE, Area, cell_box, rounded_area
from species.atlas.sources import ROW_OF_CELL, Kind, Sources
from species.models import DataVersion
from species.models.grid import CELL_BITS
from species.ranges import Bbox

KEPT_SECONDS = 86_400
LOOKED_AT = ("taxon", "dataset")  # for these densities are kept, or there is little to read
SMALL = 4  # cells in width and height, of which smaller ones say more


def extent(access: QueryAccess) -> Bbox | None:
    """The box of whole cells around the records of the taxa and datasets that are asked for.

    None where they need more than a third of the world's width, or there are none. West lies east of east across the
    antimeridian. One to four queries; what is large is kept until the data change.
    """
    broad = access.keeping(LOOKED_AT)
    key = f"extent-{DataVersion.current()}-{broad.query.digest()}"
    kept = cache.get(key)
    if kept is not None:
        return Bbox(*kept) if kept else None
    box, number = held(broad, EVERYWHERE)
    if box and is_small(box):
        box = held(broad, rounded_area(box))[0] or box
    if number > settings.DENSITY_THRESHOLD:
        cache.set(key, tuple(box or ()), KEPT_SECONDS)
    return box


def held(access: QueryAccess, area: Area) -> tuple[Bbox | None, int]:
    """The box around the cells of an area that hold records, and how many records; a sample does not know it."""
    source = Sources(access, area).of(Kind.CELL)
    if source.route is Route.SAMPLE:
        return None, 0
    cells, numbers, read = source.counted([Kind.CELL], area.z)[Kind.CELL]
    cells = cells[(numbers > 0) & (cells >= 0)]
    if not len(cells) or read > source.most:
        return None, 0
    return around(cells, area.z), int(numbers.sum())


def around(cells: np.ndarray, z: int) -> Bbox | None:
    """The smallest box around cells of tiles of a zoom: what is left of the world without the widest empty stretch."""
    rows, columns, width = (
        cells >> ROW_OF_CELL,
        np.unique(cells & (1 << ROW_OF_CELL) - 1),
        1 << z + CELL_BITS,
    )
    steps = np.diff(columns, append=columns[0] + width)
    last = int(steps.argmax())
    if steps[last] <= width * 2 // 3:
        return None
    first = (last + 1) % len(columns)
    corners = ((rows.min(), columns[first]), (rows.max(), columns[last]))
    top, bottom = (
        cell_box(int(row) << ROW_OF_CELL | int(column), z, ROW_OF_CELL) for row, column in corners
    )
    return Bbox(top.west, bottom.south, bottom.east, top.north)


def is_small(box: Bbox) -> bool:
    cell = 360 / (1 << CELL_BITS)
    return (box.east - box.west) % 360 <= SMALL * cell and box.north - box.south <= SMALL * cell
