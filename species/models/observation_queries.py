"""The querysets of observations: who sees which rows, conditions on them, pages and counts."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.contrib.gis.db import models
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
)
from django.db.models.functions import Cast, Greatest, Least
from django.utils.translation import gettext as _

from species.areas import Area, boxes_around
from species.errors import InvalidQuery
from species.models.observation_expressions import (
    Latitude,
    Longitude,
    MonthNumber,
    box_polygon,
    within_bbox,
    within_days,
    within_months,
)
from species.models.observation_pages import (
    NEWEST,
    NEWEST_FIRST,
    OF_ONE_TAXON,
    ORDERINGS,
    BoundedCount,
    Ordering,
    Page,
    Unindexed,
    Way,
    cursor_of,
    read_cursor,
)
from species.models.taxon import Taxon
from species.ranges import Bbox, Circle, DepthRange, OrdinalRange
from species.terms import FlagBits, OccurrenceStatus

if TYPE_CHECKING:
    from species.models.observation import CuratedObservation

PUBLISHED = Q(withdrawn_at__isnull=True, occurrence_status=OccurrenceStatus.PRESENT)
ABSENT = Q(withdrawn_at__isnull=True, occurrence_status=OccurrenceStatus.ABSENT)
UNDATED = Q(date_start__isnull=True)


class ObservationQuerySet(models.QuerySet["CuratedObservation"]):
    """Every public path starts with `published()`, or, for one record, with `at_address()`."""

    def published(self) -> Self:
        """Sightings on show: neither withdrawn nor absences."""
        return self.filter(PUBLISHED)

    def absences(self) -> Self:
        """Where somebody looked and found nothing; only for those who ask for absences."""
        return self.filter(ABSENT)

    def at_address(self, key: UUID) -> "CuratedObservation | None":
        """The one with this key that is on show, or was withdrawn and says so; an absence has no
        address.
        """
        row = self.select_related("dataset", "taxon").filter(key=key).first()
        return row if row and (row.is_published or row.withdrawn_at) else None

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

    def newest_first(self) -> Self:
        """By first possible day, undated last; the order that `page` walks."""
        return self.order_by(*NEWEST_FIRST)

    def page(self, after: str | None = None, size: int = 50, way: Way = NEWEST) -> Page:
        """At most `size` rows behind the cursor, newest first; dated ones, then undated ones.

        One query for each of the two, and one more where the way bounds the search or knows the
        days, or where the search passed from the dated ones to the others. Raises InvalidQuery for a
        cursor that is none.
        """
        day, row_id = read_cursor(after) if after else (None, None)
        found: list[CuratedObservation] = []
        passed = None
        for is_dated in (True, False) if not after or day else (False,):
            behind = row_id if is_dated == bool(day) else None
            asked = self.dated(*way.days, possibly=True) if way.days and is_dated else self
            rows, end = asked.half(is_dated, way.ordering, day, behind), None
            if way.search:
                candidates = self.model._default_manager.published().half(
                    is_dated, Ordering.NEWEST, day, behind
                )
                end = candidates.only("date_start")[way.search - 1 : way.search].first()
            if end:
                rows = rows.until(end)
            if way.by_days and is_dated and (last := asked.day_before(day, size + 1)):
                rows = rows.filter(date_start__gte=last)
            if way.taxa:
                rows = rows.first_of_each(way.taxa, size + 1)
            found += rows[: size + 1 - len(found)]
            previous = cursor_of(found[0]) if after and found and way.goes_back else None
            if len(found) > size:
                return Page(found[:size], cursor_of(found[size - 1]), previous)
            if end:
                earlier = passed.count() if passed is not None else 0
                return Page(found, cursor_of(end), previous, searched=earlier + (way.search or 0))
            passed = candidates[: way.search] if way.search else None
        return Page(found, None, previous)

    def page_before(self, before: str, size: int = 50, way: Way = NEWEST) -> Page:
        """At most `size` rows just ahead of the cursor, in the same order and at the same cost.

        Raises InvalidQuery for a cursor that is none, and where the way does not go back.
        """
        if not way.goes_back:
            raise InvalidQuery(
                {"before": _("This list is walked forwards only; start at its first page.")}
            )
        day, row_id = read_cursor(before, "before")
        oldest_first = (
            Unindexed("date_start") if way.ordering is Ordering.SORTED else F("date_start"),
            F("id"),
        )
        found: list[CuratedObservation] = []  # from the cursor backwards
        if not day:
            undated = self.filter(date_start__isnull=True, id__gt=row_id).order_by("id")
            found = list(undated[: size + 1])
        if len(found) <= size:
            dated = (
                self.dated(*way.days, possibly=True)
                if way.days
                else self.filter(date_start__isnull=False)
            )
            dated = dated.order_by(*oldest_first)
            if day:
                dated = dated.filter(
                    TupleGreaterThan(Tuple(F("date_start"), F("id")), (day, row_id))
                )
            found += dated[: size + 1 - len(found)]
        rows = found[:size][::-1]
        return Page(
            rows,
            cursor_of(rows[-1]) if rows else None,
            cursor_of(rows[0]) if len(found) > size else None,
        )

    def half(
        self, is_dated: bool, ordering: Ordering, day: date | None, row_id: int | None
    ) -> Self:
        """The dated rows or the undated ones, newest first, behind the row of this day and id."""
        rows = self.filter(date_start__isnull=not is_dated).order_by(*ORDERINGS[ordering])
        if row_id is None:
            return rows
        return rows.filter(
            TupleLessThan(Tuple(F("date_start"), F("id")), (day, row_id))
            if day
            else Q(id__lt=row_id)
        )

    def first_of_each(self, taxa: Sequence[int], most: int) -> Self:
        """Of such a half at most so many rows of each taxon, by its ordinal; one query at once."""
        # One piece for each, in which the planner knows how many rows it has and whether the index
        # need be sorted.
        first, *others = (
            self.filter(taxon_ordinal=ordinal)
            .order_by(*OF_ONE_TAXON)
            .values_list("pk", flat=True)[:most]
            for ordinal in taxa
        )
        found = first.union(*others, all=True) if others else first
        return self.filter(pk__in=list(found))

    def day_before(self, day: date | None, most: int) -> date | None:
        """The day of the last of so many rows of earlier days (None: of any); None if there are
        fewer. No id is asked for, which the covering indexes lack, so the table is not read.
        """
        dated = self.filter(date_start__lt=day) if day else self.filter(date_start__isnull=False)
        newest = dated.order_by(Unindexed("date_start").desc())
        return newest.values_list("date_start", flat=True)[most - 1 : most].first()

    def until(self, end: "CuratedObservation") -> Self:
        """The rows of such a half as far as this one."""
        if end.date_start is None:
            return self.filter(id__gte=end.pk)
        return self.filter(
            TupleGreaterThanOrEqual(Tuple(F("date_start"), F("id")), (end.date_start, end.pk))
        )

    def count_up_to(self, limit: int) -> BoundedCount:
        """Exact up to the limit; beyond it, only that there are more."""
        number = self.order_by()[: limit + 1].count()
        return BoundedCount(min(number, limit), is_exact=number <= limit)
