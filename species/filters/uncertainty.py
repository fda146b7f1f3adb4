"""The parameter `maxUncertainty`: how precisely a place is known."""

import math
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import WHERE
from species.filters.parameter import Parameter, text_input
from species.filters.queryables import (
    BY_FILTER,
    Condition,
    Queryable,
    QueryDraft,
    read_number,
)
from species.filters.values import UNKNOWN, FilterValues
from species.models.observation_queries import ObservationQuerySet
from species.parsing import printed
from species.parsing.numbers import format_number, only_reading, parse_length
from species.parsing.texts import typed_text
from species.terms import MAXIMUM_UNCERTAINTY
from users import units


class UncertaintyParameter(Parameter):
    """The greatest uncertainty of a place in metres, or "unknown" for those without any."""

    name, field = "maxUncertainty", "max_uncertainty"
    label = gettext_lazy("Location accuracy")
    short_label = gettext_lazy("Location accuracy")
    group = WHERE
    form_order = 1
    words_order = 2
    description = "Maximum uncertainty of the location in metres, or `unknown`."
    examples = ("", "1000")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        text = typed_text(texts)
        is_unknown = text.lower() == UNKNOWN or printed.is_printed(printed.NO_UNCERTAINTY, text)
        if not text or is_unknown:
            return {"max_uncertainty": None, "uncertainty_unknown": is_unknown}
        metres = only_reading(uncertainties_in(text), text)
        if not 0 < metres <= MAXIMUM_UNCERTAINTY:
            reason = _("Enter a number above 0 and up to %(maximum_uncertainty)s m, or “unknown”.")
            raise ValueError(reason % {"maximum_uncertainty": f"{MAXIMUM_UNCERTAINTY:,.0f}"})
        return {"max_uncertainty": metres, "uncertainty_unknown": False}

    def format(self, values: FilterValues) -> str:
        return UNKNOWN if values.uncertainty_unknown else format_number(values.max_uncertainty)

    def describe(self, values: FilterValues) -> str:
        if values.uncertainty_unknown:
            return _(printed.NO_UNCERTAINTY)
        if values.max_uncertainty is None:
            return ""
        return _(printed.KNOWN_TO) % {"distance": units.metres(values.max_uncertainty)}

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        if values.uncertainty_unknown:
            return rows.of_unknown_uncertainty()
        if values.max_uncertainty is None:
            return rows
        return rows.known_to(values.max_uncertainty)

    def form_field(self) -> forms.Field:
        help_text = gettext_lazy("At most this many metres, or “unknown” if not stated")
        return text_input(self.label, help_text, placeholder="1000")

    def queryables(self) -> dict[str, Queryable]:
        schema = {
            "title": "Uncertainty of the location",
            "description": "Maximum, in metres.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": MAXIMUM_UNCERTAINTY,
        }
        operators = ("<", "<=", "IS NULL")
        queryable = Queryable(schema, operators=operators, translation=limit_uncertainty)
        return {"coordinateUncertaintyInMeters": queryable}


def uncertainties_in(text: str) -> Iterator[float]:
    """Yield every value, in metres, that the text can mean.

    It may be a bare length or one of the portal's phrases, such as "within 50 m".
    """
    phrases = [
        (language, distance)
        for message in (printed.KNOWN_TO, printed.AROUND_POINT)
        for language, found in printed.match_message(message, text)
        for distance in found.values()
    ]
    for language, distance in phrases or [("", text)]:
        yield parse_length(distance, language)


def limit_uncertainty(draft: QueryDraft, condition: Condition) -> None:
    """Limit the uncertainty; < excludes its number."""
    if condition.operator == "IS NULL":
        draft.set(BY_FILTER, "maxUncertainty", UNKNOWN)
        return
    most = float(read_number(condition.values[0]))
    if condition.operator == "<":
        most = math.nextafter(most, -math.inf)
    draft.set(BY_FILTER, "maxUncertainty", format_number(most))
