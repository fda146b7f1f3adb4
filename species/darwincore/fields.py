"""Serializer fields: missing values are null, upstream text is masked, bits become names."""

from enum import IntFlag
from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from species.masking import mask, mask_addresses


class Text(serializers.CharField):
    """Text of the portal or in a closed format; "" becomes null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: str) -> Any:
        return value or None


class MaskedText(Text):
    """Upstream text, without email addresses and phone numbers."""

    def to_representation(self, value: str) -> Any:
        return mask(value) or None


class Verbatim(Text):
    """An upstream identifier or geometry, without email addresses."""

    def to_representation(self, value: str) -> Any:
        return mask_addresses(value) or None


class Link(Text):
    """An upstream address; null unless it is http or https, without an email address."""

    def to_representation(self, value: str) -> Any:
        is_link = value.startswith(("http://", "https://")) and mask_addresses(value) == value
        return value if is_link else None


class Term(serializers.ChoiceField):
    """A term of a vocabulary; its empty member becomes null."""

    def __init__(self, vocabulary: type[TextChoices], **options: Any) -> None:
        choices = [(value, label) for value, label in vocabulary.choices if value]
        super().__init__(choices=choices, read_only=True, allow_null=True, **options)

    def to_representation(self, value: str) -> Any:
        return value or None


class Number(serializers.FloatField):
    """A number; whole ones without decimals."""

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
    """A JSON object with masked texts; an empty one becomes null."""

    def to_representation(self, value: Any) -> Any:
        return masked(value) or None


def masked(value: Any) -> Any:
    """Return a JSON value with all texts masked."""
    if isinstance(value, dict):
        return {name: masked(member) for name, member in value.items()}
    if isinstance(value, list):
        return [masked(member) for member in value]
    return mask(value) if isinstance(value, str) else value
