"""The queryset vocabulary of observations: who sees what, what a selection matches, and how to page
and count it.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.contrib.gis.db import models
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.db.models import Case, F, Q, Value, When
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
)
from django.db.models.functions import Cast, Greatest, Least
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext as _

from species.areas import Area, boxes_around
from species.errors import InvalidQuery
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
from species.ranges import Bbox, Circle, DepthRange, OrdinalRange, month_runs
from species.terms import FlagBits, License, OccurrenceStatus, flag_bits

if TYPE_CHECKING:
    from species.filters import ObservationFilter
    from species.models.observation import CuratedObservation

PUBLISHED = Q(withdrawn_at__isnull=True, occurrence_status=OccurrenceStatus.PRESENT)
ABSENT = Q(withdrawn_at__isnull=True, occurrence_status=OccurrenceStatus.ABSENT)


class Longitude(models.Func):
    function, output_field = "ST_X", models.FloatField()


class Latitude(models.Func):
    function, output_field = "ST_Y", models.FloatField()


class MonthNumber(models.Func):
    """Months since the year 0, so that those of different years differ."""

    template = "(EXTRACT(YEAR FROM %(expressions)s)::int * 12 + EXTRACT(MONTH FROM %(expressions)s)::int - 1)"
    output_field = models.IntegerField()


# URI of the effective licence: the record's own where it decided, else its dataset's; "" where
# neither names a version, and where two sets of other terms apply.
LICENSE_URI = Case(
    When(
        Q(record_license=License.OTHER, dataset__license=License.OTHER)
        & ~Q(record_license_uri=F("dataset__license_uri")),
        then=Value(""),
    ),
    When(~Q(record_license_uri="") & Q(record_license=F("license")), then=F("record_license_uri")),
    When(dataset__license=F("license"), then=F("dataset__license_uri")),
    default=Value(""),
    output_field=models.TextField(),
)


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

    def matching(self, selection: "ObservationFilter") -> Self:
        """What the selection asks for. Raises InvalidQuery for a name that nobody knows."""
        rows = self
        for taxa in selection.ordinal_ranges():
            rows = rows.in_taxa(taxa)
        if selection.iucn:
            rows = rows.filter(taxon__in=Taxon.objects.in_categories(selection.iucn))
        return (
            rows.at_place(selection)
            .at_time(selection)
            .of_quality(selection)
            .filter(**selection.closed_terms())
        )

    def at_place(self, selection: "ObservationFilter") -> Self:
        """What the selection asks for in longitude, latitude and depth."""
        rows = self
        if selection.bbox:
            rows = rows.in_bbox(selection.bbox)
        if selection.area:
            rows = rows.in_area(selection.area)
        if selection.near:
            rows = rows.near(selection.near)
        if selection.depth is not None:
            rows = rows.at_depth(selection.depth, possibly=selection.depth_match == "possible")
        return rows.at_unknown_depth() if selection.depth_unknown else rows

    def at_time(self, selection: "ObservationFilter") -> Self:
        """What the selection asks for in days and months."""
        if selection.date_unknown:
            return self.filter(date_start__isnull=True)
        if not (selection.date_from or selection.date_to or selection.months):
            return self
        possibly, found = selection.date_match != "certain", Q()
        if selection.date_from or selection.date_to:
            found &= days(selection.date_from, selection.date_to, possibly=possibly)
        if selection.months:
            found &= months_of_any_year(selection.months, possibly=possibly)
        if selection.date_match == "possibleOrUndated":
            found |= Q(date_start__isnull=True)
        return self.with_month_numbers().filter(found)

    def of_quality(self, selection: "ObservationFilter") -> Self:
        """What the selection asks for in flags and in how well the place is known."""
        rows = self
        if selection.flag:
            rows = rows.flagged(flag_bits(selection.flag))
        if selection.not_flag:
            rows = rows.not_flagged(flag_bits(selection.not_flag))
        if selection.max_uncertainty is not None:
            rows = rows.filter(coordinate_uncertainty_in_meters__lte=selection.max_uncertainty)
        return (
            rows.filter(coordinate_uncertainty_in_meters__isnull=True)
            if selection.uncertainty_unknown
            else rows
        )

    def in_taxa(self, ranges: Sequence[OrdinalRange]) -> Self:
        """Observations of taxa in any of the ranges of the tree; of no range, none."""
        if not ranges:
            return self.none()
        within = Q()
        for first, end in ranges:
            within |= Q(taxon_ordinal__gte=first) & (
                Q(taxon_ordinal__lt=end) if end is not None else Q()
            )
        return self.filter(within)

    def in_bbox(self, bbox: Bbox) -> Self:
        """Within the box, its edges included; west > east crosses the antimeridian, which is one
        meridian.
        """
        west, south, east, north = bbox
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        if east == 180 or west > east:
            spans.append((-180.0, -180.0))
        if west == -180 or west > east:
            spans.append((180.0, 180.0))
        within = Q()
        for left, right in spans:
            # The index knows places in single precision only, so it finds candidates and the
            # numbers decide.
            within |= Q(
                location__bboverlaps=box(left, south, right, north),
                longitude__gte=left,
                longitude__lte=right,
            )
        rows = self.alias(longitude=Longitude("location"), latitude=Latitude("location"))
        return rows.filter(within, latitude__gte=south, latitude__lte=north)

    def in_area(self, area: Area) -> Self:
        """Within the area, its edges included, which are straight in degrees; the antimeridian is
        one meridian.
        """
        within = Q(location__intersects=GEOSGeometry(area.wkt, srid=4326))
        if area.seam:
            within |= Q(location__intersects=GEOSGeometry(area.seam, srid=4326))
        return self.filter(within)

    def near(self, near: Circle) -> Self:
        """At most so many kilometres from the place, on the ellipsoid."""
        candidates = Q()
        for west, south, east, north in boxes_around(near):
            candidates |= Q(location__bboverlaps=box(west, south, east, north))
        place = Point(near.longitude, near.latitude, srid=4326)
        rows = self.alias(on_ellipsoid=Cast("location", models.PointField(geography=True)))
        return rows.filter(candidates, on_ellipsoid__dwithin=(place, near.kilometres * 1_000))

    def dated(self, first: date | None, last: date | None, *, possibly: bool = False) -> Self:
        """Certainly within the days (both ends inside), or `possibly` (the spans overlap); undated
        rows are neither.
        """
        return self.filter(days(first, last, possibly=possibly))

    def in_months(self, months: Sequence[int], *, possibly: bool = False) -> Self:
        """Of any year: certainly within (every day that the date can mean lies in one of the
        months), or possibly.

        As with days and depths, what is certain of two neighbours is more than what is certain of
        either: 15 June to 15 July lies within June and July. Undated records are neither.
        """
        return self.with_month_numbers().filter(months_of_any_year(months, possibly=possibly))

    def with_month_numbers(self) -> Self:
        return self.alias(first_month=MonthNumber("date_start"), last_month=MonthNumber("date_end"))

    def flagged(self, bits: FlagBits) -> Self:
        """With any of these flags, whether OBIS set it or our curation found it."""
        return self.with_bits(bits).filter(Q(obis_bits__gt=0) | Q(finding_bits__gt=0))

    def not_flagged(self, bits: FlagBits) -> Self:
        """With none of these flags: all that are not `flagged`."""
        return self.with_bits(bits).filter(obis_bits=0, finding_bits=0)

    def with_bits(self, bits: FlagBits) -> Self:
        return self.alias(
            obis_bits=F("obis_flags").bitand(bits.obis),
            finding_bits=F("findings").bitand(bits.findings),
        )

    def at_depth(self, depth: DepthRange, *, possibly: bool = False) -> Self:
        """Both ends inside (or overlapping); one-sided depths count as that one depth, reversed
        ones as their span.
        """
        shallow = Least("minimum_depth_in_meters", "maximum_depth_in_meters")
        deep = Greatest("minimum_depth_in_meters", "maximum_depth_in_meters")
        rows = self.alias(shallow=shallow, deep=deep)
        if depth.low is not None:
            rows = (
                rows.filter(deep__gte=depth.low)
                if possibly
                else rows.filter(shallow__gte=depth.low)
            )
        if depth.high is not None:
            rows = (
                rows.filter(shallow__lte=depth.high)
                if possibly
                else rows.filter(deep__lte=depth.high)
            )
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


def days(first: date | None, last: date | None, *, possibly: bool) -> Q:
    """See `ObservationQuerySet.dated`."""
    # That it began by the last day follows from its end; said too, it bounds the range of the
    # index.
    asked = {
        "date_end__gte" if possibly else "date_start__gte": first,
        "date_start__lte": last,
        "date_end__lte": None if possibly else last,
    }
    return Q(date_start__isnull=False, **{term: day for term, day in asked.items() if day})


def months_of_any_year(months: Sequence[int], *, possibly: bool) -> Q:
    """See `ObservationQuerySet.in_months`; of rows `with_month_numbers`."""
    dated = Q(date_start__isnull=False)
    if len(months) == 12:
        return dated
    goes_on, found = F("last_month") - F("first_month"), Q()
    for first, last in month_runs(months):
        length = (last - first) % 12
        begins = (F("first_month") + (13 - first)) % 12  # months after the season's first
        if possibly:  # already begun, or beginning while the record goes on
            found |= Q(LessThanOrEqual(begins, length)) | Q(
                GreaterThanOrEqual(begins + goes_on, 12)
            )
        else:
            found |= Q(LessThanOrEqual(begins + goes_on, length))
    return dated & found


def box(west: float, south: float, east: float, north: float) -> Polygon:
    polygon = Polygon.from_bbox((west, south, east, north))
    polygon.srid = 4326
    return polygon
