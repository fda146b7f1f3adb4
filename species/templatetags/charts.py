"""What templates of summaries need: short numbers, places in words, and the question with one more
condition.
"""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext

from species.filters import PARAMETERS
from species.pages import words
from species.ranges import Bbox

MOST_DIGITS = 5  # of a degree, about a metre

register = template.Library()


@register.filter
def compact(number: int) -> str:
    """At most four characters: 9999, 12k, 3.4M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= max(size, 10_000):
            return f"{number / size:.2g}{unit}" if number < 10 * size else f"{number // size}{unit}"
    return str(number)


@register.filter
def box_words(bbox: Bbox) -> str:
    """ "10° W to 20° E, 45° S to 60° N", with the digits that tell a small one from its neighbours."""
    digits = next(
        (n for n in range(1, MOST_DIGITS) if (bbox.north - bbox.south) * 10**n >= 10), MOST_DIGITS
    )
    corners = {"west": (bbox.west, bbox.south), "east": (bbox.east, bbox.north)}
    (south, west), (north, east) = (
        words.coordinates(*corner, digits).split(", ") for corner in corners.values()
    )
    return gettext("%(west)s to %(east)s, %(south)s to %(north)s") % {
        "west": west, "east": east, "south": south, "north": north
    }  # fmt: skip


@register.simple_tag(takes_context=True)
def asked_with(context: template.Context, **conditions: Any) -> str:
    """The address of the same question with some conditions changed ("" takes one away): of this
    page where it stands alone, otherwise of the map.
    """
    asked = context["selection"].canonical | {
        name: str(value) for name, value in conditions.items()
    }
    path = context["request"].path if context.get("in_page") else reverse("species:observation-map")
    query = type(context["selection"]).from_query(
        {name: asked[name] for name in PARAMETERS if asked.get(name)}
    )
    return f"{path}?{query.query_string()}"
