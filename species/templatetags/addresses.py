"""Template tag for addresses that scripts complete."""

from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse

register = template.Library()
# Values that stand for a placeholder until the address is made, by the converter they suit.
SAMPLES: dict[str, Any] = {"x": 7_001, "y": 7_002, "z": 7_003, "key": UUID(int=0)}


@register.simple_tag
def url_template(name: str, *placeholders: str) -> str:
    """Return the address of a view with placeholders, such as "/tiles/{z}/{x}/{y}.mvt"."""
    address = reverse(
        name, kwargs={placeholder: SAMPLES[placeholder] for placeholder in placeholders}
    )
    for placeholder in placeholders:
        address = address.replace(str(SAMPLES[placeholder]), f"{{{placeholder}}}")
    return address
