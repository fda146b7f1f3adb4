"""Sum up the records of a query: their number, years, months, depths, datasets and species.

Figures come from densities where these have them, else from few enough rows, else from the sample;
each part names its route. A view is rounded out to cells; figures cover exactly `shown_box`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from django.conf import settings

from species.atlas import charts, from_sample
from species.atlas.access import QueryAccess
from species.atlas.extents import Area, cell_box, rounded_area
from species.atlas.results import (
    Amount,
    Bin,
    DatasetCount,
    DenseCell,
    Histogram,
    Matrix,
    Richness,
    Route,
    SpeciesCount,
    Summary,
)
from species.atlas.sources import ROW_OF_CELL, Figures, Kind, Source, Sources, sum_by_key
from species.density.codec import SEASON_BITS
from species.models import Dataset, Taxon
from species.ranges import Bbox

MOST_SHOWN = 10  # of species, datasets and cells
# The share of RAW_ROW_BOUND that may be read at the edges of a view before it is rounded to tiles.
AT_EDGES = 4


@dataclass(frozen=True, slots=True)
class Profile:
    """Records by first year << 14 | last year, and by season; each adds up to the count."""

    count: Amount
    spans: dict[int, int]
    seasons: dict[int, int]


class Ranking(NamedTuple):
    """The keys with the most records, the number of keys, and of records with any key."""

    basis: Route
    top: list[tuple[int, int]]
    distinct: int
    records: int


def count_by_profile(access: QueryAccess) -> Amount:
    """Return how many records match, from their profile of years, months and depths."""
    return Tally.of(access, None, [Kind.PROFILE]).profile().count


def make_histogram(access: QueryAccess, view: Bbox | None = None) -> Histogram:
    """Return years, months and depths of the records, or of those in a view."""
    return Histogram(*histogram_parts(Tally.of(access, view, [Kind.PROFILE])))


def make_summary(access: QueryAccess, not_drawn: Amount, view: Bbox | None = None) -> Summary:
    """Return all figures of the records, or of those in a view."""
    tally = Tally.of(access, view, list(Kind))
    profile_route = tally.numbers[Kind.PROFILE][0].route
    species, datasets, cells = (
        tally.ranking(kind) for kind in (Kind.SPECIES, Kind.DATASET, Kind.CELL)
    )
    return Summary(
        *histogram_parts(tally),
        not_drawn=not_drawn,
        top_species=[SpeciesCount(*each) for each in with_rows(Taxon, species.top)],
        top_datasets=[DatasetCount(*each) for each in with_rows(Dataset, datasets.top)],
        richness=Richness(species.distinct, species.records, species.basis),
        densest_cells=[
            DenseCell(cell_box(cell, tally.area.z, ROW_OF_CELL), number)
            for cell, number in cells.top
        ],
        bases={
            "years": profile_route,
            "matrix": profile_route,
            "species": species.basis,
            "datasets": datasets.basis,
            "cells": cells.basis,
        },
    )


def histogram_parts(tally: "Tally") -> tuple[Amount, Bbox | None, list[Bin], Matrix]:
    profile = tally.profile()
    years, buckets = charts.year_bars(profile.spans)
    return profile.count, tally.area.box, years + buckets, charts.season_matrix(profile.seasons)


@dataclass(frozen=True, slots=True)
class Tally:
    """Figures by kind, each with its source; one statement for each source."""

    sources: Sources
    numbers: dict[Kind, tuple[Source, Figures]]

    @classmethod
    def of(cls, access: QueryAccess, view: Bbox | None, kinds: Sequence[Kind]) -> Self:
        """Return the figures of a view rounded out to cells.

        Where too much would be read at its edges, it is rounded out to tiles.
        """
        sources = Sources(access, rounded_area(view), at_edges=settings.RAW_ROW_BOUND // AT_EDGES)
        tally = cls.read(sources, kinds) if sources.is_simple else None
        if tally is None and view is not None:
            tally = cls.read(Sources(access, sources.area.of_tiles()), kinds)
        return tally or cls.estimated(sources, kinds)

    @classmethod
    def read(cls, sources: Sources, kinds: Sequence[Kind]) -> Self | None:
        """Return the figures; None where more rows would have to be read than may be."""
        by_source: dict[int, tuple[Source, list[Kind]]] = {}
        for kind in kinds:
            source = sources.of(kind)
            by_source.setdefault(id(source), (source, []))[1].append(kind)
        numbers: dict[Kind, tuple[Source, Figures]] = {}
        for source, its_kinds in by_source.values():
            for kind, figures in source.read(its_kinds, sources.area.z).items():
                if figures.read > source.most:
                    return None
                numbers[kind] = source, figures
        return cls(sources, numbers)

    @classmethod
    def estimated(cls, sources: Sources, kinds: Sequence[Kind]) -> Self:
        """Return the figures as the sample has them."""
        source = sources.from_sample
        read = source.read(kinds, sources.area.z)
        return cls(sources, {kind: (source, figures) for kind, figures in read.items()})

    @property
    def area(self) -> Area:
        return self.sources.area

    def profile(self) -> Profile:
        source, (keys, numbers, _) = self.numbers[Kind.PROFILE]
        spans, seasons = (
            dict(zip(*(column.tolist() for column in sum_by_key(part, numbers)), strict=True))
            for part in (keys >> SEASON_BITS, keys & (1 << SEASON_BITS) - 1)
        )
        if source.route is not Route.SAMPLE:
            spans, seasons = (
                {code: int(n) for code, n in shares.items()} for shares in (spans, seasons)
            )
            return Profile(Amount.exact(numbers.sum(), source.route), spans, seasons)
        amount = estimate_amount(self.sources)
        spans, seasons = (charts.apportion(part, amount.number) for part in (spans, seasons))
        return Profile(amount, spans, seasons)

    def ranking(self, kind: Kind) -> Ranking:
        source, (keys, numbers, _) = self.numbers[kind]
        known = (numbers > 0) & (keys > 0)
        keys, numbers = keys[known], numbers[known]
        order = np.argsort(-numbers, kind="stable")[:MOST_SHOWN]
        rounded = np.rint(numbers[order]).astype(int)
        top = list(zip(keys[order].tolist(), rounded.tolist(), strict=True))
        return Ranking(source.route, top, len(keys), round(numbers.sum()))


def estimate_amount(sources: Sources) -> Amount:
    windows = None if sources.area.is_everywhere else sources.windows
    estimate = from_sample.estimate_count(sources.access.query, windows)
    return Amount(estimate.number, estimate.low, estimate.high, Route.SAMPLE)


def with_rows(model: type[Any], top: list[tuple[int, int]]) -> list[tuple[Any, int]]:
    """Return the rows of these keys that exist, each with its number."""
    rows = model.objects.in_bulk([key for key, _ in top])
    return [(rows[key], number) for key, number in top if key in rows]
