"""Which tiles a view is rounded out to, so that densities answer for it."""

from dataclasses import dataclass

from species.atlas.faces import STORED_ZOOMS
from species.atlas.tile import Tile
from species.atlas.windows import WORLD, Window, windows_of
from species.models.grid import GRID_SIZE
from species.questions import Bbox

MOST_TILES = 48  # that one summary adds up


@dataclass(frozen=True, slots=True)
class Area:
    """Windows of whole tiles of a stored zoom; `is_everywhere`: those that cannot be drawn count too."""

    z: int
    windows: tuple[Window, ...]
    is_everywhere: bool = False

    @property
    def tiles(self) -> list[Tile]:
        return [tile for window in self.windows for tile in window.tiles(self.z)]

    @property
    def box(self) -> Bbox | None:
        """What it covers, in degrees; None for everything."""
        if self.is_everywhere or not self.windows:
            return None
        boxes = [window.bbox for window in self.windows]
        return Bbox(boxes[0].west, boxes[0].south, boxes[-1].east, boxes[0].north)


EVERYWHERE = Area(0, (WORLD,), is_everywhere=True)


def area_of(view: Bbox | None) -> Area:
    """The smallest area that holds the view and is not made of too many tiles."""
    if view is None:
        return EVERYWHERE
    windows = windows_of(view)
    z = max(z for z in STORED_ZOOMS if z == 0 or sum(window.number_of_tiles(z) for window in windows) <= MOST_TILES)
    return Area(z, joined([window.rounded_out(z) for window in windows]))


def joined(windows: list[Window]) -> tuple[Window, ...]:
    """The same, but the two sides of the antimeridian as one when they meet at its far side."""
    if len(windows) < 2 or windows[1].right < windows[0].left:
        return tuple(windows)
    return (Window(0, windows[0].top, GRID_SIZE, windows[0].bottom),)
