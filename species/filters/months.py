"""The parameter `months`: months of any year."""

from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import WHEN
from species.filters.parameter import Parameter, checkboxes
from species.filters.queryables import Queryable
from species.filters.values import CERTAIN, OR_UNDATED, POSSIBLE, FilterValues
from species.filters.wording import join_alternatives, qualify
from species.models.observation_queries import ObservationQuerySet
from species.parsing import printed
from species.parsing.days import parse_months
from species.ranges import month_runs


class MonthsParameter(Parameter):
    """Months of any year; `dateMatch` decides about records of several months."""

    name = field = "months"
    label = gettext_lazy("Months")
    short_label = gettext_lazy("Months")
    group = WHEN
    description = (
        "Months by number, such as 6-8 or 6,7,8, or 11-2 across New Year. "
        "The whole date must be in these months. With dateMatch=possible, "
        "part of it is enough."
    )
    examples = ("", "6-8", "11-2")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"months": parse_months(texts)}

    def format(self, values: FilterValues) -> str:
        runs = month_runs(values.months)
        return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)

    def describe(self, values: FilterValues) -> str:
        """Return words such as "June to August" or "June or November to February"."""
        if not values.months:
            return ""
        runs = (describe_run(first, last) for first, last in month_runs(values.months))
        return qualify(join_alternatives(runs), values.date_match)

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        if not values.months:
            return rows
        return rows.in_months(
            values.months,
            possibly=values.date_match != CERTAIN,
            or_undated=values.date_match == OR_UNDATED,
        )

    def form_field(self) -> forms.Field:
        return checkboxes(self.label, ((str(number), name) for number, name in MONTHS.items()))

    def form_values(self, text: str) -> list[str]:
        try:
            return [str(month) for month in parse_months([text])]
        except ValueError:
            return []

    def queryables(self) -> dict[str, Queryable]:
        schema = {
            "title": "Month",
            "description": "Months of any year; some day that the event date can mean lies in"
            " one of them.",
            "type": "integer",
            "minimum": 1,
            "maximum": 12,
        }
        return {"month": Queryable(schema, "months", also={"dateMatch": POSSIBLE})}


def describe_run(first: int, last: int) -> str:
    if first == last:
        return str(MONTHS[first])
    return _(printed.RANGE) % {"first": MONTHS[first], "last": MONTHS[last]}
