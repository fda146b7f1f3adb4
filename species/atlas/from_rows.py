"""Read observations row by row: their cells in a tile, and their columns as arrays of numbers."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from django.conf import settings

from species.atlas.extents import Tile
from species.atlas.sql import Sql, fetch, fill
from species.density.codec import Numbers, profile_keys
from species.density.columns import SPECIES, UNDATED, seasons_of
from species.models.grid import CELL_BITS, GRID_BITS
from species.models.observation_queries import ObservationQuerySet

EXTENT_BITS = 12  # units of a tile's side: 4096
SUMMED = (
    *(
        "date_start",
        "date_end",
        "minimum_depth_in_meters",
        "maximum_depth_in_meters",
        "taxon_ordinal",
        "dataset_id",
    ),
    *("grid_column", "grid_row"),
)


def drawn(rows: ObservationQuerySet) -> Sql:
    """What `cells` and `records` draw. The database fetches no key where none is asked for."""
    return Sql.of(rows.order_by().values("key", "grid_column", "grid_row"))


def cells(read: Sql, tile: Tile) -> Sql:
    """(cells, n): the cell of each of the `n` rows drawn of a tile, as an array of int2.

    One row more than may be read tells that they are too many.
    """
    most = f"SELECT grid_column, grid_row FROM ({{read}}) o LIMIT {settings.RAW_ROW_BOUND + 1}"
    text = f"SELECT array_send(array_agg(({cell_of(tile)})::int2)) AS cells, count(*) AS n FROM ({most}) o"
    return fill(text, read=read) if read else read


def records(read: Sql, tile: Tile, limit: int) -> Sql:
    """(key, cell, x, y) of what is drawn of a tile, one more than the limit; x and y in units of
    4096 to its side.
    """
    shift, to_tile = GRID_BITS - tile.z - EXTENT_BITS, GRID_BITS - tile.z
    # the middle of what is coarser
    unit = f">> {shift}" if shift >= 0 else f"* {1 << -shift} + {1 << -shift - 1}"
    text = f"""
        SELECT key::text AS key, {cell_of(tile)} AS cell, (grid_column - {tile.x << to_tile}) {unit} AS x,
               (grid_row - {tile.y << to_tile}) {unit} AS y
        FROM ({{read}}) observation LIMIT {limit + 1}
    """
    return fill(text, read=read) if read else read


def cell_of(tile: Tile) -> str:
    """The cells of a tile are numbered row by row, `tile.side` to a row."""
    shift, last = GRID_BITS - tile.z - (tile.side - 1).bit_length(), tile.side - 1
    return f"((grid_row >> {shift}) & {last}) * {tile.side} + ((grid_column >> {shift}) & {last})"


# What is sent of a row, and how wide it is. What says `n` stands for so many observations.
SENT: dict[str, tuple[str, str]] = {
    "n": ("n::float8", ">f8"),
    "ordinal": ("taxon_ordinal", ">i8"),
    "dataset": ("dataset_id::int", ">i4"),
    "column": ("coalesce(grid_column, -1)", ">i4"),
    "row": ("coalesce(grid_row, -1)", ">i4"),
    "start": (f"coalesce(date_start - date '1970-01-01', {UNDATED})", ">i4"),
    "end": (f"coalesce(date_end - date '1970-01-01', {UNDATED})", ">i4"),
    "shallow": ("coalesce(least(minimum_depth_in_meters, maximum_depth_in_meters), 'NaN')", ">f8"),
    "deep": ("coalesce(greatest(minimum_depth_in_meters, maximum_depth_in_meters), 'NaN')", ">f8"),
}
# One row of bytes: arrays of numbers, none of which is null, are sooner sent and read than rows.
ARRAYS = f"""
SELECT count(*)::int, {" || ".join(f"array_send(array_agg({sql}))" for sql, _ in SENT.values())} FROM ({{rows}}) o
"""
HEAD = 20  # bytes before the elements of an array, each of which says its own length
SPECIES_OF_TAXA = f"""
SELECT string_agg(int8send(ordinal) || int4send(coalesce(species, 0)), '') FROM (
    SELECT ordinal, CASE WHEN rank = '{SPECIES}' THEN aphia_id ELSE (
        SELECT above.aphia_id FROM species_taxon above
        WHERE above.rank = '{SPECIES}' AND above.aphia_id = ANY(string_to_array(rtrim(taxon.path, '/'), '/')::int[])
        ORDER BY above.path DESC LIMIT 1) END AS species
    FROM species_taxon taxon WHERE ordinal = ANY(%s) ORDER BY ordinal) found
"""


def pack_columns(rows: Sql) -> Sql:
    """How many rows there are, of the columns of `raw.SUMMED` and `n`, and all that is sent of
    them.
    """
    return fill(ARRAYS, rows=rows)


def unpack_array(body: memoryview | None, count: int, kind: str, at: int = 0) -> Numbers:
    """What `array_send` made of so many numbers of a kind, from this byte on."""
    element = np.dtype([("size", ">i4"), ("value", kind)])
    found = (
        np.frombuffer(body, element, count, at + HEAD) if count and body else np.empty(0, element)
    )
    return found["value"].astype(np.dtype(kind).newbyteorder("="))


@dataclass(frozen=True)
class ObservedColumns:
    """Rows as columns; in each the number of a row stands at the same place."""

    columns: dict[str, Numbers]

    @classmethod
    def unpacked(cls, *answers: tuple[int, memoryview | None]) -> Self:
        """From what `pack_columns` answered, if it was asked."""
        (count, body), *_ = *answers, (0, None)
        columns, at = {}, 0
        for name, (_, kind) in SENT.items():
            columns[name] = unpack_array(body, count, kind, at)
            at += HEAD + count * (4 + columns[name].itemsize)
        return cls(columns)

    def __len__(self) -> int:
        return len(self.columns["n"])

    @property
    def numbers(self) -> Numbers:
        """For how many observations each stands."""
        return self.columns["n"]

    def profiles(self) -> Numbers:
        return profile_keys(
            *seasons_of(*(self.columns[name] for name in ("start", "end", "shallow", "deep")))
        )

    def datasets(self) -> Numbers:
        return self.columns["dataset"].astype(np.int64)

    def cells(self, z: int, bits: int) -> Numbers:
        """row << bits | column of the cells of a zoom's tiles, of the world; -1 of what cannot be
        drawn.
        """
        shift = GRID_BITS - z - CELL_BITS
        column, row = (self.columns[name].astype(np.int64) >> shift for name in ("column", "row"))
        return np.where(self.columns["row"] < 0, -1, row << bits | column)

    def species(self) -> Numbers:
        """AphiaIDs, 0 of what is known to a higher rank only; one query."""
        ordinals, where = np.unique(self.columns["ordinal"], return_inverse=True)
        if not len(ordinals):
            return ordinals
        ((sent,),) = fetch(Sql(SPECIES_OF_TAXA, (ordinals.tolist(),)))
        known = np.frombuffer(sent or b"", [("ordinal", ">i8"), ("species", ">i4")])
        place = np.searchsorted(known["ordinal"].astype(np.int64), ordinals)
        return known["species"].astype(np.int64)[place][where]
