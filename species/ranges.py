"""Ranges of places, depths, months and taxa: plain values that every layer shares."""

from collections.abc import Iterable
from typing import NamedTuple


class Bbox(NamedTuple):
    """A box in degrees, edges included; west > east crosses the antimeridian.

    Longitudes are within -180..180, latitudes within -90..90.
    """

    west: float
    south: float
    east: float
    north: float

    def split(self) -> tuple["Bbox", ...]:
        """Return the box itself, or its two parts on either side of the antimeridian."""
        if self.west <= self.east:
            return (self,)
        return (self._replace(east=180.0), self._replace(west=-180.0))


class Circle(NamedTuple):
    """All places within a distance on the ellipsoid, the far edge included."""

    latitude: float
    longitude: float
    kilometres: float


class DepthRange(NamedTuple):
    """Depths in metres, positive down, both ends included; None leaves an end open."""

    low: float | None
    high: float | None


class OrdinalRange(NamedTuple):
    """The taxa with first <= ordinal < end; None as the end leaves it open."""

    first: int
    end: int | None


def month_runs(months: Iterable[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each unbroken run of months; first > last crosses New Year."""
    there = set(months)
    if len(there) == 12:
        return [(1, 12)]
    firsts = [month for month in sorted(there) if (month - 2) % 12 + 1 not in there]
    return [(first, _last_of_run(first, there)) for first in firsts]


def _last_of_run(first: int, months: set[int]) -> int:
    while first % 12 + 1 in months:
        first = first % 12 + 1
    return first
