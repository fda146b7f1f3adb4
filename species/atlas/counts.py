"""How many observations subjects have at most in a window: what decides whether they may be read one by one."""

from collections.abc import Iterable, Sequence

from django.conf import settings

from species.atlas.faces import KEY_ZOOMS, STORED_ZOOMS
from species.atlas.slices import Subject
from species.atlas.sql import Sql, fetch, fill
from species.atlas.tile import Tile
from species.atlas.windows import Window
from species.models import Face
from species.models.grid import CELL_BITS, GRID_BITS

MOST_TILES = 4  # of a stored zoom that are looked at
COUNTS = f"""
SELECT subject, z, x, y, sum(n) FILTER (WHERE (x << {CELL_BITS} | (key & 63)) BETWEEN first_column AND last_column
                                          AND (y << {CELL_BITS} | (key >> {CELL_BITS})) BETWEEN first_row AND last_row)
FROM (
    SELECT subject, z, x, y, unnest(keys) AS key, unnest(counts)::bigint AS n FROM species_density
    WHERE subject = ANY(%s) AND (z, x, y) IN ({{places}}) AND face = {int(Face.TOTAL)}
) entry JOIN (VALUES {{ranges}}) span (z, first_column, last_column, first_row, last_row) USING (z)
GROUP BY subject, z, x, y
"""


def key_tile(tile: Tile) -> Tile:
    """The tile at which it is decided whether densities are kept of a subject here."""
    return tile.at_zoom(max(zoom for zoom in KEY_ZOOMS if zoom <= tile.z))


def most_in(windows: Iterable[Window], subjects: Sequence[Subject]) -> int:
    """At most so many drawable observations of the subjects together lie in the windows; one query for each window."""
    return sum(sum(most_of_each(window, subjects).values()) for window in windows)


def most_of_each(window: Window, subjects: Sequence[Subject]) -> dict[Subject, int]:
    """At most so many in the window: counted in cells where a subject has them, else bounded by the threshold."""
    deepest = max(z for z in STORED_ZOOMS if window.number_of_tiles(z) <= MOST_TILES)
    zooms = sorted({deepest, min(deepest, 4)})
    tiles = {z: window.tiles(z) for z in zooms}
    keys = {key_tile(tile) for z in zooms for tile in tiles[z]}
    found = totals(window, subjects, sorted({*keys, *(tile for z in zooms for tile in tiles[z])}, key=address))

    def most(subject: Subject, z: int) -> int:
        kept = [tile for tile in tiles[z] if (subject.number, *address(key_tile(tile))) in found]
        light = {key_tile(tile) for tile in tiles[z]} - {key_tile(tile) for tile in kept}
        counted = sum(found.get((subject.number, *address(tile)), 0) for tile in kept)
        return counted + len(light) * settings.DENSITY_THRESHOLD

    return {subject: min(most(subject, z) for z in zooms) for subject in subjects}


def totals(window: Window, subjects: Sequence[Subject], tiles: Sequence[Tile]) -> dict[tuple[int, ...], int]:
    """(subject, z, x, y): records in the cells of that tile that the window touches."""
    shifts = {z: GRID_BITS - z - CELL_BITS for z in {tile.z for tile in tiles}}
    spans = [
        (z, window.left >> by, window.right - 1 >> by, window.top >> by, window.bottom - 1 >> by)
        for z, by in sorted(shifts.items())
    ]
    query = fill(
        COUNTS.replace("%s", "{subjects}"),
        subjects=Sql("%s", ([subject.number for subject in subjects],)),
        places=values("(%s, %s, %s)", map(address, tiles)),
        ranges=values("(%s, %s, %s, %s, %s)", spans),
    )
    return {(subject, z, x, y): number or 0 for subject, z, x, y, number in fetch(query)}


def values(row: str, rows: Iterable[tuple[int, ...]]) -> Sql:
    listed = list(rows)
    return Sql(", ".join([row] * len(listed)), tuple(number for numbers in listed for number in numbers))


def address(tile: Tile) -> tuple[int, int, int]:
    return tile.z, tile.x, tile.y
