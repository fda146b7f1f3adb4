"""The stored densities in SQL: how many records of a slice have which keys, at a cost that no number of records raises.

Each query is a piece of a statement with its values; a key may come several times, and the sum of its `n` is meant.
"""

from dataclasses import dataclass, replace
from typing import Self

from species.atlas.faces import CELL_BITS, SEASON_BITS, YEAR_BITS
from species.atlas.slices import Seasons, Slice, Subject, Years
from species.atlas.sql import Sql, fill, join, union
from species.atlas.tile import Tile
from species.models import Face

CELL = (1 << CELL_BITS) - 1
YEAR = (1 << YEAR_BITS) - 1
ALL = Sql("true")


@dataclass(frozen=True, slots=True)
class Stored:
    """Where to read: these subjects, in these tiles of one stored zoom, each (x, y)."""

    subjects: tuple[int, ...]
    z: int
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, wanted: Slice, *tiles: Tile) -> Self:
        """The slice's subjects in tiles of one zoom."""
        return cls(tuple(wanted.numbers), tiles[0].z, tuple((tile.x, tile.y) for tile in tiles))

    def about(self, subject: Subject) -> Self:
        """The same tiles of another subject."""
        return replace(self, subjects=(subject.number,))

    @property
    def condition(self) -> Sql:
        places = ", ".join(["(%s, %s)"] * len(self.places))
        numbers = (number for place in self.places for number in place)
        return Sql(f"subject = ANY(%s) AND z = %s AND (x, y) IN ({places})", (list(self.subjects), self.z, *numbers))

    def entries(self, face: Face, key: str, where: Sql = ALL, parts: Sql = ALL, sign: str = "") -> Sql:
        """(key, n, x, y) of entries that meet a condition on the stored `key`; `key` says what becomes of it."""
        return fill(
            f"""
            SELECT {key} AS key, {sign}n AS n, x, y FROM (
                SELECT x, y, unnest(keys) AS key, unnest(counts)::bigint AS n FROM species_density
                WHERE {{stored}} AND face = {int(face)} AND {{parts}}
            ) entry WHERE {{where}}
            """,
            stored=self.condition, parts=parts, where=where,
        )  # fmt: skip


def cells(stored: Stored, wanted: Slice) -> Sql:
    """Records in each cell: row << 6 | column of the 64 x 64 of a stored tile."""
    if wanted.years:
        return cells_of_years(stored, wanted.years)
    if wanted.seasons:
        return stored.entries(Face.SEASON, f"key & {CELL}", in_seasons(wanted.seasons, CELL_BITS))
    return stored.entries(Face.TOTAL, "key")


def in_seasons(seasons: Seasons, shift: int = 0) -> Sql:
    """Of a key whose season stands `shift` bits from its end."""
    return Sql(
        f"(key >> {shift + 8}) & 255 = ANY(%s) AND (key >> {shift}) & 255 = ANY(%s)",
        (list(seasons.months), list(seasons.depths)),
    )


def cells_of_years(stored: Stored, years: Years) -> Sql:
    """The years that are asked for, or everything minus the others: whichever is less to read."""
    return fill(
        f"""
        SELECT entry.key, entry.n, entry.x, entry.y FROM (
            SELECT coalesce(sum(pg_column_size(keys)) FILTER (WHERE face = {int(Face.YEAR)} AND {{parts}}), 0)
                   <= coalesce(sum(pg_column_size(keys)) FILTER (WHERE face = {int(Face.TOTAL)} OR {{others}}), 0)
                   AS is_less
            FROM species_density WHERE {{stored}} AND face IN ({int(Face.TOTAL)}, {int(Face.YEAR)})
        ) inside, LATERAL (
            SELECT key, n, x, y FROM ({{inside}}) asked WHERE inside.is_less
            UNION ALL SELECT key, n, x, y FROM ({{total}}) total WHERE NOT inside.is_less
            UNION ALL SELECT key, n, x, y FROM ({{outside}}) others WHERE NOT inside.is_less
        ) entry
        """,
        parts=parts_of(years),
        others=parts_of(years, outside=True),
        stored=stored.condition,
        inside=entries_of_years(stored, years),
        total=stored.entries(Face.TOTAL, "key"),
        outside=entries_of_years(stored, years, outside=True),
    )


def parts_of(years: Years, *, outside: bool = False) -> Sql:
    """The decades that the years touch, or all that are not wholly theirs."""
    if outside:
        return Sql("NOT (part BETWEEN %s AND %s)", (-(-years.first // 10), (years.last + 1) // 10 - 1))
    return Sql("part BETWEEN %s AND %s", (years.first // 10, years.last // 10))


def entries_of_years(stored: Stored, years: Years, *, outside: bool = False) -> Sql:
    """The cells of the years' records; or, to be taken away, of all others, undated ones among them."""
    negated, sign = ("NOT ", "-") if outside else ("", "")
    within = Sql(f"{negated}((key >> {CELL_BITS}) BETWEEN %s AND %s)", (years.first, years.last))
    spans = in_years(years, CELL_BITS)
    return union(
        [
            stored.entries(Face.YEAR, f"key & {CELL}", within, parts_of(years, outside=outside), sign),
            stored.entries(Face.SPAN, f"key & {CELL}", Sql(negated + spans.text, spans.values), sign=sign),
        ]
    )


def in_years(years: Years, shift: int) -> Sql:
    """Of a key whose first and last year stand `shift` bits from its end."""
    first, last = f"(key >> {shift + YEAR_BITS})", f"((key >> {shift}) & {YEAR})"
    if years.possibly:
        return Sql(f"({last} >= %s AND {first} <= %s AND {first} > 0)", (years.first, years.last))
    return Sql(f"({first} >= %s AND {last} <= %s)", (years.first, years.last))


def profiles(stored: Stored, wanted: Slice) -> Sql:
    """Records by first year, last year and season, without a cell."""
    asked = [in_years(wanted.years, SEASON_BITS)] if wanted.years else []
    asked += [in_seasons(wanted.seasons)] if wanted.seasons else []
    return stored.entries(Face.PROFILE, "key", join(" AND ", asked) or ALL)
