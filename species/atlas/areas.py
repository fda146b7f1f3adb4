"""What a view is rounded out to, so that densities answer for it: cells, or tiles where that would
be too much.
"""

from dataclasses import dataclass, replace
from typing import Self

from species.atlas.faces import STORED_ZOOMS
from species.atlas.tile import Tile
from species.atlas.windows import WORLD, Window, windows_of
from species.models.grid import CELL_BITS, GRID_BITS, GRID_SIZE
from species.ranges import Bbox

MOST_TILES = 48  # that a view is made of; a map shows fewer, and draws their cells
# columns or rows of the 64 of the smallest cell: an edge of one, written in decimals, is that edge
SLACK = 16


@dataclass(frozen=True, slots=True)
class Area:
    """Windows of whole cells of tiles of a stored zoom; `is_everywhere`: those that cannot be drawn
    count too.
    """

    z: int
    windows: tuple[Window, ...]
    is_everywhere: bool = False

    @property
    def box(self) -> Bbox | None:
        """What it covers, in degrees; None for everything."""
        if self.is_everywhere or not self.windows:
            return None
        boxes = [window.bbox for window in self.windows]
        return Bbox(boxes[0].west, boxes[0].south, boxes[-1].east, boxes[0].north)

    def tiles(self, z: int) -> list[Tile]:
        """The tiles of a zoom that it touches, each once."""
        return list(dict.fromkeys(tile for window in self.windows for tile in window.tiles(z)))

    def parts(self, tile: Tile) -> list[Window]:
        """What of a tile belongs to it."""
        whole = Window.of_tile(tile)
        return [part for window in self.windows if (part := whole.within(window))]

    def holds(self, tile: Tile) -> bool:
        return self.parts(tile) == [Window.of_tile(tile)]

    def of_tiles(self) -> Self:
        """The same, rounded out to whole tiles."""
        return replace(
            self, windows=joined([window.rounded_out(self.z) for window in self.windows])
        )


EVERYWHERE = Area(0, (WORLD,), is_everywhere=True)


def area_of(view: Bbox | None) -> Area:
    """The smallest area of whole cells that holds the view, of the deepest tiles of which it does
    not need too many.
    """
    if view is None:
        return EVERYWHERE
    windows = windows_of(view)
    z = max(
        z
        for z in STORED_ZOOMS
        if z == 0 or sum(window.number_of_tiles(z) for window in windows) <= MOST_TILES
    )
    return Area(z, joined([window.rounded_out(z + CELL_BITS, SLACK) for window in windows]))


def joined(windows: list[Window]) -> tuple[Window, ...]:
    """The same, but the two sides of the antimeridian as one when they meet at its far side, and no
    part twice.
    """
    if len(windows) < 2:
        return tuple(windows)
    east, west = windows
    if west.right < east.left:
        return east, west
    return (Window(0, east.top, GRID_SIZE, east.bottom),)


def box_of(cell: int, z: int, bits: int) -> Bbox:
    """Of a cell of tiles of a zoom, numbered as row << bits | column of the world."""
    size = 1 << (GRID_BITS - z - CELL_BITS)
    left, top = (cell & (1 << bits) - 1) * size, (cell >> bits) * size
    return Window(left, top, left + size, top + size).bbox
