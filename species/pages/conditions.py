"""The conditions of a filter as chips, which visitors can remove one by one."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from species.atlas.planner import plan_query
from species.atlas.results import Amount
from species.filters import PARAMETERS, SELECTION, ObservationFilter

# Of parameters in error messages.
LABELS: dict[str, Any] = {
    **{name: parameter.short_label or parameter.label for name, parameter in PARAMETERS.items()},
    **{SELECTION: _("Saved search"), "compare": _("Compare")},
}
MOST_COUNTED = 6  # conditions; each is one more count


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in words, the query string without it, and the count of that if needed."""

    text: str
    without: str
    count: Amount | None = None


def chips(selection: ObservationFilter) -> list[Chip]:
    """Return a chip for each condition."""
    return [
        Chip(f"{chip_label(name)}: {words}", rest(selection, name).query_string())
        for name, words in selection.phrases()
    ]


def chip_label(name: str) -> Any:
    return PARAMETERS[name].chip_label or LABELS[name]


def rest(selection: ObservationFilter, name: str) -> ObservationFilter:
    """Return the filter without the condition of this parameter."""
    return selection.without(*(PARAMETERS[name].removed_with or (name,)))


def ways_out(selection: ObservationFilter) -> list[Chip]:
    """Return the conditions without which some records match, most records first.

    For a filter that matches no records. Counts once per condition.
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
