"""What a selection holds in numbers: how many records, in which years, months, depths and datasets, of which species.

All of it comes from the densities where they know it, else from few enough observations, else from the sample; each
part says which. A view is rounded out to tiles, and what is said is true of `shown_box`.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings

from species.atlas import charts, sampled
from species.atlas.areas import EVERYWHERE, Area, area_of
from species.atlas.charts import Amount, Bin, DenseCell, Matrix
from species.atlas.faces import SEASON_BITS
from species.atlas.places import windows_asked_for
from species.atlas.routes import Route, rows_of
from species.atlas.sources import ROW_OF_CELL, Counted, Kind, sample_of, source_of, summed
from species.atlas.tile import not_drawable
from species.atlas.values import ValueCounts
from species.atlas.windows import Window
from species.filters import ObservationFilter
from species.models import Dataset, Taxon
from species.models.grid import CELL_BITS, GRID_BITS
from species.questions import Bbox

MOST_SHOWN = 10  # of species, datasets and cells


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


def count(selection: ObservationFilter) -> Amount:
    """How many records a selection has, drawable or not."""
    if selection.is_everything:
        return exactly(Dataset.objects.published_total(), Route.PACKED)
    counted = ValueCounts.of(selection).exactly(selection)
    if counted is not None:
        return exactly(counted, Route.PACKED)
    return profile_of(selection, EVERYWHERE).count


def histogram(selection: ObservationFilter, view: Bbox | None = None) -> Histogram:
    """Years, months and depths of a selection, or of what of it lies in a view, rounded out to tiles."""
    return histogram_of(selection, area_of(view))


def histogram_of(selection: ObservationFilter, area: Area) -> Histogram:
    profile = profile_of(selection, area)
    bars, buckets = charts.years_of(profile.spans)
    return Histogram(profile.count, area.box, bars + buckets, charts.matrix_of(profile.seasons))


def summary(selection: ObservationFilter, view: Bbox | None = None) -> Summary:
    """All of it for a selection, or for what of it lies in a view, rounded out to tiles."""
    area = area_of(view)
    shown = histogram_of(selection, area)
    species, datasets, cells = (ranking_of(selection, area, kind) for kind in (Kind.SPECIES, Kind.DATASET, Kind.CELL))
    return Summary(
        shown.count, shown.shown_box, shown.years, shown.matrix,
        not_drawn=not_drawn(selection),
        top_species=[SpeciesCount(taxon, number) for taxon, number in found(Taxon, species.top)],
        top_datasets=[DatasetCount(dataset, number) for dataset, number in found(Dataset, datasets.top)],
        richness=Richness(species.distinct, species.records, species.basis),
        densest_cells=[DenseCell(box_of(cell, area.z), number) for cell, number in cells.top],
        bases={
            "years": shown.count.basis, "matrix": shown.count.basis, "species": species.basis,
            "datasets": datasets.basis, "cells": cells.basis,
        },
    )  # fmt: skip


def not_drawn(selection: ObservationFilter) -> Amount:
    """How many records of a selection lie poleward of the map."""
    number = not_drawable(rows_of(selection)).count_up_to(settings.RAW_ROW_BOUND)
    return Amount(number.number, number.number, number.number, Route.RAW)


def counted(selection: ObservationFilter, area: Area, kind: Kind) -> tuple[Route, Counted]:
    """Records by key and how they were found; from the sample where more rows would have to be read than may be."""
    source = source_of(selection, area, kind)
    found = source.counted(kind, area.z)
    if source.route is not Route.SAMPLE and found.read > settings.RAW_ROW_BOUND:
        source = sample_of(selection, area)
        found = source.counted(kind, area.z)
    return source.route, found


def profile_of(selection: ObservationFilter, area: Area) -> Profile:
    route, (keys, numbers, _) = counted(selection, area, Kind.PROFILE)
    parts = [summed(part, numbers) for part in (keys >> SEASON_BITS, keys & (1 << SEASON_BITS) - 1)]
    shares = [dict(zip(codes.tolist(), sums.tolist(), strict=True)) for codes, sums in parts]
    if route is not Route.SAMPLE:
        whole = ({code: int(number) for code, number in share.items()} for share in shares)
        return Profile(exactly(numbers.sum(), route), *whole)
    amount = estimated(selection, area)
    return Profile(amount, *(charts.apportioned(share, amount.number) for share in shares))


def ranking_of(selection: ObservationFilter, area: Area, kind: Kind) -> Ranking:
    route, (keys, numbers, _) = counted(selection, area, kind)
    held = (numbers > 0) & (keys != 0)
    keys, numbers = keys[held], numbers[held]
    most = np.argsort(-numbers, kind="stable")[:MOST_SHOWN]
    top = list(zip(keys[most].tolist(), np.rint(numbers[most]).astype(int).tolist(), strict=True))
    return Ranking(route, top, len(keys), round(numbers.sum()))


def exactly(number: int, basis: Route) -> Amount:
    return Amount(int(number), int(number), int(number), basis)


def estimated(selection: ObservationFilter, area: Area) -> Amount:
    windows = None if area.is_everywhere else windows_asked_for(selection, list(area.windows))
    estimate = sampled.estimated(selection, windows)
    return Amount(estimate.number, estimate.low, estimate.high, Route.SAMPLE)


def found(model: type[Any], top: list[tuple[int, int]]) -> list[tuple[Any, int]]:
    """The rows of these keys, each with its number."""
    rows = model.objects.in_bulk([key for key, _ in top])
    return [(rows[key], number) for key, number in top if key in rows]


def box_of(cell: int, z: int) -> Bbox:
    """Of a cell, numbered as `Kind.CELL` says, of the tiles of a zoom."""
    size = 1 << (GRID_BITS - z - CELL_BITS)
    left, top = (cell & (1 << ROW_OF_CELL) - 1) * size, (cell >> ROW_OF_CELL) * size
    return Window(left, top, left + size, top + size).bbox
