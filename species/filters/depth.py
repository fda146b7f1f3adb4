"""The parameters `depth` and `depthMatch`, which decides about records of several depths."""

import math
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import DEPTH
from species.filters.parameter import Parameter, select, text_input
from species.filters.queryables import (
    BY_FILTER,
    ORDERS,
    Condition,
    Queryable,
    QueryDraft,
    read_number,
)
from species.filters.values import CERTAIN, MATCHES, POSSIBLE, UNKNOWN, FilterValues
from species.filters.wording import qualify
from species.models.observation_queries import ObservationQuerySet
from species.parsing import printed
from species.parsing.depths import format_upper_end, parse_depths
from species.parsing.numbers import format_number
from species.parsing.texts import parse_choice, typed_text
from species.terms import MAXIMUM_DEPTH, MINIMUM_DEPTH
from users import units

DECIMALS = 6  # of metres or feet in chips


class DepthParameter(Parameter):
    """Depths in metres, or "unknown" for records without a depth."""

    name = field = "depth"
    label = gettext_lazy("Depth (m)")
    chip_label = gettext_lazy("Depth")
    group = DEPTH
    removed_with = ("depth", "depthMatch")
    description = "Metres, positive down: `0,50`, `200,`, `,10`, `0,<50` (under 50) or `unknown`."
    examples = ("", "0,50")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        text = typed_text(texts)
        if text.lower() == UNKNOWN or printed.is_printed(printed.NO_DEPTH, text):
            return {"depth": None, "depth_unknown": True}
        depths = parse_depths(texts, MINIMUM_DEPTH, MAXIMUM_DEPTH)
        return {"depth": depths, "depth_unknown": False}

    def format(self, values: FilterValues) -> str:
        if values.depth_unknown:
            return UNKNOWN
        if not values.depth:
            return ""
        return f"{format_number(values.depth.low)},{format_upper_end(values.depth.high)}"

    def describe(self, values: FilterValues) -> str:
        if values.depth_unknown:
            return _(printed.NO_DEPTH)
        if not values.depth:
            return ""
        low, high = format_number(values.depth.low), format_upper_end(values.depth.high)
        return qualify(describe_depths(low, high), values.depth_match)

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        if values.depth_unknown:
            return rows.at_unknown_depth()
        if not values.depth:
            return rows
        return rows.at_depth(values.depth, possibly=values.depth_match == POSSIBLE)

    def form_field(self) -> forms.Field:
        help_text = gettext_lazy("Minimum and maximum, such as 0,50 or 200, (or “unknown”)")
        return text_input(self.label, help_text, placeholder="0,50")

    def queryables(self) -> dict[str, Queryable]:
        schema = {
            "title": "Depth",
            "description": "Metres, positive down. The whole depth range must be within.",
            "type": "number",
            "minimum": MINIMUM_DEPTH,
            "maximum": MAXIMUM_DEPTH,
        }
        operators = ("=", "BETWEEN", *ORDERS, "IS NULL")
        return {"depth": Queryable(schema, operators=operators, translation=limit_depth)}


class DepthMatchParameter(Parameter):
    """Whether records must be within the depths certainly or possibly."""

    name, field = "depthMatch", "depth_match"
    label = gettext_lazy("Depth ranges")
    short_label = gettext_lazy("Depth")
    group = DEPTH
    qualifies = ("depth",)
    description = (
        "Whether a depth range must be entirely within (certain) or may overlap (possible)."
    )
    examples = MATCHES
    schema = {"enum": (*MATCHES, ""), "default": CERTAIN}

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"depth_match": parse_choice(texts, MATCHES)}

    def format(self, values: FilterValues) -> str:
        return values.depth_match if values.depth_match != CERTAIN else ""

    def form_field(self) -> forms.Field:
        choices = (
            (CERTAIN, gettext_lazy("Only if entirely within these depths")),
            (POSSIBLE, gettext_lazy("Also if they overlap these depths")),
        )
        return select(self.label, choices)


def describe_depths(low: str, high: str) -> str:
    """Return depths in words, from their ends as in query strings; either may be "".

    An upper end such as "<50" excludes 50.
    """
    given = (("low", low), ("high", high.removeprefix("<")))
    words = {name: units.number(float(end), DECIMALS) for name, end in given if end}
    # A number that the chip rounds is no longer the limit: "less than 0 m" would be wrong.
    if high.startswith("<") and round(limit := float(high[1:]), DECIMALS) == limit:
        words["high"] = _(printed.LESS_THAN) % {"number": words["high"]}
    words["unit"] = units.short()
    if low and high:
        return _(printed.BAND) % words
    return _(printed.DEEPER if low else printed.SHALLOWER) % words


def limit_depth(draft: QueryDraft, condition: Condition) -> None:
    """Limit the depths; a strict comparison ends just beside its number."""
    if condition.operator == "IS NULL":
        draft.set(BY_FILTER, "depth", UNKNOWN)
        return
    numbers = [float(read_number(value)) for value in condition.values]
    low, high = numbers[0], numbers[-1]
    match condition.operator:
        case "<":
            draft.limit_depth(BY_FILTER, high=f"<{format_number(high)}")
        case "<=":
            draft.limit_depth(BY_FILTER, high=format_number(high))
        case ">":
            draft.limit_depth(BY_FILTER, low=format_number(math.nextafter(low, math.inf)))
        case ">=":
            draft.limit_depth(BY_FILTER, low=format_number(low))
        case _:
            draft.limit_depth(BY_FILTER, format_number(low), format_number(high))
