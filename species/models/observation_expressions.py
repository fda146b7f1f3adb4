"""SQL expressions and conditions on the columns of observations."""

from collections.abc import Sequence
from datetime import date

from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.db.models import Case, F, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from species.ranges import Bbox, month_runs
from species.terms import License


class Longitude(models.Func):
    function, output_field = "ST_X", models.FloatField()


class Latitude(models.Func):
    function, output_field = "ST_Y", models.FloatField()


class MonthNumber(models.Func):
    """Months since the year 0, so that those of different years differ."""

    template = (
        "(EXTRACT(YEAR FROM %(expressions)s)::int * 12"
        " + EXTRACT(MONTH FROM %(expressions)s)::int - 1)"
    )
    output_field = models.IntegerField()


# The URI of the licence in effect: the record's own where it decided, else its dataset's; "" where
# neither names a version, and where record and dataset have different terms of their own.
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


def within_bbox(bbox: Bbox) -> Q:
    """Return the condition of `in_bbox`, on rows with `longitude` and `latitude`."""
    west, south, east, north = bbox
    spans = [(part.west, part.east) for part in bbox.split()]
    if east == 180 or west > east:
        spans.append((-180.0, -180.0))
    if west == -180 or west > east:
        spans.append((180.0, 180.0))
    within = Q()
    for left, right in spans:
        # The index has single precision, so it only finds candidates.
        within |= Q(
            location__bboverlaps=box_polygon(Bbox(left, south, right, north)),
            longitude__gte=left,
            longitude__lte=right,
        )
    return within & Q(latitude__gte=south, latitude__lte=north)


def within_days(first: date | None, last: date | None, *, possibly: bool) -> Q:
    """Return the condition of `dated`."""
    conditions = {
        "date_end__gte" if possibly else "date_start__gte": first,
        # It follows from the end, but bounds the range of the index.
        "date_start__lte": last,
        "date_end__lte": None if possibly else last,
    }
    limits = {lookup: day for lookup, day in conditions.items() if day}
    return Q(date_start__isnull=False, **limits)


def within_months(months: Sequence[int], *, possibly: bool) -> Q:
    """Return the condition of `in_months`, on rows with `first_month` and `last_month`."""
    dated = Q(date_start__isnull=False)
    if len(months) == 12:
        return dated
    duration, within = F("last_month") - F("first_month"), Q()
    for first, last in month_runs(months):
        length = (last - first) % 12
        start = (F("first_month") + (13 - first)) % 12  # months after the run begins
        if possibly:  # it starts within the run, or the run comes round before it ends
            within |= Q(LessThanOrEqual(start, length)) | Q(
                GreaterThanOrEqual(start + duration, 12)
            )
        else:
            within |= Q(LessThanOrEqual(start + duration, length))
    return dated & within


def box_polygon(box: Bbox) -> Polygon:
    polygon = Polygon.from_bbox(box)
    polygon.srid = 4326
    return polygon
