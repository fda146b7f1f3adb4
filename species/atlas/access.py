"""Which way leads to the answer: the stored densities, the observations themselves, or the sample of them.

What decides are the conditions of the selection and how many observations each subject has, as the densities know it.
Thresholds affect the speed of an answer, never what it says.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cached_property
from math import ceil
from typing import Any

from django.conf import settings

from species.atlas.bounds import bound_rows
from species.atlas.density_query import (
    EVERYTHING,
    TAXA,
    DensityQuery,
    Subject,
    density_query_of,
    subjects_of,
)
from species.atlas.extents import (
    WORLD,
    Tile,
    Window,
    in_windows,
    intersect_windows,
    windows_of_query,
)
from species.atlas.value_counts import FlaggedValues, ValueCounts
from species.density.codec import STORED_ZOOMS
from species.filters import ObservationFilter
from species.models import CuratedObservation, Taxon
from species.models.observation_queries import ObservationQuerySet
from species.terms import IucnCategory

DEEPEST = STORED_ZOOMS[-1] + 1  # a tile of an odd zoom shows a quarter of the one above
COVERED = TAXA | {"from", "to", "dateMatch", "months", "depth", "depthMatch", "dataset"}
# Of a row, when reading it from a covering index is 1: of reading it from a large table, and of passing by.
COST_OF_A_ROW, COST_OF_PASSING = 8, 0.2


class Route(StrEnum):
    """How an answer was found."""

    PACKED = "packed"  # densities, compacted
    DELTA = "delta"  # densities and what has changed since
    RAW = "raw"  # all observations that match
    SINGLE = "single"  # the same, drawn one by one
    SAMPLE = "sample"  # a sample of the observations: an estimate
    EMPTY = "empty"  # nothing can match


def stored_zoom(tile: Tile) -> int:
    return min(tile.z - tile.z % 2, STORED_ZOOMS[-1])


def stored_tile(tile: Tile) -> Tile:
    """The tile of a stored zoom that has the cells of this one, or of one that is deeper, the last above it."""
    return tile.at_zoom(stored_zoom(tile))


class Access(Enum):
    """What finds the observations to be read."""

    TREE = "the covering indexes on taxa and on places, or that on datasets"
    PLACE = "the covering index on places alone"
    VALUE = "that on values, or on the taxa of a category"


@dataclass(frozen=True, slots=True)
class AccessPath:
    """How to read observations: at most `rows` of them, at the `cost` of so many in a covering index."""

    rows: int
    cost: int
    by: Access = Access.TREE
    flagged: FlaggedValues | None = None  # what tells them, where flags do

    @property
    def is_bounded(self) -> bool:
        return self.cost <= settings.RAW_ROW_BOUND

    @property
    def is_quick(self) -> bool:
        """So few rows that they may be read twice, and from the table as well."""
        return self.rows <= settings.DENSITY_THRESHOLD

    def found(
        self, rows: ObservationQuerySet, windows: Sequence[Window] | None = None
    ) -> ObservationQuerySet:
        """The rows, those in windows if they are given, asked for so that this way leads to them."""
        rows = self.flagged.found(rows) if self.flagged else rows
        if windows is None:
            return rows
        return in_windows(
            rows,
            windows,
            tile="" if self.by is Access.VALUE else "tile",
            names_all=self.by is Access.PLACE,
        )

    def is_of(self, version: int) -> bool:
        """Whether what it knows of values is as new as this version of the data, which may itself be a second old."""
        return self.flagged is None or self.flagged.version >= version


class QueryAccess:
    """Facts about a query that decide how it is answered; each is found once, when first needed.

    Several answers to one query share them: a page, its count and its tiles read no fact twice.
    """

    def __init__(self, query: ObservationFilter) -> None:
        self.query = query
        self.paths: dict[Any, AccessPath] = {}

    @cached_property
    def rows(self) -> ObservationQuerySet:
        """The published observations that match."""
        return self.query.apply(CuratedObservation.objects.published())

    @cached_property
    def density_query(self) -> DensityQuery | None:
        """The part that densities can answer; None where they lack one of its conditions."""
        return density_query_of(self.query)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects_of(self.query)

    @cached_property
    def values(self) -> ValueCounts:
        return ValueCounts.of(self.query)

    @cached_property
    def windows(self) -> list[Window]:
        """The parts of the world in which its records can lie."""
        return windows_of_query(self.query)

    def keeping(self, parameters: Iterable[str]) -> "QueryAccess":
        """Return the access of the query without all other conditions."""
        others = self.query.canonical.keys() - parameters
        return QueryAccess(self.query.without(*others)) if others else self

    def windows_in(self, windows: Sequence[Window]) -> list[Window]:
        """Return the parts of the windows in which its records can lie."""
        return intersect_windows(windows, self.windows)

    def path(
        self, windows: Sequence[Window], subjects: Sequence[Subject] | None = None
    ) -> AccessPath:
        """Return the cheapest path to its records in windows, of these subjects if given.

        One query, and one more each for counted values and for Red List categories.
        """
        key = tuple(windows), None if subjects is None else tuple(subjects)
        if key not in self.paths:
            self.paths[key] = self.cheapest_path(windows, subjects)
        return self.paths[key]

    def cheapest_path(
        self, windows: Sequence[Window], subjects: Sequence[Subject] | None
    ) -> AccessPath:
        about = self.subjects if subjects is None else subjects
        taxa = [subject for subject in about if subject.number > 0]
        indexed = {window.indexed for window in windows}
        counted = bound_rows({*windows, *indexed, WORLD}, [*taxa, EVERYTHING])
        # A small table is in memory as a whole, like its indexes.
        in_table = COST_OF_A_ROW if counted[WORLD][EVERYTHING] > settings.RAW_ROW_BOUND else 1
        row = 1 if self.query.canonical.keys() <= COVERED else in_table
        here, everywhere = (
            sum(counted[window][subject] for window in read for subject in taxa or [EVERYTHING])
            for read in (windows, [WORLD])
        )
        passed = sum(counted[window][EVERYTHING] for window in indexed) - here
        by_place = here * row + max(ceil(COST_OF_PASSING * passed), 0)
        paths = [
            AccessPath(here, by_place, Access.PLACE),
            AccessPath(everywhere, everywhere * row),
        ]
        if self.query.dataset:
            held = sum(dataset.published_count for dataset in self.query.datasets)
            paths.append(AccessPath(held, held * in_table))
        return min([*paths, *self.paths_by_value(in_table)], key=lambda path: path.cost)

    def paths_by_value(self, cost: int) -> Iterator[AccessPath]:
        """Yield the paths by evidence, basis, licence, source, flags and Red List category.

        Of several values the rarest gives the cheapest path.
        """
        for n in self.values.by_parameter.values():
            yield AccessPath(n, n * cost, Access.VALUE)
        if flagged := self.values.flagged:
            yield AccessPath(flagged.most, flagged.most * cost, Access.VALUE, flagged)
        if self.query.iucn and IucnCategory.UNKNOWN not in self.query.iucn:
            most = self.categorized_total
            yield AccessPath(most, most * cost, Access.VALUE)

    @cached_property
    def categorized_total(self) -> int:
        """The number of observations of taxa in its Red List categories."""
        return Taxon.objects.in_categories(self.query.iucn).observed_total()


def rows_about(
    rows: ObservationQuerySet, subjects: Iterable[Subject] | None
) -> ObservationQuerySet:
    """Those of the rows that are about any of these subjects; None: about whatever they are."""
    about = list(subjects or [])
    if subjects is None or EVERYTHING in about:
        return rows
    if datasets := [-subject.number for subject in about if subject.number < 0]:
        return rows.filter(dataset__in=datasets)
    return rows.in_taxa([subject.ordinals for subject in about if subject.ordinals])
