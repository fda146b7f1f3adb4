"""The parameter `bbox`: a box in degrees."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.filters.groups import WHERE
from species.filters.parameter import Parameter, text_input
from species.filters.values import FilterValues
from species.models.observation_queries import ObservationQuerySet
from species.parsing import printed
from species.parsing.numbers import format_number
from species.parsing.places import parse_bbox


class BboxParameter(Parameter):
    """Places in a box."""

    name = field = "bbox"
    label = gettext_lazy("Area")
    group = WHERE
    description = (
        "west,south,east,north in degrees, including the edges. west > "
        "east crosses the antimeridian."
    )
    examples = ("", "-10,35,5,45")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"bbox": parse_bbox(texts)}

    def format(self, values: FilterValues) -> str:
        return ",".join(map(format_number, values.bbox)) if values.bbox else ""

    def describe(self, values: FilterValues) -> str:
        if not values.bbox:
            return ""
        sides = values.bbox._asdict()
        return _(printed.BOX) % {name: format_number(side) for name, side in sides.items()}

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.in_bbox(values.bbox) if values.bbox else rows

    def form_field(self) -> forms.Field:
        help_text = gettext_lazy("West, south, east and north, in degrees")
        return text_input(self.label, help_text, placeholder="-10,35,5,45")
