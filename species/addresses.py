"""Identifiers in addresses."""

from uuid import UUID

from django.urls import register_converter


class AnyCaseUUID:
    """A UUID in capitals or not, as clients write it; the portal's own links have it in small
    letters.
    """

    regex = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        return str(value).lower()


register_converter(AnyCaseUUID, "id")
