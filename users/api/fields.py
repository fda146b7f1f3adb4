"""Text fields of JSON bodies."""

from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """A JSON string. Django REST framework would also accept numbers, and 1e999 as "inf"."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmailField(TextField, serializers.EmailField):
    """An e-mail address."""


class PatternField(TextField, serializers.RegexField):
    """Text that matches a regular expression."""
