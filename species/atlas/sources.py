"""Choose the source of an area's figures (densities, rows or the sample), and add them up."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import product
from math import inf
from typing import NamedTuple

import numpy as np
from django.conf import settings

from species.atlas import from_densities, from_rows, from_sample
from species.atlas.access import QueryAccess
from species.atlas.cover import Cover
from species.atlas.density_query import EVERYTHING, DensityQuery
from species.atlas.extents import Area, Overlap
from species.atlas.from_rows import ObservedColumns, pack_columns
from species.atlas.grid import Window, not_drawable
from species.atlas.results import Route
from species.atlas.sql import Sql, fetch, fill, union
from species.density.codec import Numbers
from species.density.columns import SPECIES
from species.models import Face
from species.models.grid import CELL_BITS
from species.models.observation_queries import ObservationQuerySet
from species.ranges import OrdinalRange

ROW_OF_CELL = 32  # bits of the column in the number of a cell of the world
OF_STORED = f"SELECT {{number}}, {from_densities.COLUMNS} FROM ({{{{rows}}}}) stored"
OF_ROWS = "SELECT -1, 0, 0, 0, packed.* FROM ({packed}) packed"


class Kind(Enum):
    """Kinds of figures, with the keys that records are counted by."""

    PROFILE = "years, months and depths"
    CELL = "cell of the world, row << 32 | column"
    SPECIES = "AphiaID of the species, 0 for none"
    DATASET = "dataset"


class Figures(NamedTuple):
    """Numbers of records by key, in the order of the keys; `read`: rows read one by one."""

    keys: Numbers
    numbers: Numbers
    read: int


@dataclass(frozen=True, slots=True)
class Source:
    """Densities and rows that together have the figures of an area.

    `stored`: parts of the query, and the densities to read for each. `observed`: rows to read beside
    them, each for `n` records. `most`: how many of these may be read.
    """

    route: Route
    stored: tuple[tuple[DensityQuery, from_densities.StoredTiles], ...]
    observed: Sql
    most: float = inf

    def read(self, kinds: Sequence[Kind], z: int) -> dict[Kind, Figures]:
        """Return the figures; cells are those of tiles of zoom z.

        One statement, so that all figures are of the same moment.
        """
        wanted = list(product(kinds, self.stored))
        parts = [
            fill(OF_STORED.format(number=number), rows=rows_of_kind(kind, *stored))
            for number, (kind, stored) in enumerate(wanted)
        ]
        if self.observed:
            parts.append(fill(OF_ROWS, packed=pack_columns(self.observed)))
        found: dict[int, list[from_densities.Row]] = {}
        for number, *row in fetch(union(parts)) if parts else ():
            found.setdefault(number, []).append(from_densities.Row(*row))
        rows = ObservedColumns.unpacked(*((row.layer, row.entries) for row in found.get(-1, ())))
        figures: dict[Kind, Figures] = {}
        for kind in kinds:
            counts = [(keys_of_rows(rows, kind, z), rows.numbers)]
            for number, (its_kind, (query, tiles)) in enumerate(wanted):
                if its_kind is kind:
                    counts += counts_of_kind(kind, query, found.get(number, ()), tiles.z - z)
            columns = (np.concatenate(column) for column in zip(*counts, strict=True))
            figures[kind] = Figures(*sum_by_key(*columns), len(rows))
        return figures


def keys_of_rows(rows: ObservedColumns, kind: Kind, z: int) -> Numbers:
    match kind:
        case Kind.PROFILE:
            return rows.profiles()
        case Kind.CELL:
            return rows.cells(z, ROW_OF_CELL)
        case Kind.SPECIES:
            return rows.species()
        case Kind.DATASET:
            return rows.datasets()


def rows_of_kind(kind: Kind, wanted: DensityQuery, stored: from_densities.StoredTiles) -> Sql:
    """Return the rows of densities with a kind of figures.

    Taxa have no densities by species: those of everything are read in their place.
    """
    if kind is Kind.CELL:
        return from_densities.rows_of_cells(stored, wanted)
    is_of_taxa = kind is Kind.SPECIES and wanted.taxa
    return (stored.about(EVERYTHING) if is_of_taxa else stored).rows(Face[kind.name])


def counts_of_kind(
    kind: Kind, wanted: DensityQuery, rows: Iterable[from_densities.Row], deeper: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield keys and counts of rows; a key may occur several times.

    `deeper`: by how many zooms their cells are smaller than those of the figures.
    """
    match kind:
        case Kind.PROFILE:
            yield from (
                (some.keys, some.counts) for some in from_densities.decode_profiles(rows, wanted)
            )
        case Kind.CELL:
            for some in from_densities.decode_cells(rows, wanted):
                row = some.y << CELL_BITS | some.keys >> CELL_BITS
                column = some.x << CELL_BITS | some.keys & 63
                yield row >> deeper << ROW_OF_CELL | column >> deeper, some.counts
        case Kind.SPECIES if wanted.taxa:
            below = species_below(wanted.taxa)
            for some in from_densities.decode_all(rows):
                within = np.isin(some.keys, below)
                yield some.keys[within], some.counts[within]
        case _:
            yield from ((some.keys, some.counts) for some in from_densities.decode_all(rows))


