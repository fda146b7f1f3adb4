"""What each parameter of the filter has: text, words, condition on rows, and interfaces."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import TextChoices

from species.filters.groups import MAIN, Group
from species.filters.queryables import EQUALS, Queryable, text_schema
from species.filters.values import UNKNOWN, FilterValues
from species.filters.wording import join_alternatives
from species.models.observation_queries import ObservationQuerySet
from species.parsing.texts import parse_choices


class Parameter:
    """One parameter of the query string. Pages and APIs loop over the list of them.

    Texts that visitors read are translated; those of the API stay English.
    """

    name = ""  # in query strings, for good: people keep links
    field = ""  # attribute of FilterValues with the value
    label: Any = ""  # in the form
    short_label: Any = ""  # in error messages; `label` unless given
    chip_label: Any = ""  # before the words of the condition; `short_label` unless given
    group: Group = MAIN
    form_order = 0  # within the group; equal ones follow the list of parameters
    words_order = 0  # among all conditions; equal ones follow the list of parameters
    removed_with: tuple[str, ...] = ()  # parameters that its chip removes, itself included
    qualifies: tuple[str, ...] = ()  # attributes; it means nothing while none of them is set
    description = ""  # for the API
    examples: tuple[str, ...] = ()  # for the API
    schema: Mapping[str, Any] = {}  # for the API

    def parse(self, texts: list[str]) -> dict[str, Any]:
        """Return attributes of FilterValues; the empty ones for no text. Raises ValueError."""
        raise NotImplementedError

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise ValueError where the values of several parameters contradict each other."""

    def format(self, values: FilterValues) -> str:
        """Return the canonical text, which is the same for equal values; "" while unset."""
        raise NotImplementedError

    def describe(self, values: FilterValues) -> str:
        """Return the condition in words; "" while unset, or where another parameter says it."""
        return ""

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        """Return the rows that meet the condition."""
        return rows

    def form_field(self) -> forms.Field:
        """Return a new field for the form."""
        raise NotImplementedError

    def form_values(self, text: str) -> list[str]:
        """Return the values of the form's field for a canonical or typed text."""
        return [text]

    def queryables(self) -> dict[str, Queryable]:
        """Return the properties by which OGC clients set it."""
        return {}

    def api_description(self) -> str:
        return self.description


class ChoiceParameter(Parameter):
    """A choice of terms from a closed vocabulary; its empty term is called "unknown"."""

    choices: type[TextChoices]
    column = ""  # of observations
    queryable_name = ""
    queryable_title = ""
    queryable_description = ""  # `description` unless given

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {self.field: parse_choices(texts, self.choices.values)}

    def format(self, values: FilterValues) -> str:
        return ",".join(term or UNKNOWN for term in self.chosen_terms(values))

    def describe(self, values: FilterValues) -> str:
        terms = self.chosen_terms(values)
        return join_alternatives(str(self.choices(term).label) for term in terms)

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        terms = self.chosen_terms(values)
        return rows.with_terms(self.column, terms) if terms else rows

    def chosen_terms(self, values: FilterValues) -> tuple[str, ...]:
        return getattr(values, self.field)

    def form_field(self) -> forms.Field:
        return checkboxes(self.label, self.choices.choices)

    def form_values(self, text: str) -> list[str]:
        return text.split(",")

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema(
            self.queryable_title,
            self.queryable_description or self.description,
            self.choices.values,
        )
        if "" not in self.choices.values:
            return {self.queryable_name: Queryable(schema, self.name)}
        operators = (*EQUALS, "IS NULL")
        return {self.queryable_name: Queryable(schema, self.name, operators, null=UNKNOWN)}

    def api_description(self) -> str:
        terms = ", ".join(term or UNKNOWN for term in self.choices.values)
        return f"{self.description} Allowed, several with commas: {terms}."


def text_input(label: Any, help_text: Any = "", **attributes: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attributes})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


def checkboxes(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=[(value or UNKNOWN, words) for value, words in choices],
        widget=forms.CheckboxSelectMultiple,
    )


def select(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=list(choices))
