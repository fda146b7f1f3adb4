"""Bound how many observations subjects have in windows, to decide whether they may be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from species.atlas.density_query import Subject
from species.atlas.grid import Tile, Window
from species.atlas.sql import Sql, fetch, fill
from species.density.codec import BANDS, STORED_ZOOMS, key_zoom, unpack_row
from species.models import Face
from species.models.grid import CELL_BITS, GRID_BITS

MAX_TILES = 4  # of a stored zoom, to bound one window
DEEPEST_OF_WORLD = BANDS[0][-1]  # the deepest stored zoom whose key tile is the world
TOTALS = f"""
SELECT subject, z, x, y, entries FROM species_density
WHERE subject = ANY({{subjects}}) AND (z, x, y) IN ({{places}}) AND face = {Face.TOTAL:d}
"""


def key_tile(tile: Tile) -> Tile:
    """Return the tile that decides whether densities of a subject are stored here."""
    return tile.at_zoom(key_zoom(tile.z))


@dataclass(frozen=True, slots=True)
class WindowTiles:
    """The tiles that bound a window, by stored zoom: as deep as MAX_TILES allow, and a wider one."""

    window: Window
    tiles: dict[int, list[Tile]]

    @classmethod
    def around(cls, window: Window) -> "WindowTiles":
        deepest = max(z for z in STORED_ZOOMS if window.number_of_tiles(z) <= MAX_TILES)
        zooms = sorted({deepest, min(deepest, DEEPEST_OF_WORLD)})
        return cls(window, {z: window.tiles(z) for z in zooms})

    @property
    def all_read(self) -> set[Tile]:
        """The tiles to read for it, key tiles included."""
        found = {tile for tiles in self.tiles.values() for tile in tiles}
        return found | {key_tile(tile) for tile in found}

    def cell_span(self, z: int) -> tuple[int, ...]:
        """Return first and last column, first and last row of the cells that the window touches."""
        shift, w = GRID_BITS - z - CELL_BITS, self.window
        return w.left >> shift, (w.right - 1) >> shift, w.top >> shift, (w.bottom - 1) >> shift


def bound_rows(
    windows: Iterable[Window], subjects: Sequence[Subject]
) -> dict[Window, dict[Subject, int]]:
    """Return the greatest possible number of observations in each window; one query.

    Counted in cells where a subject has densities, else bounded by the threshold for storing them.
    """
    bounded = [WindowTiles.around(window) for window in set(windows)]
    found: dict[tuple[int, int], dict[tuple[int, ...], int]] = {}
    for (number, subject, *tile), n in read_totals(bounded, subjects).items():
        found.setdefault((number, subject), {})[tuple(tile)] = n

    def bound_of(number: int, subject: Subject) -> int:
        totals = found.get((number, subject.number), {})
        return min(bound_in_tiles(tiles, totals) for tiles in bounded[number].tiles.values())

    return {
        each.window: {subject: bound_of(number, subject) for subject in subjects}
        for number, each in enumerate(bounded)
    }


def bound_in_tiles(tiles: Sequence[Tile], totals: dict[tuple[int, ...], int]) -> int:
    """Return the greatest possible number in tiles of one zoom, of a subject with these totals.

    `totals`: observations by stored tile (z, x, y); a missing key tile has at most the threshold.
    """
    light = {key_tile(tile) for tile in tiles if key_tile(tile) not in totals}
    counted = sum(totals.get(tile, 0) for tile in tiles if key_tile(tile) not in light)
    return counted + len(light) * settings.DENSITY_THRESHOLD


def read_totals(
    bounded: Sequence[WindowTiles], subjects: Sequence[Subject]
) -> dict[tuple[int, ...], int]:
    """Return (window's number, subject, z, x, y): observations in the tile's cells in the window."""
    tiles = sorted({tile for each in bounded for tile in each.all_read})
    places = Sql(
        ", ".join(["(%s, %s, %s)"] * len(tiles)), tuple(number for tile in tiles for number in tile)
    )
    numbers = Sql("%s", (sorted({subject.number for subject in subjects}),))
    found: dict[tuple[int, ...], int] = {}
    for subject, z, x, y, entries in fetch(fill(TOTALS, subjects=numbers, places=places)):
        cells, counts = unpack_row(entries)
        columns, rows = x << CELL_BITS | cells & 63, y << CELL_BITS | cells >> CELL_BITS
        for number, each in enumerate(bounded):
            left, right, top, bottom = each.cell_span(z)
            within = (columns >= left) & (columns <= right) & (rows >= top) & (rows <= bottom)
            place = (number, subject, z, x, y)
            found[place] = found.get(place, 0) + int(counts[within].sum())
    return found
