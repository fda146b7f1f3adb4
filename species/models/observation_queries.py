"""The querysets of observations: visibility, pages and counts."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
)
from django.utils.translation import gettext as _

from species.errors import InvalidQuery
from species.models.observation_conditions import ObservationConditions
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
from species.terms import OccurrenceStatus

if TYPE_CHECKING:
    from species.models.observation import CuratedObservation

# The same rule as a condition and in SQL; `CuratedObservation.is_published` is the third form.
PUBLISHED = Q(withdrawn_at__isnull=True, occurrence_status=OccurrenceStatus.PRESENT)
PUBLISHED_SQL = "withdrawn_at IS NULL AND occurrence_status = 'present'"
ABSENT = Q(withdrawn_at__isnull=True, occurrence_status=OccurrenceStatus.ABSENT)


class ObservationQuerySet(ObservationConditions):
    """Querysets of observations.

    Everything public starts with `published()`, or with `at_address()` for one record.
    """

    def published(self) -> Self:
        """Return sightings that are neither withdrawn nor absences."""
        return self.filter(PUBLISHED)

    def absences(self) -> Self:
        """Return records of surveys that did not find the taxon. No other list includes them."""
        return self.filter(ABSENT)

    def at_address(self, key: UUID) -> "CuratedObservation | None":
        """Return the published or withdrawn observation with this key.

        An absence has no address of its own.
        """
        row = self.select_related("dataset", "taxon").filter(key=key).first()
        return row if row and (row.is_published or row.withdrawn_at) else None

    def newest_first(self) -> Self:
        """Return the rows by first possible day, undated ones last, as `page` does."""
        return self.order_by(*NEWEST_FIRST)

    def page(self, after: str | None = None, size: int = 50, way: Way = NEWEST) -> Page:
        """Return at most `size` rows after the cursor, newest first; undated ones are last.

        One query for dated and one for undated rows, and one more each where `way` bounds the
        search or uses the days. Raises InvalidQuery for an invalid cursor.
        """
        day, row_id = read_cursor(after) if after else (None, None)
        found: list[CuratedObservation] = []
        passed = None
        for is_dated in (True, False) if not after or day else (False,):
            behind = row_id if is_dated == bool(day) else None
            rows_of_days = self.dated(*way.days, possibly=True) if way.days and is_dated else self
            rows, end = rows_of_days.half(is_dated, way.ordering, day, behind), None
            if way.search:
                candidates = self.model._default_manager.published().half(
                    is_dated, Ordering.NEWEST, day, behind
                )
                end = candidates.only("date_start")[way.search - 1 : way.search].first()
            if end:
                rows = rows.until(end)
            if way.by_days and is_dated and (last := rows_of_days.day_before(day, size + 1)):
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
        """Return at most `size` rows just before the cursor, in the same order.

        Raises InvalidQuery for an invalid cursor, and where `way` does not go back.
        """
        if not way.goes_back:
            reason = _("This list can't be paged backwards. Start again from the first page.")
            raise InvalidQuery({"before": reason})
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
        """Return the dated or the undated rows, newest first, after the row of this day and id."""
        rows = self.filter(date_start__isnull=not is_dated).order_by(*ORDERINGS[ordering])
        if row_id is None:
            return rows
        return rows.filter(
            TupleLessThan(Tuple(F("date_start"), F("id")), (day, row_id))
            if day
            else Q(id__lt=row_id)
        )

    def first_of_each(self, taxa: Sequence[int], most: int) -> Self:
        """Return at most so many rows of each taxon of a half. Runs one query at once."""
        # In a query per taxon PostgreSQL knows the number of rows and the order of the index.
        first, *others = (
            self.filter(taxon_ordinal=ordinal)
            .order_by(*OF_ONE_TAXON)
            .values_list("pk", flat=True)[:most]
            for ordinal in taxa
        )
        found = first.union(*others, all=True) if others else first
        return self.filter(pk__in=list(found))

    def day_before(self, day: date | None, most: int) -> date | None:
        """Return the day of the last of so many rows before a day; None if there are fewer.

        Reads only covering indexes, which have no ids.
        """
        dated = self.filter(date_start__lt=day) if day else self.filter(date_start__isnull=False)
        newest = dated.order_by(Unindexed("date_start").desc())
        return newest.values_list("date_start", flat=True)[most - 1 : most].first()

    def until(self, end: "CuratedObservation") -> Self:
        """Return the rows of a half as far as this one."""
        if end.date_start is None:
            return self.filter(id__gte=end.pk)
        return self.filter(
            TupleGreaterThanOrEqual(Tuple(F("date_start"), F("id")), (end.date_start, end.pk))
        )

    def count_up_to(self, limit: int) -> BoundedCount:
        """Return the number of rows, or that there are more than the limit."""
        number = self.order_by()[: limit + 1].count()
        return BoundedCount(min(number, limit), is_exact=number <= limit)
