"""The parameter `iucn`."""

from django.utils.translation import gettext_lazy as _

from species.filters.groups import QUALITY
from species.filters.parameter import ChoiceParameter
from species.filters.values import FilterValues
from species.models.observation_queries import ObservationQuerySet
from species.terms import IucnCategory


class RedListParameter(ChoiceParameter):
    """The category of the taxon in the IUCN Red List."""

    name = field = "iucn"
    choices = IucnCategory
    label = _("IUCN Red List category")
    short_label = _("Red List")
    group = QUALITY
    words_order = 2
    description = "IUCN Red List category of the taxon."
    examples = ("", "CR,EN,VU")
    queryable_name = "iucnRedListCategory"
    queryable_title = "IUCN Red List"
    queryable_description = "The taxon's category."

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.in_categories(values.iucn) if values.iucn else rows
