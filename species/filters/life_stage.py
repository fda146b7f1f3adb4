"""The parameter `lifeStage`."""

from django.utils.translation import gettext_lazy as _

from species import terms
from species.filters.groups import EVIDENCE
from species.filters.parameter import ChoiceParameter


class LifeStageParameter(ChoiceParameter):
    """Darwin Core's lifeStage, as our curation understood it."""

    name, field = "lifeStage", "life_stage"
    column = "life_stage"
    choices = terms.LifeStage
    label = _("Life stage")
    group = EVIDENCE
    description = "The life stage of the organism when it was recorded."
    examples = ("", "larva,juvenile")
    queryable_name = "lifeStage"
    queryable_title = "Life stage"
