"""What a selection holds in numbers: how many records, in which years, months, depths and datasets, of which species.

All of it comes from the densities where they know it, else from few enough observations, else from the sample; each
part says which. A view is rounded out to cells, and what is said is true of `shown_box`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from django.conf import settings

from species.atlas import charts, from_sample
from species.atlas.access import QueryAccess, Route
from species.atlas.charts import Amount, Bin, DenseCell, Matrix
from species.atlas.cover import Area, cell_box, rounded_area
from species.atlas.extents import not_drawable
from species.atlas.sources import ROW_OF_CELL, Counted, Kind, Source, Sources, summed
from species.density.codec import SEASON_BITS
from species.models import Dataset, Taxon
from species.ranges import Bbox

MOST_SHOWN = 10  # of species, datasets and cells
AT_EDGES = 4  # the part of the rows of one answer that may be read so that a view need not be rounded out to tiles


@dataclass(frozen=True, slots=True)
class Richness:
    """Distinct accepted species, lower ranks rolled up, among so many records; not corrected for effort."""

    species: int
    records: int
    basis: Route


class SpeciesCount(NamedTuple):
    taxon: Taxon
    number: int


class DatasetCount(NamedTuple):
    dataset: Dataset
    number: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """`years` are bars, then buckets; they add up to the count, as the matrix and its buckets do."""

    count: Amount
    shown_box: Bbox | None
    years: list[Bin]
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Summary(Histogram):
    """See the module. `bases` says of each part how it was found."""

    not_drawn: Amount
    top_species: list[SpeciesCount]
    top_datasets: list[DatasetCount]
    richness: Richness
    densest_cells: list[DenseCell]
    bases: dict[str, Route]

    @property
    def is_exact(self) -> bool:
        return all(basis is not Route.SAMPLE for basis in self.bases.values())


@dataclass(frozen=True, slots=True)
class Profile:
    """Records by first year << 14 | last year, and by season; both sum up to the count."""

    count: Amount
    spans: dict[int, int]
    seasons: dict[int, int]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The keys with the most records, how many keys there are, and of how many records."""

    basis: Route
    top: list[tuple[int, int]]
    distinct: int
    records: int


def count(access: QueryAccess) -> Amount:
    """Return how many records match, drawable or not."""
    if access.query.is_everything:
        return exactly(Dataset.objects.published_total(), Route.PACKED)
    counted = access.values.exactly(access.query)
    if counted is not None:
        return exactly(counted, Route.PACKED)
    return Tally.about(access, None, [Kind.PROFILE]).profile().count


def histogram(access: QueryAccess, view: Bbox | None = None) -> Histogram:
    """Years, months and depths of a selection, or of what of it lies in a view, rounded out to cells."""
    told = Tally.about(access, view, [Kind.PROFILE])
    return Histogram(*bars(told))


def summary(access: QueryAccess, view: Bbox | None = None) -> Summary:
    """All of it for a selection, or for what of it lies in a view, rounded out to cells."""
    told = Tally.about(access, view, list(Kind))
    species, datasets, cells = (
        told.ranking(kind) for kind in (Kind.SPECIES, Kind.DATASET, Kind.CELL)
    )
    return Summary(
        *bars(told),
        not_drawn=not_drawn(access),
        top_species=[SpeciesCount(taxon, number) for taxon, number in found(Taxon, species.top)],
        top_datasets=[DatasetCount(dataset, number) for dataset, number in found(Dataset, datasets.top)],
        richness=Richness(species.distinct, species.records, species.basis),
        densest_cells=[DenseCell(cell_box(cell, told.area.z, ROW_OF_CELL), number) for cell, number in cells.top],
        bases={
            "years": told.route(Kind.PROFILE), "matrix": told.route(Kind.PROFILE), "species": species.basis,
            "datasets": datasets.basis, "cells": cells.basis,
        },
    )  # fmt: skip


def bars(told: "Tally") -> tuple[Amount, Bbox | None, list[Bin], Matrix]:
    profile = told.profile()
    years, buckets = charts.years_of(profile.spans)
    return profile.count, told.area.box, years + buckets, charts.matrix_of(profile.seasons)


