"""Where the numbers of an area come from: densities, observations or the sample; and what they add
up to.
"""

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
from species.atlas.access import QueryAccess, Route
from species.atlas.cover import Area, Cover, find_cover
from species.atlas.density_query import EVERYTHING, DensityQuery
from species.atlas.extents import Overlap, Window, not_drawable, overlap_with
from species.atlas.from_rows import ObservedColumns, arrays
from species.atlas.sql import Sql, fetch, fill, union
from species.density.codec import Numbers
from species.density.columns import SPECIES
from species.models import Face
from species.models.grid import CELL_BITS
from species.models.observation_queries import ObservationQuerySet
from species.ranges import OrdinalRange

ROW_OF_CELL = 32  # bits before the column in the number of a cell of the world


class Kind(Enum):
    """What can be added up, by which key."""

    PROFILE = "years, months and depths"
    CELL = "cell of the world, row << 32 | column"
    SPECIES = "AphiaID of the species, 0 for none"
    DATASET = "dataset"


class Counted(NamedTuple):
    """So many records of each key, in the order of the keys; and how many rows were read one by one
    for it.
    """

    keys: Numbers
    numbers: Numbers
    read: int


@dataclass(frozen=True, slots=True)
class Source:
    """`stored`: slices, and the densities to read of each; `observed`: rows to read beside them,
    each for `n`.
    """

    route: Route
    stored: tuple[tuple[DensityQuery, from_densities.StoredTiles], ...]
    observed: Sql
    most: float = inf  # rows that may be read of them

    def counted(self, kinds: Sequence[Kind], z: int) -> dict[Kind, Counted]:
        """Records by key; cells are those of tiles of zoom z. One statement, so that all is of one
        moment.
        """
        asked = list(product(kinds, self.stored))
        parts = [
            fill(
                f"SELECT {number}, {from_densities.COLUMNS} FROM ({{rows}}) stored",
                rows=rows_of_kind(kind, *stored),
            )
            for number, (kind, stored) in enumerate(asked)
        ]
        if self.observed:
            parts.append(
                fill(
                    "SELECT -1, 0, 0, 0, arrays.* FROM ({arrays}) arrays",
                    arrays=arrays(self.observed),
                )
            )
        found: dict[int, list[from_densities.Row]] = {}
        for number, *row in fetch(union(parts)) if parts else ():
            found.setdefault(number, []).append(from_densities.Row(*row))
        observed = ObservedColumns.received(
            *((row.layer, row.entries) for row in found.get(-1, ()))
        )
        counted: dict[Kind, Counted] = {}
        for kind in kinds:
            parts_of_kind = [(keys_of(observed, kind, z), observed.numbers)]
            for number, (its_kind, (wanted, stored)) in enumerate(asked):
                if its_kind is kind:
                    parts_of_kind += keyed_of_kind(
                        kind, wanted, found.get(number, ()), stored.z - z
                    )
            keys, numbers = summed(
                *(np.concatenate(column) for column in zip(*parts_of_kind, strict=True))
            )
            counted[kind] = Counted(keys, numbers, len(observed))
        return counted


def keys_of(observed: ObservedColumns, kind: Kind, z: int) -> Numbers:
    match kind:
        case Kind.PROFILE:
            return observed.profiles()
        case Kind.CELL:
            return observed.cells(z, ROW_OF_CELL)
        case Kind.SPECIES:
            return observed.species()
        case Kind.DATASET:
            return observed.datasets()


def rows_of_kind(kind: Kind, wanted: DensityQuery, stored: from_densities.StoredTiles) -> Sql:
    """The rows of densities that tell of a kind; of the species of taxa those among all records
    tell.
    """
    if kind is Kind.CELL:
        return from_densities.rows_of_cells(stored, wanted)
    is_of_taxa = kind is Kind.SPECIES and wanted.taxa
    return (stored.about(EVERYTHING) if is_of_taxa else stored).rows(Face[kind.name])


