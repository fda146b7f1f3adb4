"""The filter's form: it prints the fields with what was asked; what is a legal question, species.filters decides."""

from collections.abc import Iterable, Mapping

from django import forms
from django.http import QueryDict

from species.filters import MATCHES, PARAMETERS

MAX_SHOWN = 200


class FilterForm(forms.Form):
    """GET form of the most asked parameters; all others that are in the address travel along as hidden fields."""

    MAIN = ("taxon", "q", "from", "to")
    MORE = ("dateMatch", "depth", "bbox", "dataset")

    def __init__(self, query: QueryDict) -> None:
        asked = {name: ",".join(query.getlist(name))[:MAX_SHOWN] for name in PARAMETERS if query.get(name)}
        super().__init__(asked, auto_id="filter-%s", label_suffix="")
        self.refusals: Mapping[str, str] = {}
        self.fields.update(FIELDS)
        others = {name: forms.CharField(widget=forms.HiddenInput) for name in asked if name not in self.fields}
        self.fields.update(others)

    def refuse(self, refusals: Mapping[str, str]) -> None:
        """Mark the fields at fault; each reason stands beside its field."""
        self.refusals = refusals
        for name in refusals:
            if name in self.fields:
                attributes = {"aria-invalid": "true", "aria-describedby": f"filter-{name}-error"}
                self[name].field.widget.attrs |= attributes

    def full_clean(self) -> None:
        """Nothing to clean: the form prints, species.filters reads."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}

    def main_fields(self) -> Iterable[tuple[forms.BoundField, str]]:
        return [(self[name], self.refusals.get(name, "")) for name in self.MAIN]

    def more_fields(self) -> Iterable[tuple[forms.BoundField, str]]:
        return [(self[name], self.refusals.get(name, "")) for name in self.MORE]

    def has_more(self) -> bool:
        return any(self.data.get(name) for name in self.MORE) or any(name in self.refusals for name in self.MORE)


def text(label: str, help_text: str = "", **attributes: str) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attributes})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


FIELDS = {
    "taxon": text("Taxon", "A scientific or common name, or an AphiaID; with all below it", placeholder="Gadus morhua"),
    "q": text("Name contains", placeholder="cod", type="search"),
    "from": text("From", placeholder="2015 or 2015-03-01", inputmode="numeric"),
    "to": text("To", placeholder="2021-06-30", inputmode="numeric"),
    "dateMatch": forms.ChoiceField(
        label="Records that span several days",
        required=False,
        choices=[(MATCHES[0], "only if certainly within the dates"), (MATCHES[1], "also if possibly within the dates")],
    ),
    "depth": text("Depth in metres", "Least, greatest: 0,50 or 200, or unknown", placeholder="0,50"),
    "bbox": text("Area", "West, south, east, north in degrees", placeholder="-10,35,5,45"),
    "dataset": text("Dataset", "OBIS dataset id; the Data page has a link for each"),
}
