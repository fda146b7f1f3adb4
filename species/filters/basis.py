"""The parameter `basis`."""

from django.utils.translation import gettext_lazy as _

from species import terms
from species.filters.groups import EVIDENCE
from species.filters.parameter import ChoiceParameter


class BasisParameter(ChoiceParameter):
    """Darwin Core's basisOfRecord."""

    name = field = "basis"
    column = "basis_of_record"
    choices = terms.BasisOfRecord
    label = _("Basis of record")
    group = EVIDENCE
    description = "Darwin Core basisOfRecord."
    examples = ("", "HumanObservation")
    queryable_name = "basisOfRecord"
    queryable_title = "Basis of record"
    queryable_description = "In Darwin Core terms."