def keyed_of_kind(
    kind: Kind, wanted: DensityQuery, rows: Iterable[from_densities.Row], deeper: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Keys and counts of rows; a key may come several times. `deeper`: zooms, by which their cells
    are too small.
    """
    match kind:
        case Kind.PROFILE:
            yield from ((some.keys, some.counts) for some in from_densities.profiles(rows, wanted))
        case Kind.CELL:
            for some in from_densities.cells(rows, wanted):
                row, column = (
                    some.y << CELL_BITS | some.keys >> CELL_BITS,
                    some.x << CELL_BITS | some.keys & 63,
                )
                yield row >> deeper << ROW_OF_CELL | column >> deeper, some.counts
        case Kind.SPECIES if wanted.taxa:
            below = species_below(wanted.taxa)
            for some in from_densities.whole(rows):
                within = np.isin(some.keys, below)
                yield some.keys[within], some.counts[within]
        case _:
            yield from ((some.keys, some.counts) for some in from_densities.whole(rows))


def summed(keys: Numbers, numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Each key once, in order, with the sum of its numbers, which are whole unless they are
    estimates.
    """
    found, where = np.unique(keys, return_inverse=True)
    return found, np.bincount(where, weights=numbers, minlength=len(found))


def species_below(taxa: Iterable[OrdinalRange]) -> Numbers:
    """The AphiaIDs of the taxa in these ranges."""
    ranges = " OR ".join(
        "ordinal >= %s" + (" AND ordinal < %s" if end is not None else "") for _, end in taxa
    )
    values = tuple(number for ordinals in taxa for number in ordinals if number is not None)
    ((found,),) = fetch(
        Sql(f"SELECT string_agg(int4send(aphia_id), '') FROM species_taxon WHERE {ranges}", values)
    )
    return np.frombuffer(found or b"", ">i4").astype(np.int64)


class Sources:
    """Where a selection's numbers in an area come from; what several kinds have in common is found
    out once.
    """

    def __init__(self, access: QueryAccess, area: Area, at_edges: int | None = None) -> None:
        """`at_edges`: so many rows may be read beside densities, if fewer than of any answer."""
        self.access, self.area, self.at_edges = access, area, at_edges
        self.wanted = access.density_query

    def of(self, kind: Kind) -> Source:
        """The source that says the most, and says it exactly where it can."""
        if self.wanted and not self.wanted.subjects:
            return Source(Route.EMPTY, (), Sql(""))
        if self.wanted and self.is_whole and is_kept(kind, self.wanted):
            return self.from_cells(self.wanted) if kind is Kind.CELL else self.from_tiles
        return self.from_rows

    @cached_property
    def is_whole(self) -> bool:
        """Whether all of the area lies where the selection asks."""
        return {overlap_with(self.access.query, window.bbox) for window in self.area.windows} == {
            Overlap.ALL
        }

    @cached_property
    def is_simple(self) -> bool:
        return not (self.wanted and self.wanted.subjects and self.is_whole) or self.cover.is_simple

    @cached_property
    def cover(self) -> Cover:
        return find_cover(self.wanted or DensityQuery(()), self.area)

    @cached_property
    def from_tiles(self) -> Source:
        return self.from_densities(self.wanted or DensityQuery(()), self.cover)

    def from_cells(self, wanted: DensityQuery) -> Source:
        """Of tiles that have the cells of the area, or smaller ones."""
        fine = self.cover.at_zoom(self.area.z)
        return (
            self.from_tiles
            if fine.stored == self.cover.stored
            else self.from_densities(wanted, fine)
        )

    def from_densities(self, wanted: DensityQuery, cover: Cover) -> Source:
        """The densities that are kept, and the observations of what is not."""
        read = cover.rows(self.access.rows)
        if self.area.is_everywhere:
            read.append(not_drawable(self.access.rows))
        route = Route.RAW if not cover.stored else Route.DELTA if cover.has_layers else Route.PACKED
        most = self.at_edges if self.at_edges and cover.stored else settings.RAW_ROW_BOUND
        return Source(route, cover.densities(wanted), observed(read, most), most)

    @cached_property
    def from_rows(self) -> Source:
        """The observations, if they are few enough, else the sample of them."""
        way = self.access.path(self.windows)
        if not way.is_bounded:
            return self.from_sample
        read = way.found(self.access.rows, None if self.area.is_everywhere else self.windows)
        return Source(
            Route.RAW, (), observed([read], settings.RAW_ROW_BOUND), settings.RAW_ROW_BOUND
        )

    @cached_property
    def from_sample(self) -> Source:
        windows = None if self.area.is_everywhere else self.windows
        return Source(Route.SAMPLE, (), from_sample.observed(self.access.query, windows))

    @cached_property
    def windows(self) -> list[Window]:
        return self.access.windows_in(self.area.windows)


def is_kept(kind: Kind, wanted: DensityQuery) -> bool:
    """Whether densities have this kind of numbers of a slice."""
    if kind is Kind.PROFILE:
        return True
    if kind is Kind.CELL:
        return wanted.has_cells
    if wanted.years or wanted.seasons:
        return False
    numbers = wanted.numbers
    return min(numbers) >= 0 if kind is Kind.DATASET else not below_species(numbers)


def below_species(numbers: list[int]) -> bool:
    """Whether any of the taxa is a part of a species."""
    ((found,),) = fetch(
        Sql(
            "SELECT EXISTS (SELECT FROM species_taxon taxon JOIN species_taxon above ON above.rank = %s"
            " AND above.aphia_id = ANY(string_to_array(rtrim(taxon.path, '/'), '/')::int[])"
            " WHERE taxon.aphia_id = ANY(%s) AND above.aphia_id <> taxon.aphia_id)",
            (SPECIES, numbers),
        )
    )
    return found


def observed(querysets: Iterable[ObservationQuerySet], most: int) -> Sql:
    """The rows of all the querysets, and at most one more than may be read."""
    read = [Sql.of(rows.order_by().values(*from_rows.SUMMED)[: most + 1]) for rows in querysets]
    columns = Sql(", ".join(from_rows.SUMMED))
    rows = union(fill("({rows})", rows=rows) for rows in read if rows)
    told = f"SELECT {{columns}}, 1::bigint AS n FROM ({{rows}}) o LIMIT {most + 1}"
    return fill(told, columns=columns, rows=rows) if rows else rows
