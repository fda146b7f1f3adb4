"""Prints places as people write them."""

from django.utils.translation import gettext as _

from users.units import decimal, exact


def coordinates(longitude: float, latitude: float, digits: int | None = 6) -> str:
    """Return "54.2° N, 7.9° E" with at most so many digits, or with all that there are."""

    def degrees(value: float, positive: str, negative: str) -> str:
        side = positive if value >= 0 else negative
        number = exact(abs(value)) if digits is None else decimal(abs(value), digits)
        return f"{number}°\N{NO-BREAK SPACE}{side}"

    north, south, east, west = _("N"), _("S"), _("E"), _("W")
    return f"{degrees(latitude, north, south)}, {degrees(longitude, east, west)}"
