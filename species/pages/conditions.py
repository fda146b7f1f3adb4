"""The conditions of a selection in words: each can be taken away, and where nothing matches, what
that would bring.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from species.atlas.charts import Amount
from species.atlas.planner import plan_query
from species.filters import ObservationFilter
from species.pages.forms import FIELDS

# Parameters that make one condition; the last names it.
DATES, DEPTHS = ("from", "to", "dateMatch"), ("depth", "depthMatch")
TOGETHER = {"from": DATES, "to": DATES, "depth": DEPTHS}
LABELS: dict[str, Any] = {
    **{name: field.label for name, field in FIELDS.items()},
    **{"dateMatch": _("Dates"), "depthMatch": _("Depth"), "selection": _("Saved selection")},
    **{
        "flag": _("Quality"),
        "notFlag": _("Quality"),
        "months": _("Months"),
        "maxUncertainty": _("Uncertainty"),
    },
    **{"iucn": _("Red List"), "licence": _("Licence"), "compare": _("Compared")},
}
MOST_COUNTED = 6  # conditions without which it is counted again


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the selection in words, and the question without it; `count` of that, where
    it was asked.
    """

    text: str
    without: str
    count: Amount | None = None


def chips(selection: ObservationFilter) -> list[Chip]:
    """The conditions in words, each with the question that remains when it is taken away."""
    return [
        Chip(
            f"{LABELS[TOGETHER.get(name, (name,))[-1]]}: {words}",
            rest(selection, name).query_string(),
        )
        for name, words in selection.phrases()
    ]


def rest(selection: ObservationFilter, name: str) -> ObservationFilter:
    return selection.without(*TOGETHER.get(name, (name,)))


def ways_out(selection: ObservationFilter) -> list[Chip]:
    """Of a selection that matches nothing: the conditions without which something does, the best
    way first.
    """
    phrases = selection.phrases()
    if not 1 < len(phrases) <= MOST_COUNTED:
        return []
    counts = [plan_query(rest(selection, name)).count() for name, _words in phrases]
    ways = [
        replace(chip, count=count)
        for chip, count in zip(chips(selection), counts, strict=True)
        if count.number
    ]
    return sorted(ways, key=lambda way: way.count.number if way.count else 0, reverse=True)
