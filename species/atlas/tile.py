"""Tiles of the usual pyramid, and what cannot be drawn in any.

A tile has 64 x 64 cells; one of an odd zoom shows the 32 x 32 that the tile above it has in this
place.
"""

from dataclasses import dataclass
from math import atan, degrees, pi, sinh

from species.models.grid import CELL_BITS, MAX_ZOOM
from species.models.observation_queries import ObservationQuerySet

TILE_ZOOM = 6  # of the column `tile`
MARGIN = 1e-9  # degrees, about 0.1 mm: more than what rounding can take off the bounds of a tile


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of the usual pyramid; x counts eastwards, y southwards."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def side(self) -> int:
        """How many cells its side has."""
        return 1 << (CELL_BITS - self.z % 2)

    def at_zoom(self, z: int) -> "Tile":
        """The tile of a lower zoom, or of this one, that holds it."""
        return Tile(z, self.x >> (self.z - z), self.y >> (self.z - z))

    def within(self, z: int) -> "list[Tile]":
        """The tiles of a higher zoom that it holds."""
        side = 1 << (z - self.z)
        return [
            Tile(z, self.x * side + right, self.y * side + down)
            for down in range(side)
            for right in range(side)
        ]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """west, south, east, north in degrees."""
        size = 360 / (1 << self.z)
        return (
            self.x * size - 180,
            latitude(self.y + 1, self.z),
            (self.x + 1) * size - 180,
            latitude(self.y, self.z),
        )


def latitude(y: int, z: int) -> float:
    """Of the northern edge of the tiles in row y."""
    return degrees(atan(sinh(pi * (1 - 2 * y / (1 << z)))))


def drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """Those that Web Mercator has a place for."""
    return rows.filter(grid_row__isnull=False)


def not_drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """The others, poleward of 85.0511 degrees: counted and listed, never moved."""
    return rows.filter(tile__isnull=True)  # one range of the index on tiles
