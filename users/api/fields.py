"""Text in JSON bodies."""

from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """Take JSON strings only. REST framework turns numbers into text, so that 1e999 would be the
    name "inf".
    """

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmailField(TextField, serializers.EmailField):
    """An e-mail address."""


class PatternField(TextField, serializers.RegexField):
    """Text that matches a regular expression."""
