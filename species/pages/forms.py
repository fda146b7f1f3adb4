"""The filter's form: it prints the fields with what was asked; what is a legal question,
species.filters decides.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from species import questions
from species.filters import MATCHES, OR_UNDATED, PARAMETERS, SELECTION, UNKNOWN
from species.flag_names import FLAG_WORDS
from species.terms import FLAG_NAMES, BasisOfRecord, Evidence, IucnCategory, License, Source

MAX_SHOWN = 5_000


class Shown(NamedTuple):
    """A field with the reason why it was refused, or ""."""

    field: forms.BoundField
    refusal: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading, and how many of them ask something; the page opens it where one is
    refused.
    """

    title: Any
    fields: list[Shown]
    asked: int

    @property
    def is_refused(self) -> bool:
        return any(shown.refusal for shown in self.fields)


class FilterForm(forms.Form):
    """GET form of every parameter. `asked`: parameter to text, as in a query string or in a
    filter's `canonical`.
    """

    MAIN = ("taxon", "q", "from", "to")
    GROUPS = (
        (_("When"), ("months", "dateMatch")),
        (_("Where"), ("bbox", "near", "polygon", "maxUncertainty")),
        (_("Depth"), ("depth", "depthMatch")),
        (_("Evidence and source"), ("evidence", "basis", "dataset", "source", "licence")),
        (_("Red List and quality"), ("iucn", "notFlag", "flag")),
    )

    def __init__(self, asked: Mapping[str, str]) -> None:
        data = MultiValueDict(
            {name: values_of(name, text[:MAX_SHOWN]) for name, text in asked.items() if text}
        )
        super().__init__(data, auto_id="filter-%s", label_suffix="")
        self.refusals: Mapping[str, str] = {}
        self.fields.update(FIELDS)
        # only where it could not be read; else its conditions stand in their fields
        if SELECTION in asked:
            self.fields[SELECTION] = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def as_typed(cls, query: QueryDict) -> "FilterForm":
        """The form with what stands in an address, legal or not."""
        return cls(
            {
                name: ",".join(query.getlist(name))
                for name in (*PARAMETERS, SELECTION)
                if query.get(name)
            }
        )

    def refuse(self, refusals: Mapping[str, str]) -> None:
        """Mark the fields at fault; each reason stands beside its field."""
        self.refusals = refusals
        for name in refusals:
            if name in self.fields:
                self.fields[name] = deepcopy(self.fields[name])  # the other is everybody's
                attributes = {"aria-invalid": "true", "aria-describedby": f"filter-{name}-error"}
                self[name].field.widget.attrs |= attributes

    def full_clean(self) -> None:
        """Nothing to clean: the form prints, species.filters reads."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}

    def main_fields(self) -> list[Shown]:
        return self.shown(self.MAIN)

    def groups(self) -> list[Group]:
        return [
            Group(title, self.shown(names), sum(name in self.data for name in names))
            for title, names in self.GROUPS
        ]

    def shown(self, names: Iterable[str]) -> list[Shown]:
        return [Shown(self[name], self.refusals.get(name, "")) for name in names]


def values_of(name: str, text: str) -> list[str]:
    """What a field is given: of boxes to tick the value of each."""
    if name == "months":
        try:
            return [str(month) for month in questions.months([text])]
        except ValueError:
            return []
    return text.split(",") if isinstance(FIELDS.get(name), forms.MultipleChoiceField) else [text]


def text(label: Any, help_text: Any = "", **attributes: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attributes})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


def boxes(
    label: Any, choices: Iterable[tuple[str, Any]], help_text: Any = ""
) -> forms.MultipleChoiceField:
    named = [(value or UNKNOWN, words) for value, words in choices]
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=named,
        widget=forms.CheckboxSelectMultiple,
    )


def match(label: Any, certain: Any, possible: Any, *others: tuple[str, Any]) -> forms.ChoiceField:
    choices = [(MATCHES[0], certain), (MATCHES[1], possible), *others]
    return forms.ChoiceField(label=label, required=False, choices=choices)


FLAGS = [(name, FLAG_WORDS[name]) for name in FLAG_NAMES]
FIELDS: dict[str, forms.Field] = {
    "taxon": text(
        _("Taxon"),
        _("A scientific or common name, or an AphiaID; with all below it"),
        placeholder="Gadus morhua",
    ),
    "q": text(_("Name contains"), placeholder="cod", type="search"),
    "from": text(_("From"), placeholder=_("2015, 2015-03-01 or unknown"), inputmode="numeric"),
    "to": text(_("To"), placeholder="2021-06-30", inputmode="numeric"),
    "months": boxes(
        _("Months of any year"), [(str(number), name) for number, name in MONTHS.items()]
    ),
    "dateMatch": match(
        _("Records that span several days"),
        _("only if certainly within dates and months"),
        _("also if possibly within dates and months"),
        (OR_UNDATED, _("also if possibly within them, or undated")),
    ),
    "bbox": text(_("Area"), _("West, south, east, north in degrees"), placeholder="-10,35,5,45"),
    "near": text(_("Near"), _("Latitude, longitude, kilometres"), placeholder="54.2,7.9,50"),
    "polygon": forms.CharField(
        label=_("Outline"),
        required=False,
        help_text=_("GeoJSON or WKT in degrees; longer ones as a file below"),
        widget=forms.Textarea(
            {
                "rows": 3,
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "POLYGON((0 50,8 50,8 60,0 50))",
            },
        ),
    ),
    "maxUncertainty": text(
        _("Place known to"),
        _("Metres at most, or unknown: those whose uncertainty is not stated"),
        placeholder="1000",
    ),
    "depth": text(
        _("Depth in metres"), _("Least, greatest: 0,50 or 200, or unknown"), placeholder="0,50"
    ),
    "depthMatch": match(
        _("Records that span several depths"),
        _("only if certainly within the depths"),
        _("also if possibly within the depths"),
    ),
    "evidence": boxes(_("Evidence"), Evidence.choices),
    "basis": boxes(_("Basis of record"), BasisOfRecord.choices),
    "dataset": text(_("Dataset"), _("OBIS dataset id; the Data page has a link for each")),
    "source": boxes(_("Source"), Source.choices),
    "licence": boxes(_("Licence in effect"), License.choices),
    "iucn": boxes(_("IUCN Red List category of the taxon"), IucnCategory.choices),
    "notFlag": boxes(_("Leave out what is flagged"), FLAGS),
    "flag": boxes(_("Only what is flagged"), FLAGS),
}
