"""The parameter `polygon`: an area of any shape; and OGC's property `geometry`."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from species.areas import MAX_VERTICES_IN_ADDRESS, read_area
from species.filters.groups import WHERE
from species.filters.parameter import Parameter
from species.filters.queryables import BY_FILTER, Condition, Queryable, QueryDraft
from species.filters.values import SAVED_HASH, FilterValues
from species.models.observation_queries import ObservationQuerySet
from species.parsing.numbers import format_number


class PolygonParameter(Parameter):
    """Places in an area, given as GeoJSON or WKT or as the hash of a saved area."""

    name = field = "polygon"
    label = gettext_lazy("Polygon")
    group = WHERE
    form_order = 1
    description = (
        "GeoJSON or WKT of a Polygon or MultiPolygon in degrees, at most"
        f" {MAX_VERTICES_IN_ADDRESS} points; edges are straight in degrees and belong to it;"
        " rings wind either way. Longitudes past 180 cross the antimeridian. Larger areas are"
        " uploaded on the map page, which gives them a name to write here."
    )
    examples = ("", "POLYGON ((0 50, 8 50, 8 60, 0 50))")

    def parse(self, texts: list[str]) -> dict[str, Any]:
        given = {text for value in texts if (text := value.strip())}
        if len(given) > 1:
            raise ValueError(_("Use this only once."))
        text = given.pop() if given else ""
        if SAVED_HASH.fullmatch(text.lower()):
            return {"polygon": text.lower()}
        return {"polygon": read_area(text).wkt if text else ""}

    def format(self, values: FilterValues) -> str:
        return values.polygon

    def describe(self, values: FilterValues) -> str:
        if not values.area:
            return ""
        sides = {name: f"{value:g}" for name, value in values.area.bbox._asdict().items()}
        return _(
            "area with %(points)s points, longitude %(west)s° to %(east)s° and "
            "latitude %(south)s° to %(north)s°"
        ) % {"points": f"{values.area.vertices:,}", **sides}

    def apply(self, rows: ObservationQuerySet, values: FilterValues) -> ObservationQuerySet:
        return rows.in_area(values.area) if values.area else rows

    def form_field(self) -> forms.Field:
        attributes = {
            "rows": 3,
            "autocomplete": "off",
            "spellcheck": "false",
            "placeholder": "POLYGON((0 50,8 50,8 60,0 50))",
        }
        return forms.CharField(
            label=self.label,
            required=False,
            help_text=gettext_lazy("GeoJSON or WKT in degrees. Upload a file for larger areas."),
            widget=forms.Textarea(attributes),
        )

    def queryables(self) -> dict[str, Queryable]:
        schema = {
            "title": "Place",
            "description": (
                "S_INTERSECTS with a POINT, POLYGON, MULTIPOLYGON or BBOX, including the edges."
            ),
            "x-ogc-role": "primary-geometry",
            "format": "geometry-point",
        }
        operators = ("S_INTERSECTS",)
        return {"geometry": Queryable(schema, operators=operators, translation=set_place)}


def set_place(draft: QueryDraft, condition: Condition) -> None:
    """Set the box or the area of a condition on the geometry."""
    (place,) = condition.values
    if isinstance(place, tuple):
        draft.set(BY_FILTER, "bbox", ",".join(map(format_number, place)))
    elif place["type"] == "Point":
        longitude, latitude = place["coordinates"][:2]
        sides = (longitude, latitude, longitude, latitude)
        draft.set(BY_FILTER, "bbox", ",".join(map(format_number, sides)))
    else:
        draft.set(BY_FILTER, "polygon", json.dumps(place))
