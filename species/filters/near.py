"""The parameter `near`: a place and a distance."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.coordinates import coordinates
from species.filters.groups import WHERE
from species.filters.parameter import Parameter, text_input
from species.filters.values import FilterValues
from species.models.observation_queries import ObservationQuerySet
from species.parsing import printed
from species.parsing.numbers import format_number
from species.parsing.places import parse_circle
from users import units


class NearParameter(Parameter):
    """Places within a distance."""

    name = field = "near"
    label = gettext_lazy("Near")
    group = WHERE
    description = "latitude,longitude,kilometres, measured on the ellipsoid."
    examples = ("", "54.2,7.9,50")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        return {"near": parse_circle(texts)}

    def format(self, values: FilterValues) -> str:
        return ",".join(map(format_number, values.near)) if values.near else ""

    def describe(self, values: FilterValues) -> str:
        if not values.near:
            return ""
        latitude, longitude, kilometres = values.near
        place = coordinates(longitude, latitude, digits=None).replace("\N{NO-BREAK SPACE}", " ")
        return _(printed.NEAR) % {"distance": units.kilometres(kilometres), "place": place}

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.near(values.near) if values.near else rows

    def form_field(self) -> forms.Field:
        help_text = gettext_lazy("Latitude, longitude and radius in km")
        return text_input(self.label, help_text, placeholder="54.2,7.9,50")
