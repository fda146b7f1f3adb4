"""The parameter `dataset`."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import EVIDENCE
from species.filters.parameter import Parameter, text_input
from species.filters.queryables import Queryable, text_schema
from species.filters.values import FilterValues
from species.filters.wording import join_alternatives
from species.masking import mask
from species.models.observation_queries import ObservationQuerySet
from species.parsing.texts import parse_uuids


class DatasetParameter(Parameter):
    """Datasets by their OBIS id."""

    name = field = "dataset"
    label = gettext_lazy("Dataset")
    group = EVIDENCE
    words_order = 1
    description = "Dataset IDs, separated by commas or repeated."
    examples = ("", "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"dataset": parse_uuids(texts)}

    def format(self, values: FilterValues) -> str:
        return ",".join(map(str, values.dataset))

    def describe(self, values: FilterValues) -> str:
        if not values.dataset:
            return ""
        titles = {row.uuid: mask(row.title) for row in values.datasets}
        return join_alternatives(
            titles.get(uuid, _("dataset %(uuid)s") % {"uuid": uuid}) for uuid in values.dataset
        )

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.in_datasets(row.pk for row in values.datasets) if values.dataset else rows

    def form_field(self) -> forms.Field:
        help_text = gettext_lazy("OBIS dataset ID, shown on each dataset's page")
        return text_input(self.label, help_text)

    def queryables(self) -> dict[str, Queryable]:
        schema = text_schema("Dataset", "ID at OBIS.", format="uuid")
        return {"datasetID": Queryable(schema, "dataset")}
