"""Extents that queries are answered for: areas of whole cells, and how places of a query overlap."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Self

from species.areas import boxes_around
from species.atlas.grid import (
    WORLD,
    Tile,
    Window,
    intersect_windows,
    windows_of,
)
from species.density.codec import STORED_ZOOMS
from species.filters import ObservationFilter
from species.models.grid import CELL_BITS, GRID_BITS, GRID_SIZE, MAX_LATITUDE
from species.ranges import Bbox

MAX_TILES_OF_VIEW = 48  # a map shows fewer, and draws their cells
# Grid columns or rows, 64 to the smallest cell: allows for edges of cells written in decimals.
SLACK = 16
MARGIN = 1e-9  # degrees, about 0.1 mm: more than rounding can take off the edges of a tile


@dataclass(frozen=True, slots=True)
class Area:
    """Windows of whole cells in tiles of a stored zoom.

    An area that `is_everywhere` includes the records that Web Mercator has no place for.
    """

    z: int
    windows: tuple[Window, ...]
    is_everywhere: bool = False

    @property
    def box(self) -> Bbox | None:
        """The box around it in degrees; None for everywhere."""
        if self.is_everywhere or not self.windows:
            return None
        boxes = [window.bbox for window in self.windows]
        return Bbox(boxes[0].west, boxes[0].south, boxes[-1].east, boxes[0].north)

    def tiles(self, z: int) -> list[Tile]:
        """Return the tiles of zoom z that it touches, each once."""
        return list(dict.fromkeys(tile for window in self.windows for tile in window.tiles(z)))

    def parts(self, tile: Tile) -> list[Window]:
        """Return the parts of a tile inside the area."""
        whole = Window.of_tile(tile)
        return [part for window in self.windows if (part := whole.within(window))]

    def contains(self, tile: Tile) -> bool:
        return self.parts(tile) == [Window.of_tile(tile)]

    def of_tiles(self) -> Self:
        """Return the area rounded out to whole tiles."""
        windows = [window.rounded_out(self.z) for window in self.windows]
        return replace(self, windows=merge_sides(windows))


EVERYWHERE = Area(0, (WORLD,), is_everywhere=True)


def rounded_area(view: Bbox | None) -> Area:
    """Return the smallest area of whole cells around a view.

    Its cells are those of the deepest tiles of which the view needs at most MAX_TILES_OF_VIEW.
    """
    if view is None:
        return EVERYWHERE
    windows = windows_of(view)
    z = max(
        z
        for z in STORED_ZOOMS
        if z == 0 or sum(window.number_of_tiles(z) for window in windows) <= MAX_TILES_OF_VIEW
    )
    return Area(z, merge_sides([window.rounded_out(z + CELL_BITS, SLACK) for window in windows]))


def merge_sides(windows: list[Window]) -> tuple[Window, ...]:
    """Return windows east and west of the antimeridian as one where they meet or overlap."""
    if len(windows) < 2:
        return tuple(windows)
    east, west = windows
    if west.right < east.left:
        return east, west
    return (Window(0, east.top, GRID_SIZE, east.bottom),)


def cell_box(cell: int, z: int, bits: int) -> Bbox:
    """Return the box of a cell, numbered row << bits | column in the world, of tiles of zoom z."""
    size = 1 << (GRID_BITS - z - CELL_BITS)
    left, top = (cell & (1 << bits) - 1) * size, (cell >> bits) * size
    return Window(left, top, left + size, top + size).bbox


class Overlap(Enum):
    """How much of a box lies within the places of a query."""

    ALL = "all"
    SOME = "some"  # or all, or none, where knowing it would cost more
    NONE = "none"


def overlap_with(query: ObservationFilter, box: Bbox) -> Overlap:
    """Return how much of a box of tiles (west <= east) lies within the places of a query."""
    overlap = overlap_of(query.bbox, box) if query.bbox else Overlap.ALL
    if overlap is not Overlap.NONE and query.canonical.keys() & {"polygon", "near"}:
        return Overlap.SOME
    return overlap


def overlap_of(queried: Bbox, box: Bbox) -> Overlap:
    """Return how much of a box of tiles lies within a queried box.

    Edges of tiles are not round numbers: those within MARGIN of a queried edge are on neither side.
    """
    south, north = max(queried.south, -MAX_LATITUDE), min(queried.north, MAX_LATITUDE)
    if box.north < south - MARGIN or box.south > north + MARGIN:
        return Overlap.NONE
    is_high = queried.north >= MAX_LATITUDE or queried.north > box.north + MARGIN
    is_low = queried.south <= -MAX_LATITUDE or queried.south < box.south - MARGIN
    across = [overlap_along(part.west, part.east, box) for part in queried.split()]
    if Overlap.ALL in across:
        return Overlap.ALL if is_high and is_low else Overlap.SOME
    # Places on the antimeridian match both its names, 180 and -180.
    is_beside = box.west <= -180 + MARGIN or box.east >= 180 - MARGIN
    touches = 180.0 in (queried.east, -queried.west) and is_beside
    return Overlap.SOME if Overlap.SOME in across or touches else Overlap.NONE


def overlap_along(west: float, east: float, box: Bbox) -> Overlap:
    """Return how much of a box lies between two meridians (west <= east)."""
    if box.east < west - MARGIN or box.west > east + MARGIN:
        return Overlap.NONE
    starts = west < box.west - MARGIN or west == box.west == -180
    ends = east > box.east + MARGIN or east == box.east == 180
    return Overlap.ALL if starts and ends else Overlap.SOME


def windows_of_query(query: ObservationFilter) -> list[Window]:
    """Return the parts of the world in which the records of a query can lie."""
    places = [windows_of(query.bbox)] if query.bbox else []
    places += [windows_of(query.area.bbox)] if query.area else []
    if query.near:
        places.append([window for box in boxes_around(query.near) for window in windows_of(box)])
    windows = [WORLD]
    for some in places:
        windows = intersect_windows(windows, some)
    return windows
