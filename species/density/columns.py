"""Read observations by COPY as columns of numbers, with the lineages of their taxa."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from species.density.codec import ALL_MONTHS, DEPTH_EDGES, DEPTH_UNKNOWN, Numbers
from species.models.grid import GRID_BITS
from species.models.observation_queries import PUBLISHED_SQL
from species.models.taxon import SPECIES

NO_SPECIES = 0  # of what is known to a higher rank only
NO_ANCESTOR = np.iinfo(np.int32).min  # fills up the rows of a matrix of ancestors
UNDATED = np.iinfo(np.int32).min
CHUNK = 100_000  # observations that are folded at once, in some 200 MB

# What COPY BINARY sends of a row: the number of fields, then each with its length.
COPIED = ("id", ">i8"), ("ordinal", ">i8"), ("dataset", ">i4"), ("column", ">i4"), ("row", ">i4"), \
    ("start", ">i4"), ("end", ">i4"), ("shallow", ">f8"), ("deep", ">f8")  # fmt: skip
COPIED_ROW = np.dtype(
    [
        ("", ">i2"),
        *(pair for name, kind in COPIED for pair in ((f"{name}_size", ">i4"), (name, kind))),
    ]
)
HEADER_BYTES = 19
COLUMNS = f"""
    o.taxon_ordinal, o.dataset_id::integer, o.grid_column, o.grid_row,
    coalesce(o.date_start - date '1970-01-01', {UNDATED}), coalesce(o.date_end - date '1970-01-01', {UNDATED}),
    coalesce(least(o.minimum_depth_in_meters, o.maximum_depth_in_meters), 'NaN'),
    coalesce(greatest(o.minimum_depth_in_meters, o.maximum_depth_in_meters), 'NaN')
