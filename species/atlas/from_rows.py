"""Read observations row by row: counts in the cells of a tile, keys, and columns of numbers."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from django.conf import settings

from species.atlas.density_query import DensityQuery
from species.atlas.from_densities import Row, count_cells, rows_of_tile
from species.atlas.grid import Tile
from species.atlas.results import CellCounts, Layer, Route
from species.atlas.sql import VERSION, Sql, fetch, fill, union
from species.density.codec import Numbers, profile_keys
from species.density.columns import SPECIES, UNDATED, seasons_of
from species.models import DataVersion
from species.models.grid import CELL_BITS, GRID_BITS
from species.models.observation_queries import ObservationQuerySet

TILE_BITS = 12  # units of a tile's side: 4096
SUMMED = (
    "date_start",
    "date_end",
    "minimum_depth_in_meters",
    "maximum_depth_in_meters",
    "taxon_ordinal",
    "dataset_id",
    "grid_column",
    "grid_row",
)
OF_CELLS = f"""
SELECT {VERSION}, n, NULL::int, NULL::int, NULL::smallint, NULL::int, cells FROM ({{cells}}) read
"""
KEYED = f"""
WITH record AS ({{records}}), feature AS ({{features}})
SELECT {VERSION}, (SELECT ST_AsMVT(feature, '{{layer}}', {1 << TILE_BITS}, 'geom') FROM feature),
    (SELECT count(*) FROM record)
"""
POINTS = "SELECT ST_MakePoint(x, y) AS geom, key FROM record ORDER BY key"
KEYED_CELLS = """
SELECT {middle}, count(*) AS n, CASE WHEN count(*) = 1 THEN min(key) END AS key
FROM record GROUP BY cell ORDER BY cell
"""


def read_cells_of_rows(
    rows: ObservationQuerySet, tile: Tile, stored: DensityQuery | None
) -> CellCounts | None:
    """Return the counts of a tile's rows and of the densities stored in it; None for too many rows.

    One query.
    """
    read = drawn_columns(rows)
    parts = [rows_of_tile(stored, tile)] if stored else []
    parts += [fill(OF_CELLS, cells=packed_cells(read, tile))] if read else []
    found = fetch(union(parts)) if parts else []
    counts = np.zeros((tile.side, tile.side), np.int64)
    if stored:
        densities = [Row(*row) for _, number, *row in found if number is None]
        counts = count_cells(tile, densities, stored)
    for _, number, *_, packed in found:
        if number:
            cells = unpack_array(packed, number, ">i2")
            counts.ravel()[:] += np.bincount(cells, minlength=tile.side**2)
            if number > settings.RAW_ROW_BOUND:
                return None
    return CellCounts(counts, Route.RAW, found[0][0] if found else DataVersion.current())


def read_keyed_layer(
    rows: ObservationQuerySet, tile: Tile, most: int, *, single: bool
) -> Layer | None:
    """Return the layer of a tile's records with their keys; None where they are more than `most`.

    `single`: each at its place, in place of one point for each cell. One query.
    """
    records = records_of_tile(drawn_columns(rows), tile, most)
    features = Sql(POINTS if single else KEYED_CELLS.replace("{middle}", middle_of_cell(tile)))
    template = KEYED.replace("{layer}", "points" if single else "cells")
    ((version, layer, total),) = fetch(fill(template, records=records, features=features))
    if total > most:
        return None
    return Layer(bytes(layer), total, Route.SINGLE if single else Route.RAW, version)


def drawn_columns(rows: ObservationQuerySet) -> Sql:
    """Return the columns to draw; the database fetches no key where the statement uses none."""
    return Sql.of(rows.order_by().values("key", "grid_column", "grid_row"))


def packed_cells(read: Sql, tile: Tile) -> Sql:
    """Return (cells, n): the cells of `n` rows of a tile, as an array of int2.

    Reads one row more than allowed, which shows that there are too many.
    """
    rows = f"SELECT grid_column, grid_row FROM ({{read}}) o LIMIT {settings.RAW_ROW_BOUND + 1}"
    cells = f"array_send(array_agg(({cell_of(tile)})::int2)) AS cells"
    return fill(f"SELECT {cells}, count(*) AS n FROM ({rows}) o", read=read)


def records_of_tile(read: Sql, tile: Tile, most: int) -> Sql:
    """Return (key, cell, x, y) of a tile's rows, one more than `most`; x and y up to 4096."""
    shift, to_tile = GRID_BITS - tile.z - TILE_BITS, GRID_BITS - tile.z
    # Units finer than the grid: the middle of the grid's square.
    unit = f">> {shift}" if shift >= 0 else f"* {1 << -shift} + {1 << -shift - 1}"
    statement = f"""
        SELECT key::text AS key, {cell_of(tile)} AS cell,
            (grid_column - {tile.x << to_tile}) {unit} AS x,
            (grid_row - {tile.y << to_tile}) {unit} AS y
        FROM ({{read}}) observation LIMIT {most + 1}
    """
    return fill(statement, read=read)


