"""Find the box on which a map opens: around the records of the query's taxa or datasets."""

import numpy as np
from django.conf import settings
from django.core.cache import cache

from species.atlas.access import QueryAccess
from species.atlas.extents import EVERYWHERE, Area, cell_box, rounded_area
from species.atlas.results import Route
from species.atlas.sources import ROW_OF_CELL, Kind, Sources
from species.models import DataVersion
from species.models.grid import CELL_BITS
from species.ranges import Bbox

CACHED_SECONDS = 86_400
CONSIDERED = ("taxon", "dataset")  # these have densities, or few records to read
SMALL = 4  # cells in width and height, in which smaller cells show more


def find_extent(access: QueryAccess) -> Bbox | None:
    """Return the box of whole cells around the records of the query's taxa and datasets.

    None where they span more than a third of the world's width, or there are none. Across the
    antimeridian west > east. One to four queries; large extents are cached until the data change.
    """
    broad = access.without_others(CONSIDERED)
    key = f"extent-{DataVersion.current()}-{broad.query.digest()}"
    cached = cache.get(key)
    if cached is not None:
        return Bbox(*cached) if cached else None
    box, number = extent_within(broad, EVERYWHERE)
    if box and is_small(box):
        box = extent_within(broad, rounded_area(box))[0] or box
    if number > settings.DENSITY_THRESHOLD:
        cache.set(key, tuple(box or ()), CACHED_SECONDS)
    return box


def extent_within(access: QueryAccess, area: Area) -> tuple[Bbox | None, int]:
    """Return the box around the occupied cells of an area, and the number of records in them.

    None where only the sample could answer, which does not know all cells.
    """
    source = Sources(access, area).of(Kind.CELL)
    if source.route is Route.SAMPLE:
        return None, 0
    cells, numbers, read = source.read([Kind.CELL], area.z)[Kind.CELL]
    cells = cells[(numbers > 0) & (cells >= 0)]
    if not len(cells) or read > source.most:
        return None, 0
    return box_around(cells, area.z), int(numbers.sum())


def box_around(cells: np.ndarray, z: int) -> Bbox | None:
    """Return the smallest box around cells of tiles of zoom z, leaving out the widest empty gap.

    None where it would span more than a third of the world's width.
    """
    rows, columns = cells >> ROW_OF_CELL, np.unique(cells & (1 << ROW_OF_CELL) - 1)
    width = 1 << z + CELL_BITS
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
