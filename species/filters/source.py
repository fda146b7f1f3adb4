"""The parameter `source`."""

from django.utils.translation import gettext_lazy as _

from species import terms
from species.filters.groups import EVIDENCE
from species.filters.parameter import ChoiceParameter


class SourceParameter(ChoiceParameter):
    """Where a record came in: from OBIS, this portal or the demonstration data."""

    name = field = column = "source"
    choices = terms.Source
    label = _("Source")
    group = EVIDENCE
    description = "Source of the record."
    examples = ("", "obis")
    queryable_name = "source"
    queryable_title = "Source"
