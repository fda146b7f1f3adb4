"""The stored densities: which rows tell of a slice, and how many records of it have which keys.

SQL finds the rows, numpy reads what they hold. In what is answered a key may come several times,
and the sum of its counts is meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from species.atlas.density_query import DensityQuery, SeasonSet, Subject, YearRange
from species.atlas.extents import Tile
from species.atlas.sql import Sql, fill
from species.density.codec import (
    CELL_BITS,
    DECADE,
    SEASON_BITS,
    UNPARTED_FROM,
    YEAR_BITS,
    Numbers,
    unpack_row,
)
from species.models import Face

CELL = (1 << CELL_BITS) - 1
YEAR = (1 << YEAR_BITS) - 1
SEASON = (1 << SEASON_BITS) - 1
COLUMNS = "x, y, face, layer, entries"


class Row(NamedTuple):
    """What is read of a row of `Density`; of rows of several subjects or layers the sum is meant."""

    x: int
    y: int
    face: int
    layer: int
    entries: memoryview


class KeyCounts(NamedTuple):
    """So many records of each key, in the tile (x, y)."""

    x: int
    y: int
    keys: Numbers
    counts: Numbers


@dataclass(frozen=True, slots=True)
class StoredTiles:
    """Where to read: these subjects, in these tiles of one stored zoom, each (x, y)."""

    subjects: tuple[int, ...]
    z: int
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, subjects: Iterable[Subject], *tiles: Tile) -> Self:
        """Return where the densities of subjects are in tiles of one zoom."""
        numbers = tuple(subject.number for subject in subjects)
        return cls(numbers, tiles[0].z, tuple((tile.x, tile.y) for tile in tiles))

    def about(self, subject: Subject) -> Self:
        """The same tiles of another subject."""
        return replace(self, subjects=(subject.number,))

    @property
    def condition(self) -> Sql:
        subjects = list(self.subjects)
        if len(self.places) == 1:
            return Sql(
                "subject = ANY(%s) AND z = %s AND (x, y) = (%s, %s)",
                (subjects, self.z, *self.places[0]),
            )
        columns, rows = map(list, zip(*self.places, strict=True))
        among = "(x, y) IN (SELECT * FROM unnest(%s::int[], %s::int[]))"
        return Sql(f"subject = ANY(%s) AND z = %s AND {among}", (subjects, self.z, columns, rows))

    def rows(self, face: Face) -> Sql:
        """All of one face."""
        return fill(
            f"SELECT {COLUMNS} FROM species_density WHERE {{stored}} AND face = {face:d}",
            stored=self.condition,
        )


def rows_of_cells(stored: StoredTiles, wanted: DensityQuery) -> Sql:
    """The rows that `cells` reads."""
    if wanted.years:
        return rows_of_years(stored, wanted.years)
    return stored.rows(Face.SEASON if wanted.seasons else Face.TOTAL)


def rows_of_years(stored: StoredTiles, years: YearRange) -> Sql:
    """The years that are asked for; or, when that is less to read, everything and the years to be
    taken away from it.

    Parts are decades: those that the years touch, or all that are not wholly theirs. Of deep zooms
    there is one part.
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


def cells(rows: Iterable[Row], wanted: DensityQuery) -> Iterator[KeyCounts]:
    """Records in each cell: row << 6 | column of the 64 x 64 of a stored tile. `rows`: of
    `rows_of_cells`.
    """
    found = list(rows)
    takes_away = bool(wanted.years) and any(row.face == Face.TOTAL for row in found)
    chosen = seasons_chosen(wanted.seasons) if wanted.seasons else None
    for row in found:
        keys, counts = unpack_row(row.entries)
        if chosen is not None:
            within = chosen[keys >> CELL_BITS]
            keys, counts = keys[within], counts[within]
        elif wanted.years and row.face != Face.TOTAL:
            within = in_years(wanted.years, *years_of(keys, row.face)) ^ takes_away
            keys, counts = keys[within], -counts[within] if takes_away else counts[within]
        yield KeyCounts(row.x, row.y, keys & CELL, counts)


def years_of(keys: Numbers, face: int) -> tuple[Numbers, Numbers]:
    """First and last year of the keys of the faces YEAR and SPAN."""
    years = keys >> CELL_BITS
    return (years, years) if face == Face.YEAR else (years >> YEAR_BITS, years & YEAR)


def in_years(years: YearRange, first: Numbers, last: Numbers) -> Numbers:
    """Which of these spans the years are meant to find; what has no date is in none."""
    if years.possibly:
        return (last >= years.first) & (first <= years.last) & (first > 0)
    return (first >= years.first) & (last <= years.last)


def seasons_chosen(seasons: SeasonSet) -> Numbers:
    """Of each code of a season, whether it is meant."""
    chosen = np.zeros((256, 256), bool)  # by months, by depths
    chosen[np.ix_(seasons.months, seasons.depths)] = True
    return chosen.ravel()


def profiles(rows: Iterable[Row], wanted: DensityQuery) -> Iterator[KeyCounts]:
    """Records by first year, last year and season, without a cell. `rows`: of the face PROFILE."""
    chosen = seasons_chosen(wanted.seasons) if wanted.seasons else None
    for row in rows:
        keys, counts = unpack_row(row.entries)
        within = np.ones(len(keys), bool) if chosen is None else chosen[keys & SEASON]
        if wanted.years:
            years = keys >> SEASON_BITS
            within &= in_years(wanted.years, years >> YEAR_BITS, years & YEAR)
        yield KeyCounts(row.x, row.y, keys[within], counts[within])


def whole(rows: Iterable[Row]) -> Iterator[KeyCounts]:
    """All that the rows hold."""
    for row in rows:
        yield KeyCounts(row.x, row.y, *unpack_row(row.entries))
