"""The parameter `licence`."""

from django.utils.translation import gettext_lazy as _

from species import terms
from species.filters.groups import EVIDENCE
from species.filters.parameter import ChoiceParameter


class LicenceParameter(ChoiceParameter):
    """The licence in effect, the stricter of the record's and its dataset's."""

    name = field = "licence"
    column = "license"
    choices = terms.License
    label = _("Licence")
    short_label = _("Licence")
    group = EVIDENCE
    description = "The effective licence."
    examples = ("", "cc0,cc-by")
    queryable_name = "license"
    queryable_title = "Licence"
