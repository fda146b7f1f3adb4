"""The form of the filter. It shows fields and values; `species.filters` reads the query string."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from species.filters import PARAMETERS, SELECTION
from species.filters.groups import GROUPS, MAIN, Group

MAX_SHOWN = 5_000  # characters of one parameter


class FieldWithError(NamedTuple):
    """A field, and the reason why its value is invalid, or ""."""

    field: forms.BoundField
    error: str


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one heading; `asked` counts those with a value.

    The page opens a group with an invalid value.
    """

    title: Any
    fields: list[FieldWithError]
    asked: int

    @property
    def is_refused(self) -> bool:
        return any(shown.error for shown in self.fields)


class FilterForm(forms.Form):
    """A GET form with a field for every parameter.

    `texts` are the values by parameter, as typed or as in a filter's `canonical`.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        values = {name: form_values(name, text[:MAX_SHOWN]) for name, text in texts.items() if text}
        super().__init__(MultiValueDict(values), auto_id="filter-%s", label_suffix="")
        self.refusals: Mapping[str, str] = {}
        self.fields.update(FIELDS)
        if SELECTION in texts:  # invalid, or its conditions would be in their own fields
            self.fields[SELECTION] = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def as_typed(cls, query: QueryDict) -> "FilterForm":
        """Return the form with the values of a query string, valid or not."""
        names = (*PARAMETERS, SELECTION)
        return cls({name: ",".join(query.getlist(name)) for name in names if query.get(name)})

    def refuse(self, refusals: Mapping[str, str]) -> None:
        """Mark the invalid fields, for which `refusals` has the reasons."""
        self.refusals = refusals
        for name in refusals:
            if name in self.fields:
                self.fields[name] = deepcopy(self.fields[name])  # all forms share the other one
                attributes = {
                    "aria-invalid": "true",
                    "aria-describedby": f"filter-{name}-error",
                }
                self[name].field.widget.attrs |= attributes

    def full_clean(self) -> None:
        """Do nothing: `species.filters` validates."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}

    def main_fields(self) -> list[FieldWithError]:
        return self.fields_of(MAIN)

    def groups(self) -> list[FieldGroup]:
        return [
            FieldGroup(group.title, fields, sum(shown.field.name in self.data for shown in fields))
            for group in GROUPS
            if (fields := self.fields_of(group))
        ]

    def fields_of(self, group: Group) -> list[FieldWithError]:
        parameters = (each for each in PARAMETERS.values() if each.group is group)
        names = [each.name for each in sorted(parameters, key=lambda each: each.form_order)]
        return [FieldWithError(self[name], self.refusals.get(name, "")) for name in names]


def form_values(name: str, text: str) -> list[str]:
    return PARAMETERS[name].form_values(text) if name in PARAMETERS else [text]


FIELDS = {name: parameter.form_field() for name, parameter in PARAMETERS.items()}
