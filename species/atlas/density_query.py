"""The part of a query that stored densities can answer: subjects, years, months and depths as keys."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from math import inf, nextafter

from species.density import codec
from species.filters import OR_UNDATED, ObservationFilter
from species.models.observation_queries import ObservationQuerySet
from species.ranges import OrdinalRange
from species.taxon_names.lookup import MatchedTaxon

FIRST_YEAR, LAST_YEAR = 1, 9999
MONTH_PAIRS = sorted({code >> 8 for code in codec.seasons()})  # first << 4 | last
DEPTH_PAIRS = sorted({code & 255 for code in codec.seasons()})  # shallow << 4 | deep
# Parameters that the densities have keys for; whatever else is asked must be read from the
# observations.
TAXA, DATES, DEPTHS = {"taxon", "q"}, {"from", "to", "dateMatch", "months"}, {"depth", "depthMatch"}
PLACES = {"bbox", "polygon", "near"}
KEPT = TAXA | DATES | DEPTHS | {"dataset"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of densities: everything (0), a taxon with all below it, or a dataset (-id)."""

    number: int
    ordinals: OrdinalRange | None = None


EVERYTHING = Subject(0)


@dataclass(frozen=True, slots=True)
class YearRange:
    """Whole years, both included; `possibly` also matches spans that overlap them."""

    first: int
    last: int
    possibly: bool


@dataclass(frozen=True, slots=True)
class SeasonSet:
    """Pairs of months and pairs of depths, encoded as in a season."""

    months: tuple[int, ...]
    depths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DensityQuery:
    """Records of any of the subjects, which share none, in these years and seasons (None: all)."""

    subjects: tuple[Subject, ...]
    years: YearRange | None = None
    seasons: SeasonSet | None = None

    @property
    def numbers(self) -> list[int]:
        return [subject.number for subject in self.subjects]

    @property
    def taxa(self) -> list[OrdinalRange]:
        """The ranges of its subjects that are taxa."""
        return [subject.ordinals for subject in self.subjects if subject.ordinals]

    @property
    def has_cells(self) -> bool:
        """Whether densities know the cells of its records; for years and seasons together they do not."""
        return self.years is None or self.seasons is None

    def about(self, subjects: Iterable[Subject]) -> "DensityQuery":
        return replace(self, subjects=tuple(subjects))


def years_and_seasons(query: ObservationFilter) -> tuple[YearRange | None, SeasonSet | None] | None:
    """Return the years and seasons of a query as densities know them (None: all).

    None in their place where densities lack one of its conditions; those on places do not count.
    """
    names = query.canonical.keys()
    if names - KEPT - PLACES or {"taxon", "q"} <= names or ("dataset" in names and names & TAXA):
        return None
    if query.date_unknown or query.date_match == OR_UNDATED:
        return None
    years = years_of(query)
    if (query.date_from or query.date_to) and years is None:
        return None
    seasons = seasons_of(query)
    if seasons is None and (query.months or query.depth or query.depth_unknown):
        return None
    return years, seasons


def subjects_of(selection: ObservationFilter) -> tuple[Subject, ...]:
    """Return the subjects of a query, which share no record; none if it names nothing in the portal."""
    if selection.dataset:
        return tuple(Subject(-dataset.pk) for dataset in selection.datasets)
    if not (selection.taxon or selection.q):
        return (EVERYTHING,)
    return disjoint(selection.taxa if selection.taxon else selection.found)


def disjoint(taxa: tuple[MatchedTaxon, ...]) -> tuple[Subject, ...]:
    """Return the taxa as subjects, without those below another of them."""
    held = [Subject(taxon.aphia_id, taxon.ordinals) for taxon in taxa if taxon.ordinals]
    kept: list[Subject] = []
    for subject in sorted(held, key=lambda subject: subject.ordinals or (0, 0)):
        before = kept[-1].ordinals if kept else None
        if before is None or (
            before.end is not None and subject.ordinals and subject.ordinals.first >= before.end
        ):
            kept.append(subject)
    return tuple(kept)


def years_of(selection: ObservationFilter) -> YearRange | None:
    """Return the years of a query; None without dates, or with days other than whole years."""
    first, last = selection.date_from, selection.date_to
    if not (first or last) or (first and (first.month, first.day) != (1, 1)):
        return None
    if last and last != date(last.year, 12, 31):
        return None
    possibly = selection.date_match == "possible"
    return YearRange(
        first.year if first else FIRST_YEAR, last.year if last else LAST_YEAR, possibly
    )


def seasons_of(selection: ObservationFilter) -> SeasonSet | None:
    """Return the seasons of a query; None without any, or with depths inside a band."""
    depths = depth_pairs(selection)
    if depths is None or not (selection.months or selection.depth or selection.depth_unknown):
        return None
    months = month_pairs(selection) if selection.months else tuple(MONTH_PAIRS)
    return SeasonSet(months, depths)


def month_pairs(selection: ObservationFilter) -> tuple[int, ...]:
    asked, possibly = set(selection.months), selection.date_match == "possible"
    touched = {pair: codec.months_touched(pair >> 4, pair & 15) for pair in MONTH_PAIRS}
    dated = {pair: months for pair, months in touched.items() if months}
    return tuple(
        pair for pair, months in dated.items() if (months & asked if possibly else months <= asked)
    )


def depth_pairs(selection: ObservationFilter) -> tuple[int, ...] | None:
    unknown = codec.DEPTH_UNKNOWN << 4 | codec.DEPTH_UNKNOWN
    if selection.depth_unknown:
        return (unknown,)
    if selection.depth is None:
        return tuple(DEPTH_PAIRS)
    codes = depth_codes(*selection.depth)
    if codes is None:
        return None
    low, high = codes
    ends = [(pair, pair >> 4, pair & 15) for pair in DEPTH_PAIRS if pair != unknown]
    if selection.depth_match == "possible":
        return tuple(pair for pair, shallow, deep in ends if deep >= low and shallow <= high)
    return tuple(pair for pair, shallow, deep in ends if shallow >= low and deep <= high)


def depth_codes(low: float | None, high: float | None) -> tuple[int, int] | None:
    """Return the first and the last depth code of a span; None if an end is inside a band.

    An end may be just short of an edge.
    """
    top, bottom = 0, 2 * len(codec.DEPTH_EDGES)
    if low is not None:
        if low not in codec.DEPTH_EDGES:
            return None
        top = codec.depth_code(low)
    if high is not None:
        above = bisect_left(codec.DEPTH_EDGES, high)
        if above == len(codec.DEPTH_EDGES):
            return None
        edge = codec.DEPTH_EDGES[above]
        if high != edge and high != nextafter(edge, -inf):
            return None
        bottom = 2 * above + 1 if high == edge else 2 * above
    return top, bottom


def rows_about(
    rows: ObservationQuerySet, subjects: Iterable[Subject] | None
) -> ObservationQuerySet:
    """Return the rows about any of these subjects; None: all rows."""
    about = list(subjects or [])
    if subjects is None or EVERYTHING in about:
        return rows
    if datasets := [-subject.number for subject in about if subject.number < 0]:
        return rows.filter(dataset__in=datasets)
    return rows.in_taxa([subject.ordinals for subject in about if subject.ordinals])
