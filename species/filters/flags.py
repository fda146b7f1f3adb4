"""The parameters `flag` and `notFlag`: quality flags of OBIS, and findings of our curation."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import QUALITY
from species.filters.parameter import Parameter, checkboxes
from species.filters.queryables import (
    BY_FILTER,
    EQUALS,
    Condition,
    Queryable,
    QueryDraft,
    read_text,
    text_schema,
)
from species.filters.values import FilterValues
from species.filters.wording import join_alternatives
from species.flag_names import FLAG_WORDS
from species.models.observation_queries import ObservationQuerySet
from species.parsing.texts import split_texts
from species.terms import FLAG_NAMES, flag_bits


class FlagParameter(Parameter):
    """Records with any of the flags, whether OBIS or our curation set it."""

    name = field = "flag"
    label = gettext_lazy("Show only records flagged as")
    short_label = gettext_lazy("Quality")
    group = QUALITY
    form_order = 1
    words_order = 2
    description = (
        "Quality flags of OBIS or of this portal. Records with any of them match. See /data/rules/."
    )
    examples = ("", "NO_DEPTH")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"flag": parse_flags(texts)}

    def format(self, values: FilterValues) -> str:
        return ",".join(values.flag)

    def describe(self, values: FilterValues) -> str:
        if not values.flag:
            return ""
        return _("flagged %(flags)s") % {"flags": describe_flags(values.flag)}

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.flagged(flag_bits(values.flag)) if values.flag else rows

    def form_field(self) -> forms.Field:
        return flag_checkboxes(self.label)

    def form_values(self, text: str) -> list[str]:
        return text.split(",")

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema(
            "Flag",
            ("A quality flag of OBIS or of this portal. Use <> and NOT IN to exclude flags."),
            FLAG_NAMES,
        )
        operators = (*EQUALS, "<>", "NOT IN")
        return {"flag": Queryable(schema, "flag", operators, exclude_flags)}


class NotFlagParameter(Parameter):
    """Records with none of the flags."""

    name, field = "notFlag", "not_flag"
    label = gettext_lazy("Hide records flagged as")
    short_label = gettext_lazy("Quality")
    group = QUALITY
    words_order = 2
    description = "As flag, but records with none of them match."
    examples = ("", "ON_LAND")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"not_flag": parse_flags(texts)}

    def format(self, values: FilterValues) -> str:
        return ",".join(values.not_flag)

    def describe(self, values: FilterValues) -> str:
        if not values.not_flag:
            return ""
        return _("not flagged %(flags)s") % {"flags": describe_flags(values.not_flag)}

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.not_flagged(flag_bits(values.not_flag)) if values.not_flag else rows

    def form_field(self) -> forms.Field:
        return flag_checkboxes(self.label)

    def form_values(self, text: str) -> list[str]:
        return text.split(",")


def parse_flags(texts: list[str]) -> tuple[str, ...]:
    names = {text.upper() for text in split_texts(texts)}
    if unknown := sorted(names.difference(FLAG_NAMES)):
        reason = _("“%(unknown)s” is not a known flag. See /data/rules/ for the list.")
        raise ValueError(reason % {"unknown": unknown[0][:60]})
    return tuple(sorted(names))


def describe_flags(names: tuple[str, ...]) -> str:
    return join_alternatives(_("“%(text)s”") % {"text": FLAG_WORDS[name]} for name in names)


def flag_checkboxes(label: Any) -> forms.Field:
    return checkboxes(label, ((name, FLAG_WORDS[name]) for name in FLAG_NAMES))


def exclude_flags(draft: QueryDraft, condition: Condition) -> None:
    draft.set(BY_FILTER, "notFlag", ",".join(map(read_text, condition.values)))
