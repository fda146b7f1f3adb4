"""Values that answers consist of: how they were found, amounts, histograms and summaries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext

from species.density.codec import Numbers
from species.models import Dataset, Taxon
from species.ranges import Bbox


class Route(StrEnum):
    """How an answer was found."""

    PACKED = "packed"  # compacted densities
    DELTA = "delta"  # densities, and later changes in layers
    RAW = "raw"  # all matching observations
    SINGLE = "single"  # all matching observations, drawn one by one
    SAMPLE = "sample"  # a sample of the observations: an estimate
    EMPTY = "empty"  # nothing can match


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Records by row and column of a tile's cells, their route, and the version of the data."""

    counts: Numbers
    route: Route
    version: int

    @property
    def total(self) -> int:
        return int(self.counts.sum())


@dataclass(frozen=True, slots=True)
class Layer:
    """A finished layer of a vector tile with `total` records."""

    body: bytes
    total: int
    route: Route
    version: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of records; for an estimate, `low` and `high` are its 95 percent interval."""

    number: int
    low: int
    high: int
    basis: Route

    @classmethod
    def exact(cls, number: int, basis: Route) -> "Amount":
        return cls(int(number), int(number), int(number), basis)

    @property
    def is_exact(self) -> bool:
        return self.basis is not Route.SAMPLE

    def __str__(self) -> str:
        number, low, high = (
            number_format(value, force_grouping=True)
            for value in (self.number, self.low, self.high)
        )
        if self.is_exact:
            return number
        if not self.number:
            return gettext("fewer than %(number)s") % {"number": high}
        values = {"number": number, "low": low, "high": high}
        return gettext("about %(number)s (%(low)s to %(high)s)") % values


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar, or a bucket for the records that no bar counts.

    `key` is the value of the filter parameter that selects its records, "" for a bucket.
    """

    label: str
    key: str
    number: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Records by depth band and month: `cells[band][month]`, and buckets for all others.

    Cells and buckets add up to the count. The last band is "depth unknown". Keys of bands are values
    of `depth`, keys of months values of `months`.
    """

    bands: list[Bin]
    months: list[Bin]
    cells: list[list[int]]
    buckets: list[Bin]


@dataclass(frozen=True, slots=True)
class DenseCell:
    bbox: Bbox
    number: int


@dataclass(frozen=True, slots=True)
class Richness:
    """The number of accepted species among `records`, lower ranks counted with their species.

    Not corrected for sampling effort.
    """

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
    """Records by year, and by month and depth; each adds up to the count.

    `years` has bars, then buckets. The figures cover exactly `shown_box` (None: everywhere).
    """

    count: Amount
    shown_box: Bbox | None
    years: list[Bin]
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Summary(Histogram):
    """All figures of a query; `bases` gives the route of each part."""

    not_drawn: Amount
    top_species: list[SpeciesCount]
    top_datasets: list[DatasetCount]
    richness: Richness
    densest_cells: list[DenseCell]
    bases: dict[str, Route]

    @property
    def is_exact(self) -> bool:
        return all(basis is not Route.SAMPLE for basis in self.bases.values())
