"""Choose how to read the observations of a query, at what cost.

The choice depends on its conditions and on how many observations its subjects have, as far as the
densities know. Thresholds affect the speed of an answer, never its content.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import ceil
from typing import Any

from django.conf import settings

from species.atlas.bounds import bound_rows
from species.atlas.cover import Cover, find_cover
from species.atlas.density_query import (
    EVERYTHING,
    TAXA,
    DensityQuery,
    Subject,
    rows_about,
    subjects_of,
    years_and_seasons,
)
from species.atlas.extents import Area, Overlap, overlap_with, windows_of_query
from species.atlas.grid import WORLD, Window, in_windows, intersect_windows
from species.atlas.value_counts import FlaggedValues, ValueCounts
from species.filters import ObservationFilter
from species.models import CuratedObservation, Taxon
from species.models.observation_queries import ObservationQuerySet
from species.ranges import Bbox
from species.terms import IucnCategory

ABOUT = TAXA | {"dataset"}  # parameters that choose the subjects
COVERED = ABOUT | {"from", "to", "dateMatch", "months", "depth", "depthMatch"}
# Relative to reading a row from a covering index: a row of a large table, and a row skipped.
COST_OF_A_ROW, COST_OF_A_SKIP = 8, 0.2


class Access(Enum):
    """The indexes that find the observations to read."""

    TREE = "the covering indexes on taxa and on places, or the index on datasets"
    PLACE = "the covering index on places alone"
    VALUE = "the index on values, or on the taxa of a category"


@dataclass(frozen=True, slots=True)
class AccessPath:
    """A way to read at most `rows` observations, at the `cost` of as many in a covering index."""

    rows: int
    cost: int
    by: Access = Access.TREE
    flagged: FlaggedValues | None = None  # the values to look for, where flags find the rows

    @classmethod
    def of_few(cls) -> "AccessPath":
        """Return the path to rows that are fewer than densities are stored of."""
        return cls(settings.DENSITY_THRESHOLD, settings.DENSITY_THRESHOLD)

    @property
    def is_bounded(self) -> bool:
        return self.cost <= settings.RAW_ROW_BOUND

    @property
    def is_quick(self) -> bool:
        """Whether the rows are few enough to be read twice, and from the table as well."""
        return self.rows <= settings.DENSITY_THRESHOLD

    def restrict(
        self, rows: ObservationQuerySet, windows: Sequence[Window] | None = None
    ) -> ObservationQuerySet:
        """Return the rows, within windows if given, in terms that the chosen index can answer."""
        rows = self.flagged.restrict(rows) if self.flagged else rows
        if windows is None:
            return rows
        column = "" if self.by is Access.VALUE else "tile"
        return in_windows(rows, windows, tile=column, names_all=self.by is Access.PLACE)

    def is_current(self, version: int) -> bool:
        """Whether the flagged values are at least as new as this version of the data."""
        return self.flagged is None or self.flagged.version >= version


class QueryAccess:
    """Facts about a query that decide how it is answered; each is found once, when first needed.

    All answers to the query share them, so that a page reads none of them twice.
    """

    def __init__(self, query: ObservationFilter) -> None:
        self.query = query
        self.paths: dict[Any, AccessPath] = {}
        self.covers: dict[Area, Cover] = {}

    @cached_property
    def rows(self) -> ObservationQuerySet:
        """The published observations that match."""
        return self.query.apply(CuratedObservation.objects.published())

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        return subjects_of(self.query)

    @cached_property
    def density_query(self) -> DensityQuery | None:
        """The query as densities can answer it, apart from places; None where they cannot."""
        conditions = years_and_seasons(self.query)
        return DensityQuery(self.subjects, *conditions) if conditions else None

    @cached_property
    def values(self) -> ValueCounts:
        return ValueCounts.of(self.query)

    @cached_property
    def categorized_total(self) -> int:
        """The number of observations of taxa in its Red List categories."""
        return Taxon.objects.in_categories(self.query.iucn).observed_total()

    @cached_property
    def windows(self) -> list[Window]:
        """The parts of the world in which its records can lie."""
        return windows_of_query(self.query)

    def overlap(self, box: Bbox) -> Overlap:
        """Return how much of a box of tiles lies within its places."""
        return overlap_with(self.query, box)

    def windows_in(self, windows: Iterable[Window]) -> list[Window]:
        """Return the parts of the windows in which its records can lie."""
        return intersect_windows(windows, self.windows)

    def without_others(self, parameters: Iterable[str]) -> "QueryAccess":
        """Return the access of the query without its other parameters; itself if it has none."""
        others = self.query.canonical.keys() - parameters
        if not others:
            return self
        rest = QueryAccess(self.query.without(*others))
        if not others & ABOUT:
            rest.subjects, rest.covers = self.subjects, self.covers
        return rest

    def cover(self, area: Area) -> Cover:
        """Return the stored tiles that make up an area, and the parts to read beside them."""
        if area not in self.covers:
            self.covers[area] = find_cover(self.subjects, area)
        return self.covers[area]

    def path(
        self, windows: Sequence[Window], subjects: Sequence[Subject] | None = None
    ) -> AccessPath:
        """Return the cheapest path to its records in windows, of these subjects if given.

        One query, and one more each for counted values and for Red List categories.
        """
        key = tuple(windows), None if subjects is None else tuple(subjects)
        if key not in self.paths:
            about = self.subjects if subjects is None else subjects
            self.paths[key] = min(self.all_paths(windows, about), key=lambda path: path.cost)
        return self.paths[key]

    def rows_on(
        self,
        path: AccessPath,
        windows: Sequence[Window] | None,
        subjects: Sequence[Subject] | None = None,
    ) -> ObservationQuerySet:
        """Return its rows as a path finds them, in windows and about subjects if given."""
        return path.restrict(rows_about(self.rows, subjects), windows)

    def all_paths(
        self, windows: Sequence[Window], subjects: Sequence[Subject]
    ) -> Iterator[AccessPath]:
        """Yield the paths by place, by taxon, by dataset and by value, each with its cost."""
        taxa = [subject for subject in subjects if subject.number > 0]
        indexed = {window.indexed for window in windows}
        bounds = bound_rows({*windows, *indexed, WORLD}, [*taxa, EVERYTHING])
        # A small table is in memory as a whole, like its indexes.
        in_table = COST_OF_A_ROW if bounds[WORLD][EVERYTHING] > settings.RAW_ROW_BOUND else 1
        row = 1 if self.query.canonical.keys() <= COVERED else in_table
        here, everywhere = (
            sum(bounds[window][subject] for window in some for subject in taxa or [EVERYTHING])
            for some in (windows, [WORLD])
        )
        skipped = sum(bounds[window][EVERYTHING] for window in indexed) - here
        yield AccessPath(here, here * row + max(ceil(COST_OF_A_SKIP * skipped), 0), Access.PLACE)
        yield AccessPath(everywhere, everywhere * row)
        if self.query.dataset:
            published = sum(dataset.published_count for dataset in self.query.datasets)
            yield AccessPath(published, published * in_table)
        yield from self.paths_by_value(in_table)

    def paths_by_value(self, row: int) -> Iterator[AccessPath]:
        """Yield a path for each counted value, for flags and for Red List categories."""
        for n in self.values.by_parameter.values():
            yield AccessPath(n, n * row, Access.VALUE)
        if flagged := self.values.flagged:
            yield AccessPath(flagged.most, flagged.most * row, Access.VALUE, flagged)
        if self.query.iucn and IucnCategory.UNKNOWN not in self.query.iucn:
            n = self.categorized_total
            yield AccessPath(n, n * row, Access.VALUE)