def sum_by_key(keys: Numbers, numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return each key once, in order, with the sum of its numbers; estimates are fractions."""
    found, where = np.unique(keys, return_inverse=True)
    return found, np.bincount(where, weights=numbers, minlength=len(found))


def species_below(taxa: Iterable[OrdinalRange]) -> Numbers:
    """Return the AphiaIDs of the taxa in these ranges."""
    ranges = " OR ".join(
        "ordinal >= %s" + (" AND ordinal < %s" if end is not None else "") for _, end in taxa
    )
    values = tuple(number for ordinals in taxa for number in ordinals if number is not None)
    statement = f"SELECT string_agg(int4send(aphia_id), '') FROM species_taxon WHERE {ranges}"
    ((found,),) = fetch(Sql(statement, values))
    return np.frombuffer(found or b"", ">i4").astype(np.int64)


class Sources:
    """The sources of a query's figures in an area; what several kinds share is found once."""

    def __init__(self, access: QueryAccess, area: Area, at_edges: int | None = None) -> None:
        """`at_edges`: how many rows may be read beside densities, if fewer than for any answer."""
        self.access, self.area, self.at_edges = access, area, at_edges
        self.wanted = access.density_query

    def of(self, kind: Kind) -> Source:
        """Return the source with the most detail, an exact one where there is one."""
        if self.wanted and not self.wanted.subjects:
            return Source(Route.EMPTY, (), Sql(""))
        if self.wanted and self.is_whole and has_kind(kind, self.wanted):
            return self.from_cells(self.wanted) if kind is Kind.CELL else self.from_tiles
        return self.from_rows

    @cached_property
    def is_whole(self) -> bool:
        """Whether the whole area lies within the places of the query."""
        overlaps = (self.access.overlap(window.bbox) for window in self.area.windows)
        return set(overlaps) == {Overlap.ALL}

    @cached_property
    def is_simple(self) -> bool:
        return not (self.wanted and self.wanted.subjects and self.is_whole) or self.cover.is_simple

    @property
    def cover(self) -> Cover:
        return self.access.cover(self.area)

    @cached_property
    def from_tiles(self) -> Source:
        return self.from_densities(self.wanted or DensityQuery(()), self.cover)

    def from_cells(self, wanted: DensityQuery) -> Source:
        """Return the source from tiles with the cells of the area, or smaller ones."""
        fine = self.cover.at_zoom(self.area.z)
        is_same = fine.stored == self.cover.stored
        return self.from_tiles if is_same else self.from_densities(wanted, fine)

    def from_densities(self, wanted: DensityQuery, cover: Cover) -> Source:
        """Return the source from stored densities, and from the rows of what is not stored."""
        read = cover.rows(self.access.rows)
        if self.area.is_everywhere:
            read.append(not_drawable(self.access.rows))
        route = Route.RAW if not cover.stored else Route.DELTA if cover.has_layers else Route.PACKED
        most = self.at_edges if self.at_edges and cover.stored else settings.RAW_ROW_BOUND
        return Source(route, cover.densities(wanted), read_up_to(read, most), most)

    @cached_property
    def from_rows(self) -> Source:
        """The source from rows where they are few enough, else from the sample of them."""
        path = self.access.path(self.windows)
        if not path.is_bounded:
            return self.from_sample
        windows = None if self.area.is_everywhere else self.windows
        rows, most = self.access.rows_on(path, windows), settings.RAW_ROW_BOUND
        return Source(Route.RAW, (), read_up_to([rows], most), most)

    @cached_property
    def from_sample(self) -> Source:
        windows = None if self.area.is_everywhere else self.windows
        return Source(Route.SAMPLE, (), from_sample.weighted_rows(self.access.query, windows))

    @cached_property
    def windows(self) -> list[Window]:
        return self.access.windows_in(self.area.windows)


def has_kind(kind: Kind, wanted: DensityQuery) -> bool:
    """Whether densities have this kind of figures of a query."""
    if kind is Kind.PROFILE:
        return True
    if kind is Kind.CELL:
        return wanted.has_cells
    if wanted.years or wanted.seasons:
        return False
    numbers = wanted.numbers
    return min(numbers) >= 0 if kind is Kind.DATASET else not any_below_species(numbers)


def any_below_species(numbers: list[int]) -> bool:
    """Whether any of the taxa has a rank below species."""
    statement = """
        SELECT EXISTS (SELECT FROM species_taxon taxon JOIN species_taxon above ON above.rank = %s
            AND above.aphia_id = ANY(string_to_array(rtrim(taxon.path, '/'), '/')::int[])
        WHERE taxon.aphia_id = ANY(%s) AND above.aphia_id <> taxon.aphia_id)
    """
    ((found,),) = fetch(Sql(statement, (SPECIES, numbers)))
    return found


def read_up_to(querysets: Iterable[ObservationQuerySet], most: int) -> Sql:
    """Return the rows of all querysets, limited to one more than may be read."""
    read = [Sql.of(rows.order_by().values(*from_rows.SUMMED)[: most + 1]) for rows in querysets]
    columns = Sql(", ".join(from_rows.SUMMED))
    rows = union(fill("({rows})", rows=rows) for rows in read if rows)
    statement = f"SELECT {{columns}}, 1::bigint AS n FROM ({{rows}}) o LIMIT {most + 1}"
    return fill(statement, columns=columns, rows=rows) if rows else rows