def middle_of_cell(tile: Tile) -> str:
    """Return SQL for the point in the middle of a cell, in units of a tile."""
    side, size = tile.side, (1 << TILE_BITS) // tile.side
    x, y = (f"{at} * {size} + {size} / 2" for at in (f"cell %% {side}", f"cell / {side}"))
    return f"ST_MakePoint({x}, {y}) AS geom"


def cell_of(tile: Tile) -> str:
    """Return SQL for the cell of a row, numbered row by row within a tile."""
    shift, last = GRID_BITS - tile.z - (tile.side - 1).bit_length(), tile.side - 1
    return f"((grid_row >> {shift}) & {last}) * {tile.side} + ((grid_column >> {shift}) & {last})"


# The columns that are sent, with their types; `n` is the number of observations of a row.
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
# Arrays of numbers without nulls are faster to send and to read than rows.
ARRAYS = f"""
SELECT count(*)::int, {" || ".join(f"array_send(array_agg({sql}))" for sql, _ in SENT.values())} FROM ({{rows}}) o
"""
HEAD = 20  # bytes before the elements of an array, each of which begins with its length
SPECIES_OF_TAXA = f"""
SELECT string_agg(int8send(ordinal) || int4send(coalesce(species, 0)), '') FROM (
    SELECT ordinal, CASE WHEN rank = '{SPECIES}' THEN aphia_id ELSE (
        SELECT above.aphia_id FROM species_taxon above
        WHERE above.rank = '{SPECIES}' AND above.aphia_id = ANY(string_to_array(rtrim(taxon.path, '/'), '/')::int[])
        ORDER BY above.path DESC LIMIT 1) END AS species
    FROM species_taxon taxon WHERE ordinal = ANY(%s) ORDER BY ordinal) found
"""


def pack_columns(rows: Sql) -> Sql:
    """Return the number of rows with the columns SUMMED and `n`, and their columns as bytes."""
    return fill(ARRAYS, rows=rows)


def unpack_array(body: memoryview | None, count: int, kind: str, at: int = 0) -> Numbers:
    """Return the `count` numbers that `array_send` wrote at this byte."""
    element = np.dtype([("size", ">i4"), ("value", kind)])
    found = (
        np.frombuffer(body, element, count, at + HEAD) if count and body else np.empty(0, element)
    )
    return found["value"].astype(np.dtype(kind).newbyteorder("="))


@dataclass(frozen=True)
class ObservedColumns:
    """Observations as columns of numbers."""

    columns: dict[str, Numbers]

    @classmethod
    def unpacked(cls, *results: tuple[int, memoryview | None]) -> Self:
        """Return the columns of a result of `pack_columns`; without one, empty columns."""
        (count, body), *_ = *results, (0, None)
        columns, at = {}, 0
        for name, (_, kind) in SENT.items():
            columns[name] = unpack_array(body, count, kind, at)
            at += HEAD + count * (4 + columns[name].itemsize)
        return cls(columns)

    def __len__(self) -> int:
        return len(self.columns["n"])

    @property
    def numbers(self) -> Numbers:
        """The number of observations that each row represents."""
        return self.columns["n"]

    def profiles(self) -> Numbers:
        return profile_keys(
            *seasons_of(*(self.columns[name] for name in ("start", "end", "shallow", "deep")))
        )

    def datasets(self) -> Numbers:
        return self.columns["dataset"].astype(np.int64)

    def cells(self, z: int, bits: int) -> Numbers:
        """Return cells of the world, row << bits | column, of tiles of zoom z; -1 if not drawable."""
        shift = GRID_BITS - z - CELL_BITS
        column, row = (self.columns[name].astype(np.int64) >> shift for name in ("column", "row"))
        return np.where(self.columns["row"] < 0, -1, row << bits | column)

    def species(self) -> Numbers:
        """Return the AphiaIDs of their species, 0 for higher ranks; one query."""
        ordinals, where = np.unique(self.columns["ordinal"], return_inverse=True)
        if not len(ordinals):
            return ordinals
        ((sent,),) = fetch(Sql(SPECIES_OF_TAXA, (ordinals.tolist(),)))
        known = np.frombuffer(sent or b"", [("ordinal", ">i8"), ("species", ">i4")])
        place = np.searchsorted(known["ordinal"].astype(np.int64), ordinals)
        return known["species"].astype(np.int64)[place][where]
