"""Which way leads to the answer: the stored densities, the observations themselves, or the sample
of them.

What decides are the conditions of the selection and how many observations each subject has, as the
densities know it. Thresholds affect the speed of an answer, never what it says.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from math import ceil

from django.conf import settings

from species.atlas.bounds import bound_rows
from species.atlas.density_query import EVERYTHING, TAXA, Subject, subjects_of
from species.atlas.extents import WORLD, Tile, Window, in_windows
from species.atlas.value_counts import FlaggedValues, ValueCounts
from species.density.codec import STORED_ZOOMS
from species.filters import ObservationFilter
from species.models import CuratedObservation, Taxon
from species.models.observation_queries import ObservationQuerySet
from species.terms import IucnCategory

DEEPEST = STORED_ZOOMS[-1] + 1  # a tile of an odd zoom shows a quarter of the one above
COVERED = TAXA | {"from", "to", "dateMatch", "months", "depth", "depthMatch", "dataset"}
# Of a row, when reading it from a covering index is 1: of reading it from a large table, and of
# passing by.
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
    """The tile of a stored zoom that has the cells of this one, or of one that is deeper, the last
    above it.
    """
    return tile.at_zoom(stored_zoom(tile))


class Access(Enum):
    """What finds the observations to be read."""

    TREE = "the covering indexes on taxa and on places, or that on datasets"
    PLACE = "the covering index on places alone"
    VALUE = "that on values, or on the taxa of a category"


@dataclass(frozen=True, slots=True)
class AccessPath:
    """How to read observations: at most `rows` of them, at the `cost` of so many in a covering
    index.
    """

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
        """Whether what it knows of values is as new as this version of the data, which may itself
        be a second old.
        """
        return self.flagged is None or self.flagged.version >= version


def cheapest_path(
    selection: ObservationFilter,
    windows: Sequence[Window],
    subjects: Iterable[Subject] | None = None,
) -> AccessPath:
    """The cheapest way to what the selection asks for in windows, of these subjects if they are
    given.

    One query, and one more where values are asked for, or categories.
    """
    about = list(subjects if subjects is not None else subjects_of(selection))
    taxa = [subject for subject in about if subject.number > 0]
    asked = [*taxa, EVERYTHING]
    indexed = {window.indexed for window in windows}
    counted = bound_rows({*windows, *indexed, WORLD}, asked)
    # What is small as a whole lies in memory, the table as well as its indexes.
    in_table = COST_OF_A_ROW if counted[WORLD][EVERYTHING] > settings.RAW_ROW_BOUND else 1
    row = 1 if selection.canonical.keys() <= COVERED else in_table
    here, everywhere = (
        sum(counted[window][subject] for window in read for subject in taxa or [EVERYTHING])
        for read in (windows, [WORLD])
    )
    passed = ceil(COST_OF_PASSING * (sum(counted[window][EVERYTHING] for window in indexed) - here))
    ways = [
        AccessPath(here, here * row + max(passed, 0), Access.PLACE),
        AccessPath(everywhere, everywhere * row),
    ]
    if selection.dataset:
        held = sum(dataset.published_count for dataset in selection.datasets)
        ways.append(AccessPath(held, held * in_table))
    ways += paths_by_value(selection, in_table)
    return min(ways, key=lambda way: way.cost)


def paths_by_value(selection: ObservationFilter, cost: int) -> Iterator[AccessPath]:
    """By evidence, basis, licence, source or flags, of which the rarest is meant; and by the Red
    List.
    """
    values = ValueCounts.of(selection)
    yield from (AccessPath(n, n * cost, Access.VALUE) for n in values.by_parameter.values())
    if values.flagged:
        most = values.flagged.most
        yield AccessPath(most, most * cost, Access.VALUE, values.flagged)
    if selection.iucn and IucnCategory.UNKNOWN not in selection.iucn:
        most = Taxon.objects.in_categories(selection.iucn).observed_total()
        yield AccessPath(most, most * cost, Access.VALUE)


def rows_of(selection: ObservationFilter) -> ObservationQuerySet:
    return CuratedObservation.objects.published().matching(selection)


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
