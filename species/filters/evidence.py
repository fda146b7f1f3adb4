"""The parameter `evidence`."""

from django.utils.translation import gettext_lazy as _

from species import terms
from species.filters.groups import EVIDENCE
from species.filters.parameter import ChoiceParameter


class EvidenceParameter(ChoiceParameter):
    """Whether an organism was seen, collected, or detected by its DNA or an instrument."""

    name = field = column = "evidence"
    choices = terms.Evidence
    label = _("Evidence")
    group = EVIDENCE
    description = "Evidence for the record."
    examples = ("", "seen,dna")
    queryable_name = "evidence"
    queryable_title = "Evidence"