"""


@dataclass(frozen=True, slots=True)
class ObservationBatch:
    """Observations as columns, one number each: all that densities know of them."""

    id: Numbers
    lineage: Numbers  # a row of Lineages.ancestors
    species: Numbers
    dataset: Numbers
    column: Numbers
    row: Numbers
    first_year: Numbers
    last_year: Numbers
    season: Numbers

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, which: Any) -> "ObservationBatch":
        return ObservationBatch(*(getattr(self, field.name)[which] for field in fields(self)))

    @classmethod
    def joined(cls, *parts: "ObservationBatch") -> "ObservationBatch":
        return cls(
            *(
                np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            )
        )

    def without(self, places: Numbers) -> "ObservationBatch":
        kept = np.ones(len(self), bool)
        kept[places] = False
        return self[kept]

    def equals(self, other: "ObservationBatch") -> Numbers:
        """Return, for each observation, whether all its columns are equal."""
        return np.all(
            [getattr(self, field.name) == getattr(other, field.name) for field in fields(self)],
            axis=0,
        )

    def tiles(self, zoom: int) -> Numbers:
        """Return the tile of a zoom for each observation, as y << zoom | x."""
        return tiles_of(self.column, self.row, zoom)


def tiles_of(columns: Numbers, rows: Numbers, zoom: int) -> Numbers:
    shift = GRID_BITS - zoom
    return (rows.astype(np.int64) >> shift) << zoom | columns.astype(np.int64) >> shift


class Lineages:
    """The AphiaIDs that an observation of a taxon counts for: taxon, ancestors and species."""

    def __init__(self) -> None:
        self.places: dict[tuple[tuple[int, ...], int], int] = {}

    @property
    def ancestors(self) -> Numbers:
        """One row for each lineage, filled up with NO_ANCESTOR."""
        width = max((len(ids) for ids, _ in self.places), default=0)
        matrix = np.full((len(self.places), width), NO_ANCESTOR, dtype=np.int64)
        for (ids, _), place in self.places.items():
            matrix[place, : len(ids)] = ids
        return matrix

    @property
    def species(self) -> Numbers:
        return np.array([species for _, species in self.places], dtype=np.int64)

    def read(self, cursor, ordinals: Iterable[int] | None = None) -> "LineageIndex":
        """Read the current lineages of the taxa with these ordinals (None: of all)."""
        cursor.execute(
            f"""
            SELECT ordinal, path, (SELECT a.aphia_id FROM species_taxon a WHERE a.rank = '{SPECIES}'
                AND a.aphia_id = ANY (string_to_array(rtrim(t.path, '/'), '/')::int[]) ORDER BY a.path DESC LIMIT 1)
            FROM species_taxon t WHERE ordinal IS NOT NULL AND (%(all)s OR ordinal = ANY(%(ordinals)s))
            ORDER BY ordinal
            """,
            {"all": ordinals is None, "ordinals": list(ordinals or ())},
        )
        found = [
            (ordinal, self.place(path, species)) for ordinal, path, species in cursor.fetchall()
        ]
        table = np.array(found, dtype=np.int64).reshape(-1, 2)
        return LineageIndex(table[:, 0], table[:, 1])

    def place(self, path: str, species: int | None) -> int:
        key = (tuple(map(int, path.rstrip("/").split("/"))), species or NO_SPECIES)
        return self.places.setdefault(key, len(self.places))


@dataclass(frozen=True, slots=True)
class LineageIndex:
    """Ordinals in ascending order, with the lineage of each."""

    ordinals: Numbers
    lineages: Numbers

    def of(self, ordinals: Numbers) -> Numbers:
        return self.lineages[np.searchsorted(self.ordinals, ordinals)]


class CopiedRows:
    """Observations as COPY sent them, in a temporary file: any number takes no memory."""

    def __init__(self, cursor, rows: str, key: str = "o.id") -> None:
        """`rows`: SQL from FROM on, without parameters, for drawable observations `o`."""
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  # as long as this lives
        cursor.copy_expert(
            f"COPY (SELECT {key}, {COLUMNS} {rows}) TO STDOUT (FORMAT binary)", self.file
        )
        self.file.flush()
        count = (self.file.tell() - HEADER_BYTES) // COPIED_ROW.itemsize
        self.rows: Numbers = (
            np.memmap(self.file, COPIED_ROW, "r", HEADER_BYTES, (count,))
            if count
            else np.empty(0, COPIED_ROW)
        )

    @classmethod
    def drawn(cls, cursor, condition: str, order: str) -> Self:
        """Read the published, drawable observations `o` that meet a condition.

        Without ids, which no covering index has. The order should put similar ones side by side.
        """
        rows = f"FROM species_curatedobservation o WHERE {condition} AND o.grid_row IS NOT NULL AND {PUBLISHED_SQL}"
        return cls(cursor, f"{rows} ORDER BY {order}", key="0::bigint")

    def __len__(self) -> int:
        return len(self.rows)

    def ordinals(self) -> list[int]:
        found: set[int] = set()
        for start in range(0, len(self), CHUNK):
            found.update(
                np.unique(self.rows["ordinal"][start : start + CHUNK].astype(np.int64)).tolist()
            )
        return sorted(found)

    @property
    def ids(self) -> Numbers:
        return self.rows["id"].astype(np.int64)

    def tiles(self, zoom: int) -> Iterator[Numbers]:
        """Yield the tiles of a zoom, chunk by chunk, as `ObservationBatch.tiles` returns them."""
        for start in range(0, len(self), CHUNK):
            chunk = self.rows[start : start + CHUNK]
            yield tiles_of(chunk["column"], chunk["row"], zoom)

    def batch(
        self, start: int, end: int, index: LineageIndex, species: Numbers
    ) -> ObservationBatch:
        return make_batch(self.rows[start:end], index, species)

    def chunks(self, index: LineageIndex, species: Numbers) -> Iterator[ObservationBatch]:
        for start in range(0, len(self), CHUNK):
            yield self.batch(start, start + CHUNK, index, species)


def make_batch(rows: Numbers, index: LineageIndex, species: Numbers) -> ObservationBatch:
    """Return copied rows as a batch; `species`: by lineage."""
    lineage = index.of(rows["ordinal"].astype(np.int64))
    first_year, last_year, season = seasons_of(
        *(rows[name] for name in ("start", "end", "shallow", "deep"))
    )
    return ObservationBatch(
        id=rows["id"].astype(np.int64),
        lineage=lineage,
        species=species[lineage],
        dataset=rows["dataset"].astype(np.int64),
        column=rows["column"].astype(np.int32),
        row=rows["row"].astype(np.int32),
        first_year=first_year,
        last_year=last_year,
        season=season,
    )


def seasons_of(
    start: Numbers, end: Numbers, shallow: Numbers, deep: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return first year, last year and season, encoded by `codec`.

    From days since 1970, UNDATED where unknown, and metres, NaN where unknown.
    """
    first_year, first_month = years_and_months(start.astype(np.int64))
    last_year, last_month = years_and_months(end.astype(np.int64))
    all_months = (last_year * 12 + last_month - first_year * 12 - first_month) >= 11
    first_month[all_months] = last_month[all_months] = ALL_MONTHS
    return (
        first_year,
        last_year,
        first_month << 12 | last_month << 8 | depth_codes(shallow) << 4 | depth_codes(deep),
    )


def years_and_months(days: Numbers) -> tuple[Numbers, Numbers]:
    """Return years and months of days since 1970; 0 where there is no date."""
    known = days != UNDATED
    months = np.where(known, days, 0).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return np.where(known, months // 12 + 1970, 0), np.where(known, months % 12 + 1, 0)


def depth_codes(metres: Numbers) -> Numbers:
    """Return the `codec.depth_code` of each depth; DEPTH_UNKNOWN for NaN."""
    metres = metres.astype(np.float64)
    edges = np.array([*DEPTH_EDGES, np.inf])
    place = np.searchsorted(edges, metres)
    place[np.isnan(metres)] = 0
    codes = 2 * place + (edges[place] == metres)
    codes[np.isnan(metres)] = DEPTH_UNKNOWN
    return codes.astype(np.int64)
