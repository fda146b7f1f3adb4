"""Rectangles of the grid, half-open: what a tile, a box or a view covers, and which observations lie in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asinh, floor, pi, radians, tan

from django.db.models import Q

from species.atlas.tile import MARGIN, TILE_ZOOM, Tile, drawable, latitude
from species.models.grid import GRID_BITS, GRID_SIZE, MAX_LATITUDE
from species.models.observation_queries import ObservationQuerySet, box
from species.questions import Bbox

MOST_TILES = 64  # that a condition names one by one
HAIR = 2  # columns or rows that rounding can take off an edge


@dataclass(frozen=True, slots=True)
class Window:
    """left <= column < right and top <= row < bottom of the 28-bit grid; none crosses the antimeridian."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of_tile(cls, tile: Tile) -> "Window":
        size = 1 << (GRID_BITS - tile.z)
        return cls(tile.x * size, tile.y * size, (tile.x + 1) * size, (tile.y + 1) * size)

    def tiles(self, z: int) -> list[Tile]:
        """The tiles of a zoom that it touches."""
        shift = GRID_BITS - z
        columns = range(self.left >> shift, (self.right - 1 >> shift) + 1)
        return [Tile(z, x, y) for y in range(self.top >> shift, (self.bottom - 1 >> shift) + 1) for x in columns]

    def number_of_tiles(self, z: int) -> int:
        shift = GRID_BITS - z
        across = (self.right - 1 >> shift) - (self.left >> shift) + 1
        return across * ((self.bottom - 1 >> shift) - (self.top >> shift) + 1)

    def rounded_out(self, z: int, slack: int = 0) -> "Window":
        """To whole tiles of a zoom; edges that lie so little outside of one as `slack` are rounded in."""
        size = 1 << (GRID_BITS - z)
        left, top = (self.left + slack) // size * size, (self.top + slack) // size * size
        right, bottom = -(-(self.right - slack) // size) * size, -(-(self.bottom - slack) // size) * size
        return Window(left, top, min(max(right, left + size), GRID_SIZE), min(max(bottom, top + size), GRID_SIZE))

    def within(self, other: "Window") -> "Window | None":
        """The part of it that lies in the other."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Window(left, top, right, bottom) if left < right and top < bottom else None

    @property
    def bbox(self) -> Bbox:
        west, east = (edge / GRID_SIZE * 360 - 180 for edge in (self.left, self.right))
        return Bbox(west, latitude(self.bottom, GRID_BITS), east, latitude(self.top, GRID_BITS))


WORLD = Window(0, 0, GRID_SIZE, GRID_SIZE)


def windows_of(box: Bbox) -> list[Window]:
    """What holds each drawable place of a box, and hardly more: two across the antimeridian, none about the poles."""
    if box.south > MAX_LATITUDE or box.north < -MAX_LATITUDE:
        return []
    top, bottom = max(row(box.north) - HAIR, 0), min(row(box.south) + HAIR + 1, GRID_SIZE)
    spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180.0), (-180.0, box.east)]
    found = [Window(max(column(w) - HAIR, 0), top, min(column(e) + HAIR + 1, GRID_SIZE), bottom) for w, e in spans]
    if len(found) == 1 and box.east == 180 and box.west > -180:  # the antimeridian's own column is the first one
        found.append(Window(0, top, HAIR, bottom))
    return found


def column(longitude: float) -> int:
    return min(floor((longitude + 180) / 360 * GRID_SIZE), GRID_SIZE - 1)


def row(degrees_north: float) -> int:
    bounded = max(-MAX_LATITUDE, min(MAX_LATITUDE, degrees_north))
    return max(0, min(floor((0.5 - asinh(tan(radians(bounded))) / (2 * pi)) * GRID_SIZE), GRID_SIZE - 1))


def in_windows(
    rows: ObservationQuerySet, windows: Iterable[Window], *, by_place: bool = False, tile: str = "tile"
) -> ObservationQuerySet:
    """The drawable rows in any of the windows; no row lies in two tiles of a zoom.

    `by_place`: let the index on places find them, not that on `tile`, the column of the tile of zoom 6 ("": neither).
    """
    rows = drawable(rows)
    within = Q()
    for window in windows:
        if window == WORLD:
            return rows
        within |= near(window) & on_grid(window) if by_place else on_grid(window) & in_tiles(window, tile)
    return rows.filter(within) if within else rows.none()


def in_any(windows: Iterable[Window]) -> Q:
    """By columns and rows alone."""
    within = Q()
    for window in windows:
        within |= on_grid(window)
    return within


def on_grid(window: Window) -> Q:
    return Q(
        grid_column__gte=window.left, grid_column__lt=window.right, grid_row__gte=window.top, grid_row__lt=window.bottom
    )


def in_tiles(window: Window, column: str) -> Q:
    if not column or window.number_of_tiles(TILE_ZOOM) > MOST_TILES:
        return Q()
    return Q(**{f"{column}__in": [tile.y << TILE_ZOOM | tile.x for tile in window.tiles(TILE_ZOOM)]})


def near(window: Window) -> Q:
    """What the index on places can say of a window: a little more than is in it."""
    west, south, east, north = window.bbox
    south, north = south - MARGIN, north + MARGIN
    found = Q(location__bboverlaps=box(west - MARGIN, south, east + MARGIN, north))
    return found | Q(location__bboverlaps=box(180, south, 180, north)) if window.left == 0 else found
