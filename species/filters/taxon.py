"""The parameters `taxon` (AphiaIDs and whole names) and `q` (part of a name)."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.parameter import Parameter, text_input
from species.filters.queryables import Queryable, text_schema
from species.filters.values import FilterValues
from species.filters.wording import join_alternatives
from species.models.observation_queries import ObservationQuerySet
from species.parsing.texts import MAX_VALUES, distinct_texts, single_text
from species.ranges import OrdinalRange
from species.taxon_names.identifiers import MAX_APHIA_ID, parse_aphia_id
from species.taxon_names.lists import join_names, split_names
from species.taxon_names.lookup import MatchedTaxon, merge_ranges

MAX_NAMES = 10  # each is a query


class TaxonParameter(Parameter):
    """Taxa with everything below them, by AphiaID or name."""

    name = field = "taxon"
    label = gettext_lazy("Species or group")
    description = (
        "AphiaIDs or names, separated by commas or repeated. Each includes all lower ranks."
    )
    examples = ("", "137094")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        given = distinct_texts(texts, split_names)
        numbers = {number for text in given if (number := parse_aphia_id(text)) is not None}
        if any(not 0 < number <= MAX_APHIA_ID for number in numbers):
            reason = _("AphiaIDs go from 1 to %(max_aphia_id)s.")
            raise ValueError(reason % {"max_aphia_id": MAX_APHIA_ID})
        names = [text for text in given if parse_aphia_id(text) is None]
        if len(names) > MAX_NAMES:
            raise ValueError(
                _("Enter at most %(max_names)s names, or %(max_values)s AphiaIDs.")
                % {"max_names": MAX_NAMES, "max_values": MAX_VALUES}
            )
        return {"taxon": (*map(str, sorted(numbers)), *names)}

    def format(self, values: FilterValues) -> str:
        return join_names(values.taxon)

    def describe(self, values: FilterValues) -> str:
        return join_alternatives(map(str, values.taxa)) if values.taxon else ""

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.in_taxa(ordinal_ranges(values.taxa)) if values.taxon else rows

    def form_field(self) -> forms.Field:
        help_text = gettext_lazy("Name or AphiaID. Includes all lower ranks.")
        return text_input(self.label, help_text, placeholder="Gadus morhua")

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema(
            "Taxon",
            "An AphiaID or a scientific name in WoRMS. Includes lower ranks.",
        )
        return {"taxon": Queryable(schema, "taxon")}


class NamePartParameter(Parameter):
    """Taxa that have a text in one of their names."""

    name = field = "q"
    label = gettext_lazy("Name contains")
    description = "Part of a scientific or common name, at least two characters."
    examples = ("", "sunfish")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        text = single_text(texts)
        if len(text) == 1:
            raise ValueError(_("Type at least two characters."))
        return {"q": text}

    def format(self, values: FilterValues) -> str:
        return values.q

    def describe(self, values: FilterValues) -> str:
        return _("names containing “%(text)s”") % {"text": values.q} if values.q else ""

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.in_taxa(ordinal_ranges(values.found)) if values.q else rows

    def form_field(self) -> forms.Field:
        return text_input(self.label, placeholder="cod", type="search")

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema("Part of a name", self.description, minLength=2)
        return {"name": Queryable(schema, "q", operators=("=",))}


def ordinal_ranges(taxa: tuple[MatchedTaxon, ...]) -> list[OrdinalRange]:
    """Return the parts of the tree with these taxa and all below them, as few as possible."""
    return merge_ranges(taxon.ordinals for taxon in taxa if taxon.ordinals)
