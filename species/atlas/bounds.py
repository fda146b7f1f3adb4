"""How many observations subjects have at most in windows: what decides whether they may be read one
by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from species.atlas.density_query import Subject
from species.atlas.extents import Tile, Window
from species.atlas.sql import Sql, fetch, fill
from species.density.codec import BANDS, STORED_ZOOMS, key_zoom, unpack_row
from species.models import Face
from species.models.grid import CELL_BITS, GRID_BITS

MOST_TILES = 4  # of a stored zoom that are looked at
LAST_FAR = BANDS[0][-1]  # the deepest stored zoom of the key tile that is the world
COUNTS = f"""
SELECT subject, z, x, y, entries FROM species_density
WHERE subject = ANY({{subjects}}) AND (z, x, y) IN ({{places}}) AND face = {Face.TOTAL:d}
"""


def key_tile(tile: Tile) -> Tile:
    """The tile at which it is decided whether densities are kept of a subject here."""
    return tile.at_zoom(key_zoom(tile.z))


@dataclass(frozen=True, slots=True)
class WindowTiles:
    """The tiles at which a window is looked at, by stored zoom: as deep as few of them hold it, and
    from afar.
    """

    window: Window
    tiles: dict[int, list[Tile]]

    @classmethod
    def at(cls, window: Window) -> "WindowTiles":
        deepest = max(z for z in STORED_ZOOMS if window.number_of_tiles(z) <= MOST_TILES)
        return cls(window, {z: window.tiles(z) for z in sorted({deepest, min(deepest, LAST_FAR)})})

    @property
    def read(self) -> set[Tile]:
        """The tiles whose rows tell of it."""
        looked = {tile for tiles in self.tiles.values() for tile in tiles}
        return looked | {key_tile(tile) for tile in looked}

    def span(self, z: int) -> tuple[int, ...]:
        """The columns and rows of cells that it touches: first and last column, first and last row."""
        shift, w = GRID_BITS - z - CELL_BITS, self.window
        return w.left >> shift, (w.right - 1) >> shift, w.top >> shift, (w.bottom - 1) >> shift


def bound_rows(
    windows: Iterable[Window], subjects: Sequence[Subject]
) -> dict[Window, dict[Subject, int]]:
    """At most so many in each window: counted in cells where a subject has them, else bounded by
    the threshold.

    One query.
    """
    looked = [WindowTiles.at(window) for window in set(windows)]
    found: dict[tuple[int, int], dict[tuple[int, ...], int]] = {}
    for (number, subject, *tile), n in totals(looked, subjects).items():
        found.setdefault((number, subject), {})[tuple(tile)] = n

    def most(number: int, subject: Subject) -> int:
        counted = found.get((number, subject.number), {})
        return min(bound_in_tiles(tiles, counted) for tiles in looked[number].tiles.values())

    return {
        at.window: {subject: most(number, subject) for subject in subjects}
        for number, at in enumerate(looked)
    }


def bound_in_tiles(tiles: Sequence[Tile], found: dict[tuple[int, ...], int]) -> int:
    """At most so many in tiles of a zoom, of a subject with so many in the tiles (z, x, y) that are
    found.
    """
    light = {key_tile(tile) for tile in tiles if address(key_tile(tile)) not in found}
    counted = sum(found.get(address(tile), 0) for tile in tiles if key_tile(tile) not in light)
    return counted + len(light) * settings.DENSITY_THRESHOLD


def totals(
    looked: Sequence[WindowTiles], subjects: Sequence[Subject]
) -> dict[tuple[int, ...], int]:
    """(window's number, subject, z, x, y): records in the cells of that tile that the window
    touches.
    """
    tiles = sorted({address(tile) for at in looked for tile in at.read})
    query = fill(
        COUNTS,
        subjects=Sql("%s", (sorted({subject.number for subject in subjects}),)),
        places=sql_rows("(%s, %s, %s)", tiles),
    )
    found: dict[tuple[int, ...], int] = {}
    for subject, z, x, y, entries in fetch(query):
        cells, counts = unpack_row(entries)
        columns, rows = x << CELL_BITS | cells & 63, y << CELL_BITS | cells >> CELL_BITS
        for number, at in enumerate(looked):
            left, right, top, bottom = at.span(z)
            within = (columns >= left) & (columns <= right) & (rows >= top) & (rows <= bottom)
            place = (number, subject, z, x, y)
            found[place] = found.get(place, 0) + int(counts[within].sum())
    return found


def sql_rows(row: str, rows: Sequence[tuple[int, ...]]) -> Sql:
    return Sql(
        ", ".join([row] * len(rows)), tuple(number for numbers in rows for number in numbers)
    )


def address(tile: Tile) -> tuple[int, int, int]:
    return tile.z, tile.x, tile.y
