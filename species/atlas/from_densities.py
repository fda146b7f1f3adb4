"""Read stored densities: find their rows in SQL, and decode them with numpy.

In the results a key may occur several times; the sum of its counts is meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from species.atlas.bounds import key_tile
from species.atlas.density_query import DensityQuery, SeasonSet, Subject, YearRange
from species.atlas.grid import Tile
from species.atlas.results import CellCounts, Route
from species.atlas.sql import VERSION, Sql, fetch, fill, union
from species.density.codec import (
    CELL_BITS,
    DECADE,
    SEASON_BITS,
    STORED_ZOOMS,
    UNPARTED_FROM,
    YEAR_BITS,
    Numbers,
    unpack_row,
)
from species.models import Face
from species.models.grid import CELL_BITS as CELL_SIDE_BITS

CELL = (1 << CELL_BITS) - 1
YEAR = (1 << YEAR_BITS) - 1
SEASON = (1 << SEASON_BITS) - 1
COLUMNS = "x, y, face, layer, entries"
OF_TILE = f"SELECT {VERSION}, NULL::bigint, {COLUMNS} FROM ({{rows}}) stored"
STORED_SUBJECTS = f"""
SELECT {VERSION}, subject, NULL::int, NULL::int, NULL::smallint, NULL::int, NULL::bytea
FROM species_density WHERE {{key}} AND face = {Face.TOTAL:d}
"""


class Row(NamedTuple):
    """A row of `Density`; rows of several subjects or layers add up."""

    x: int
    y: int
    face: int
    layer: int
    entries: memoryview


class KeyCounts(NamedTuple):
    """Numbers of records by key, in the tile (x, y)."""

    x: int
    y: int
    keys: Numbers
    counts: Numbers


@dataclass(frozen=True, slots=True)
class StoredTiles:
    """Where to read: subjects in tiles of one stored zoom, each (x, y)."""

    subjects: tuple[int, ...]
    z: int
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, subjects: Iterable[Subject], *tiles: Tile) -> Self:
        numbers = tuple(subject.number for subject in subjects)
        return cls(numbers, tiles[0].z, tuple((tile.x, tile.y) for tile in tiles))

    def about(self, subject: Subject) -> Self:
        """Return the same tiles for another subject."""
        return replace(self, subjects=(subject.number,))

    @property
    def condition(self) -> Sql:
        subjects = list(self.subjects)
        if len(self.places) == 1:
            one = "subject = ANY(%s) AND z = %s AND (x, y) = (%s, %s)"
            return Sql(one, (subjects, self.z, *self.places[0]))
        columns, rows = map(list, zip(*self.places, strict=True))
        among = "(x, y) IN (SELECT * FROM unnest(%s::int[], %s::int[]))"
        return Sql(f"subject = ANY(%s) AND z = %s AND {among}", (subjects, self.z, columns, rows))

    def rows(self, face: Face) -> Sql:
        """Return the rows of one face."""
        statement = f"SELECT {COLUMNS} FROM species_density WHERE {{stored}} AND face = {face:d}"
        return fill(statement, stored=self.condition)


def read_stored_cells(wanted: DensityQuery, tile: Tile) -> tuple[CellCounts | None, list[Subject]]:
    """Return a tile's counts, if densities have all of it, and the subjects stored in it.

    One query.
    """
    key = StoredTiles.of(wanted.subjects, key_tile(tile)).condition
    parts = [rows_of_tile(wanted, tile), fill(STORED_SUBJECTS, key=key)]
    found = fetch(union(parts))
    numbers = {number for _, number, *_ in found}
    stored = [subject for subject in wanted.subjects if subject.number in numbers]
    if len(stored) < len(wanted.subjects):
        return None, stored
    rows = [Row(*row) for _, number, *row in found if number is None]
    route = Route.DELTA if any(row.layer > 0 for row in rows) else Route.PACKED
    return CellCounts(count_cells(tile, rows, wanted), route, found[0][0]), stored


def rows_of_tile(wanted: DensityQuery, tile: Tile) -> Sql:
    """Return the rows with the cells of a tile: of the stored tile that is it or is above it."""
    above = tile.at_zoom(min(tile.z - tile.z % 2, STORED_ZOOMS[-1]))
    return fill(OF_TILE, rows=rows_of_cells(StoredTiles.of(wanted.subjects, above), wanted))


def count_cells(tile: Tile, rows: Iterable[Row], wanted: DensityQuery) -> Numbers:
    """Return records by row and column of a tile's cells.

    A tile of an odd zoom is a quarter of the stored tile above.
    """
    counts = np.zeros(1 << 2 * CELL_SIDE_BITS)
    for some in decode_cells(rows, wanted):
        counts += np.bincount(some.keys, weights=some.counts, minlength=len(counts))
    table = counts.astype(np.int64).reshape(1 << CELL_SIDE_BITS, 1 << CELL_SIDE_BITS)
    top, left = (tile.side * (at & 1) if tile.z % 2 else 0 for at in (tile.y, tile.x))
    return table[top : top + tile.side, left : left + tile.side].copy()


def rows_of_cells(stored: StoredTiles, wanted: DensityQuery) -> Sql:
    """Return the rows that `cells` decodes."""
    if wanted.years:
        return rows_of_years(stored, wanted.years)
    return stored.rows(Face.SEASON if wanted.seasons else Face.TOTAL)


def rows_of_years(stored: StoredTiles, years: YearRange) -> Sql:
    """Return the rows with a range of years or, if smaller, all rows and those of other years.

    Parts are decades: the rows with the range are those it touches, the rows of other years those
    it does not cover. Deep zooms have a single part.
    """
    if stored.z >= UNPARTED_FROM:
        faces = f"{{stored}} AND face IN ({Face.YEAR:d}, {Face.SPAN:d})"
        return fill(f"SELECT {COLUMNS} FROM species_density WHERE {faces}", stored=stored.condition)
    inside = Sql("part BETWEEN %s AND %s", (years.first // DECADE, years.last // DECADE))
    outside = Sql(
        "NOT (part BETWEEN %s AND %s)", (-(-years.first // DECADE), (years.last + 1) // DECADE - 1)
    )
    return fill(
        f"""
        SELECT {COLUMNS} FROM species_density, (
            SELECT coalesce(sum(length(entries)) FILTER (WHERE face = {Face.YEAR:d} AND {{inside}}), 0)
                   <= coalesce(sum(length(entries)) FILTER (WHERE face = {Face.TOTAL:d} OR {{outside}}), 0) AS is_less
            FROM species_density WHERE {{stored}} AND face IN ({Face.TOTAL:d}, {Face.YEAR:d})
        ) inside
        WHERE {{stored}} AND CASE face
            WHEN {Face.YEAR:d} THEN CASE WHEN is_less THEN {{inside}} ELSE {{outside}} END
            WHEN {Face.TOTAL:d} THEN NOT is_less
            ELSE face = {Face.SPAN:d} END
        """,
        inside=inside, outside=outside, stored=stored.condition,
    )  # fmt: skip


def decode_cells(rows: Iterable[Row], wanted: DensityQuery) -> Iterator[KeyCounts]:
    """Yield records by cell, row << 6 | column of the 64 x 64 of a stored tile.

    `rows`: those of `rows_of_cells`.
    """
    found = list(rows)
    subtracts = bool(wanted.years) and any(row.face == Face.TOTAL for row in found)
    chosen = season_mask(wanted.seasons) if wanted.seasons else None
    for row in found:
        keys, counts = unpack_row(row.entries)
        if chosen is not None:
            within = chosen[keys >> CELL_BITS]
            keys, counts = keys[within], counts[within]
        elif wanted.years and row.face != Face.TOTAL:
            within = in_years(wanted.years, *years_of_keys(keys, row.face)) ^ subtracts
            keys, counts = keys[within], -counts[within] if subtracts else counts[within]
        yield KeyCounts(row.x, row.y, keys & CELL, counts)


def decode_profiles(rows: Iterable[Row], wanted: DensityQuery) -> Iterator[KeyCounts]:
    """Yield records by first year, last year and season; `rows`: of the face PROFILE."""
    chosen = season_mask(wanted.seasons) if wanted.seasons else None
    for row in rows:
        keys, counts = unpack_row(row.entries)
        within = np.ones(len(keys), bool) if chosen is None else chosen[keys & SEASON]
        if wanted.years:
            years = keys >> SEASON_BITS
            within &= in_years(wanted.years, years >> YEAR_BITS, years & YEAR)
        yield KeyCounts(row.x, row.y, keys[within], counts[within])


def decode_all(rows: Iterable[Row]) -> Iterator[KeyCounts]:
    """Yield all keys and counts of the rows."""
    for row in rows:
        yield KeyCounts(row.x, row.y, *unpack_row(row.entries))


def years_of_keys(keys: Numbers, face: int) -> tuple[Numbers, Numbers]:
    """Return first and last years of keys of the faces YEAR and SPAN."""
    years = keys >> CELL_BITS
    return (years, years) if face == Face.YEAR else (years >> YEAR_BITS, years & YEAR)


def in_years(years: YearRange, first: Numbers, last: Numbers) -> Numbers:
    """Return which spans match the years; records without a date match none."""
    if years.possibly:
        return (last >= years.first) & (first <= years.last) & (first > 0)
    return (first >= years.first) & (last <= years.last)


def season_mask(seasons: SeasonSet) -> Numbers:
    """Return, for each season code, whether it belongs to the set."""
    chosen = np.zeros((256, 256), bool)  # by months, by depths
    chosen[np.ix_(seasons.months, seasons.depths)] = True
    return chosen.ravel()
