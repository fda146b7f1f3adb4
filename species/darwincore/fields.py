"""How single values go out: missing is null, upstream text is masked, bits are names."""

from enum import IntFlag
from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from species.masking import mask, mask_addresses


class Text(serializers.CharField):
    """Text of ours or of a closed format; "" goes out as null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: str) -> Any:
        return value or None


class MaskedText(Text):
    """Text that somebody wrote upstream: e-mail addresses and phone numbers are taken out."""

    def to_representation(self, value: str) -> Any:
        return mask(value) or None


class Verbatim(Text):
    """An identifier or a geometry from upstream: nothing but e-mail addresses is taken out."""

    def to_representation(self, value: str) -> Any:
        return mask_addresses(value) or None


class Link(Text):
    """An address from upstream; only http and https are links, and none that tells somebody's
    e-mail address.
    """

    def to_representation(self, value: str) -> Any:
        is_link = value.startswith(("http://", "https://")) and mask_addresses(value) == value
        return value if is_link else None


class Term(serializers.ChoiceField):
    """A member of a closed vocabulary; its empty member goes out as null."""

    def __init__(self, vocabulary: type[TextChoices], **options: Any) -> None:
        choices = [(value, label) for value, label in vocabulary.choices if value]
        super().__init__(choices=choices, read_only=True, allow_null=True, **options)

    def to_representation(self, value: str) -> Any:
        return value or None


class Number(serializers.FloatField):
    """A number; a whole one goes out as such."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: float) -> Any:
        return int(value) if float(value).is_integer() else value


@extend_schema_field(serializers.ListField(child=serializers.CharField()))
class Bits(serializers.Field):
    """The names of the bits that are set."""

    def __init__(self, names: type[IntFlag], **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.names = names

    def to_representation(self, value: int) -> list[str]:
        return [bit.name for bit in self.names if value & bit and bit.name]


@extend_schema_field(serializers.DictField(allow_null=True))
class MaskedObject(serializers.Field):
    """A JSON object whose texts are masked; an empty one goes out as null."""

    def to_representation(self, value: Any) -> Any:
        return masked(value) or None


def masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: masked(member) for name, member in value.items()}
    if isinstance(value, list):
        return [masked(member) for member in value]
    return mask(value) if isinstance(value, str) else value
