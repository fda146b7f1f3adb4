"""The parameters `from`, `to` and `dateMatch`, which also decides about records of several days."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import MAIN, WHEN
from species.filters.parameter import Parameter, select, text_input
from species.filters.queryables import (
    BY_FILTER,
    ORDERS,
    Condition,
    Queryable,
    QueryDraft,
    text_schema,
)
from species.filters.values import (
    CERTAIN,
    MATCHES,
    OR_UNDATED,
    POSSIBLE,
    UNKNOWN,
    FilterValues,
)
from species.filters.wording import qualify
from species.models.observation_queries import ObservationQuerySet
from species.parsing import printed, printed_dates
from species.parsing.days import parse_period
from species.parsing.texts import parse_choice, typed_text

DATE_MATCHES = (*MATCHES, OR_UNDATED)


class FirstDayParameter(Parameter):
    """The first day; of a range such as "2010 to 2019" the last day too."""

    name, field = "from", "date_from"
    label = gettext_lazy("From")
    chip_label = gettext_lazy("Dates")
    group = MAIN
    removed_with = ("from", "to", "dateMatch")
    description = (
        "Start date, such as 2010-06-30, 2010-06 or 2010. Use unknown for undated records."
    )
    examples = ("", "2010-01-01")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        text = typed_text(texts)
        if text.lower() == UNKNOWN or printed.is_printed(printed.NO_DATE, text):
            return {"date_from": None, "date_unknown": True}
        period = parse_period(texts)
        if period and not period.first:
            raise ValueError(_("Put the end date in “to”."))
        found: dict[str, Any] = {"date_from": period and period.first, "date_unknown": False}
        if period and period.last and not printed_dates.is_single(text):
            found["date_to"] = period.last
        return found

    def format(self, values: FilterValues) -> str:
        if values.date_unknown:
            return UNKNOWN
        return values.date_from.isoformat() if values.date_from else ""

    def describe(self, values: FilterValues) -> str:
        if values.date_unknown:
            return _(printed.NO_DATE)
        first, last = values.date_from, values.date_to
        if not first:
            return ""
        words = _(printed_dates.FROM) % {"day": first}
        if last:
            words = _(printed.RANGE) % {"first": first, "last": last}
        return qualify(words, values.date_match)

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        """Return the rows of the days, `date_from` to `date_to`."""
        if values.date_unknown:
            return rows.undated()
        if not (values.date_from or values.date_to):
            return rows
        return rows.dated(
            values.date_from,
            values.date_to,
            possibly=values.date_match != CERTAIN,
            or_undated=values.date_match == OR_UNDATED,
        )

    def form_field(self) -> forms.Field:
        placeholder = gettext_lazy("2015, 2015-03-01 or unknown")
        return text_input(self.label, placeholder=placeholder, inputmode="numeric")

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema(
            "First day",
            "The first day that the event date can mean.",
            format="date",
            **{"x-ogc-role": "primary-interval-start"},
        )
        return {"dateStart": Queryable(schema, operators=ORDERS, translation=limit_days)}


class LastDayParameter(Parameter):
    """The last day; of a range such as "2010 to 2019" the first day too."""

    name, field = "to", "date_to"
    label = gettext_lazy("To")
    chip_label = gettext_lazy("Dates")
    group = MAIN
    removed_with = ("from", "to", "dateMatch")
    description = "End date, such as 2019-12-31, 2019-12 or 2019."
    examples = ("", "2019-12-31")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        period = parse_period(texts)
        if period and not period.last:
            raise ValueError(_("Put the start date in “from”."))
        found: dict[str, Any] = {"date_to": period and period.last}
        if period and period.first and not printed_dates.is_single(typed_text(texts)):
            found["date_from"] = period.first
        return found

    def check(self, values: Mapping[str, Any]) -> None:
        first, last = values["date_from"], values["date_to"]
        if last and values["date_unknown"]:
            reason = _("Leave this empty: records without a date have no end date.")
            raise ValueError(reason)
        if first and last and first > last:
            reason = _("The end date %(last)s is before the start date %(first)s.")
            raise ValueError(reason % {"last": last, "first": first})

    def format(self, values: FilterValues) -> str:
        return values.date_to.isoformat() if values.date_to else ""

    def describe(self, values: FilterValues) -> str:
        if values.date_from or values.date_unknown or not values.date_to:
            return ""  # the first day describes both
        return qualify(_(printed_dates.UNTIL) % {"day": values.date_to}, values.date_match)

    def form_field(self) -> forms.Field:
        return text_input(self.label, placeholder="2021-06-30", inputmode="numeric")

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema(
            "Last day",
            "The last day that the event date can mean.",
            format="date",
            **{"x-ogc-role": "primary-interval-end"},
        )
        return {"dateEnd": Queryable(schema, operators=ORDERS, translation=limit_days)}


class DateMatchParameter(Parameter):
    """Whether records must be within the days and months certainly or possibly."""

    name, field = "dateMatch", "date_match"
    label = gettext_lazy("Date ranges")
    short_label = gettext_lazy("Dates")
    group = WHEN
    form_order = 1
    qualifies = ("date_from", "date_to", "months")
    description = (
        "Whether a date must be entirely within the period (certain) or "
        "may overlap it (possible). possibleOrUndated adds records without "
        "a date."
    )
    examples = DATE_MATCHES
    schema = {"enum": (*DATE_MATCHES, ""), "default": CERTAIN}

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"date_match": parse_choice(texts, DATE_MATCHES)}

    def format(self, values: FilterValues) -> str:
        return values.date_match if values.date_match != CERTAIN else ""

    def form_field(self) -> forms.Field:
        choices = (
            (CERTAIN, gettext_lazy("Only if entirely within the period")),
            (POSSIBLE, gettext_lazy("Also if they overlap the period")),
            (OR_UNDATED, gettext_lazy("Also if they overlap it or have no date")),
        )
        return select(self.label, choices)


def limit_days(draft: QueryDraft, condition: Condition) -> None:
    """Limit one end of the days.

    dateStart from and dateEnd to a day are certainly within; the other two possibly.
    """
    name, operator, (day,) = condition
    if type(day) is not date:
        raise ValueError("Enter a date, such as DATE('2010-06-30').")
    is_first = operator in {">", ">="}
    step = {">": 1, "<": -1}.get(operator, 0)
    limit = (day + timedelta(days=step)).isoformat()
    draft.limit_days(BY_FILTER, **{"first" if is_first else "last": limit})
    match = CERTAIN if (name == "dateStart") == is_first else POSSIBLE
    draft.set(BY_FILTER, "dateMatch", match)
