"""Conditions on observations, as methods of their querysets that take plain values."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import F, Q
from django.db.models.functions import Cast, Greatest, Least

from species.areas import Area, boxes_around
from species.models.observation_expressions import (
    Latitude,
    Longitude,
    MonthNumber,
    box_polygon,
    within_bbox,
    within_days,
    within_months,
)
from species.models.taxon import Taxon
from species.ranges import Bbox, Circle, DepthRange, OrdinalRange
from species.terms import FlagBits

if TYPE_CHECKING:
    from species.models.observation import CuratedObservation  # noqa: F401  # in quotes below

UNDATED = Q(date_start__isnull=True)


class ObservationConditions(models.QuerySet["CuratedObservation"]):
    """The conditions that `species.filters` combines."""

    def in_taxa(self, ranges: Sequence[OrdinalRange]) -> Self:
        """Return the observations of taxa in any of the ranges; of no range, no rows."""
        if not ranges:
            return self.none()
        within = Q()
        for first, end in ranges:
            below = Q(taxon_ordinal__lt=end) if end is not None else Q()
            within |= Q(taxon_ordinal__gte=first) & below
        return self.filter(within)

    def in_categories(self, categories: Sequence[str]) -> Self:
        """Return the observations of taxa in any of these categories of the Red List."""
        return self.filter(taxon__in=Taxon.objects.in_categories(categories))

    def in_datasets(self, ids: Iterable[int]) -> Self:
        """Return the observations of the datasets with these primary keys.

        Keys instead of a join: only for keys does PostgreSQL know the number of rows.
        """
        return self.filter(dataset__in=tuple(ids))

    def with_terms(self, column: str, terms: Sequence[str]) -> Self:
        """Return the rows with any of the terms in a column of observations."""
        return self.filter(**{f"{column}__in": terms})

    def in_bbox(self, bbox: Bbox) -> Self:
        """Return the rows in the box, edges included; the antimeridian is one meridian."""
        rows = self.alias(longitude=Longitude("location"), latitude=Latitude("location"))
        return rows.filter(within_bbox(bbox))

    def in_area(self, area: Area) -> Self:
        """Return the rows in the area, edges included, which are straight in degrees.

        The antimeridian is one meridian.
        """
        within = Q(location__intersects=GEOSGeometry(area.wkt, srid=4326))
        if area.seam:
            within |= Q(location__intersects=GEOSGeometry(area.seam, srid=4326))
        return self.filter(within)

    def near(self, circle: Circle) -> Self:
        """Return the rows within the distance on the ellipsoid."""
        candidates = Q()
        for box in boxes_around(circle):
            candidates |= Q(location__bboverlaps=box_polygon(box))
        place = Point(circle.longitude, circle.latitude, srid=4326)
        rows = self.alias(on_ellipsoid=Cast("location", models.PointField(geography=True)))
        return rows.filter(candidates, on_ellipsoid__dwithin=(place, circle.kilometres * 1_000))

    def known_to(self, metres: float) -> Self:
        """Return the rows with a place of at most this uncertainty."""
        return self.filter(coordinate_uncertainty_in_meters__lte=metres)

    def of_unknown_uncertainty(self) -> Self:
        return self.filter(coordinate_uncertainty_in_meters__isnull=True)

    def undated(self) -> Self:
        return self.filter(UNDATED)

    def dated(
        self,
        first: date | None,
        last: date | None,
        *,
        possibly: bool = False,
        or_undated: bool = False,
    ) -> Self:
        """Return the rows with both ends within the days, or `possibly` one day.

        Undated rows are left out unless `or_undated`.
        """
        within = within_days(first, last, possibly=possibly)
        return self.filter(within | UNDATED if or_undated else within)

    def in_months(
        self, months: Sequence[int], *, possibly: bool = False, or_undated: bool = False
    ) -> Self:
        """Return the rows with all days in these months of any year, or `possibly` one day.

        Neighbouring months count as one period: 15 June to 15 July is within June and July.
        Undated rows are left out unless `or_undated`.
        """
        rows = self.alias(first_month=MonthNumber("date_start"), last_month=MonthNumber("date_end"))
        within = within_months(months, possibly=possibly)
        return rows.filter(within | UNDATED if or_undated else within)

    def flagged(self, bits: FlagBits) -> Self:
        """Return the rows with any of these flags, set by OBIS or by our curation."""
        return self.with_bits(bits).filter(Q(obis_bits__gt=0) | Q(finding_bits__gt=0))

    def not_flagged(self, bits: FlagBits) -> Self:
        """Return the rows with none of these flags."""
        return self.with_bits(bits).filter(obis_bits=0, finding_bits=0)

    def with_bits(self, bits: FlagBits) -> Self:
        return self.alias(
            obis_bits=F("obis_flags").bitand(bits.obis),
            finding_bits=F("findings").bitand(bits.findings),
        )

    def at_depth(self, depths: DepthRange, *, possibly: bool = False) -> Self:
        """Return the rows with both ends within the depths, or `possibly` overlapping them.

        A record with one end counts as that single depth, a reversed one as its span.
        """
        shallow = Least("minimum_depth_in_meters", "maximum_depth_in_meters")
        deep = Greatest("minimum_depth_in_meters", "maximum_depth_in_meters")
        rows = self.alias(shallow=shallow, deep=deep)
        if depths.low is not None:
            lookup = "deep__gte" if possibly else "shallow__gte"
            rows = rows.filter(**{lookup: depths.low})
        if depths.high is not None:
            lookup = "shallow__lte" if possibly else "deep__lte"
            rows = rows.filter(**{lookup: depths.high})
        return rows

    def at_unknown_depth(self) -> Self:
        return self.filter(
            minimum_depth_in_meters__isnull=True, maximum_depth_in_meters__isnull=True
        )