def not_drawn(access: QueryAccess) -> Amount:
    """How many records of a selection lie poleward of the map."""
    number = not_drawable(access.rows).count_up_to(settings.RAW_ROW_BOUND)
    return Amount(number.number, number.number, number.number, Route.RAW)


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of the kinds that were asked for, each with its source; one statement for each source."""

    sources: Sources
    numbers: dict[Kind, tuple[Source, Counted]]

    @classmethod
    def about(cls, access: QueryAccess, view: Bbox | None, kinds: Sequence[Kind]) -> Self:
        """Of a selection in a view: rounded out to its cells, or to tiles where too much would be read at its edges."""
        sources = Sources(access, rounded_area(view), at_edges=settings.RAW_ROW_BOUND // AT_EDGES)
        told = cls.read(sources, kinds) if sources.is_simple else None
        if told is None and view is not None:
            told = cls.read(Sources(access, sources.area.of_tiles()), kinds)
        return told or cls(sources, sampled_numbers(sources, kinds))

    @classmethod
    def read(cls, sources: Sources, kinds: Sequence[Kind]) -> Self | None:
        """None where more rows had to be read one by one than may be."""
        by_source: dict[int, tuple[Source, list[Kind]]] = {}
        for kind in kinds:
            source = sources.of(kind)
            by_source.setdefault(id(source), (source, []))[1].append(kind)
        numbers: dict[Kind, tuple[Source, Counted]] = {}
        for source, its_kinds in by_source.values():
            for kind, counted in source.counted(its_kinds, sources.area.z).items():
                if counted.read > source.most:
                    return None
                numbers[kind] = source, counted
        return cls(sources, numbers)

    @property
    def area(self) -> Area:
        return self.sources.area

    def route(self, kind: Kind) -> Route:
        return self.numbers[kind][0].route

    def profile(self) -> Profile:
        source, (keys, numbers, _) = self.numbers[Kind.PROFILE]
        parts = [
            summed(part, numbers) for part in (keys >> SEASON_BITS, keys & (1 << SEASON_BITS) - 1)
        ]
        shares = [dict(zip(codes.tolist(), sums.tolist(), strict=True)) for codes, sums in parts]
        if source.route is not Route.SAMPLE:
            whole = ({code: int(number) for code, number in share.items()} for share in shares)
            return Profile(exactly(numbers.sum(), source.route), *whole)
        amount = estimated(self.sources)
        return Profile(amount, *(charts.apportioned(share, amount.number) for share in shares))

    def ranking(self, kind: Kind) -> Ranking:
        source, (keys, numbers, _) = self.numbers[kind]
        held = (numbers > 0) & (keys > 0)
        keys, numbers = keys[held], numbers[held]
        most = np.argsort(-numbers, kind="stable")[:MOST_SHOWN]
        top = list(
            zip(keys[most].tolist(), np.rint(numbers[most]).astype(int).tolist(), strict=True)
        )
        return Ranking(source.route, top, len(keys), round(numbers.sum()))


def sampled_numbers(sources: Sources, kinds: Sequence[Kind]) -> dict[Kind, tuple[Source, Counted]]:
    counted = sources.from_sample.counted(kinds, sources.area.z)
    return {kind: (sources.from_sample, found) for kind, found in counted.items()}


def exactly(number: int, basis: Route) -> Amount:
    return Amount(int(number), int(number), int(number), basis)


def estimated(sources: Sources) -> Amount:
    estimate = from_sample.estimated(
        sources.access.query, None if sources.area.is_everywhere else sources.windows
    )
    return Amount(estimate.number, estimate.low, estimate.high, Route.SAMPLE)


def found(model: type[Any], top: list[tuple[int, int]]) -> list[tuple[Any, int]]:
    """The rows of these keys, each with its number."""
    rows = model.objects.in_bulk([key for key, _ in top])
    return [(rows[key], number) for key, number in top if key in rows]
