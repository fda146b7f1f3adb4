"""Lengths in words: metric, or feet and miles for users who prefer them.

Only words are converted. Stored values, addresses and APIs are always metric.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

METRES_PER_FOOT, METRES_PER_MILE = 0.3048, 1_609.344
Asked = Callable[[], bool]

_likes_feet: ContextVar[Asked] = ContextVar("likes_feet", default=lambda: False)


@contextmanager
def feet_if(likes_feet: Asked) -> Iterator[None]:
    """Print lengths in the block in feet and miles if the function, called at need, says so."""
    before = _likes_feet.set(likes_feet)
    try:
        yield
    finally:
        _likes_feet.reset(before)


def are_imperial() -> bool:
    return _likes_feet.get()()


def metres(value: float) -> str:
    """ "12.5 m" or "41 ft"; negative is above the surface."""
    length = f"{number(abs(value))} {short()}"
    return _("%(length)s above the surface") % {"length": length} if value < 0 else length


def distance(value: float) -> str:
    """Return a length like `metres`, from a mile upwards in miles."""
    if are_imperial() and value >= METRES_PER_MILE:
        return f"{decimal(value / METRES_PER_MILE, 1)} mi"
    return metres(value)


def kilometres(value: float) -> str:
    """ "50 km" or "31.1 mi"."""
    return (
        f"{decimal(value * 1_000 / METRES_PER_MILE, 1)} mi"
        if are_imperial()
        else f"{decimal(value, 3)} km"
    )


def short() -> str:
    """Return the unit of small lengths."""
    return "ft" if are_imperial() else "m"


def number(value: float, digits: int = 2) -> str:
    """Metres as a number of `short`: of metres with at most so many digits, of feet with as many as
    make sense.
    """
    if are_imperial():
        return decimal(value / METRES_PER_FOOT, 0 if abs(value) >= 3 else 1)
    return decimal(value, digits)


def decimal(value: float, digits: int = 2) -> str:
    """Return a localized number with at most so many decimals, and never -0."""
    return localized(f"{value:z.{digits}f}")


def exact(value: float) -> str:
    """Return a localized number with all its digits."""
    return localized(format(Decimal(repr(value)), "f"))


def localized(text: str) -> str:
    kept = len(text.partition(".")[2].rstrip("0"))
    return number_format(text, decimal_pos=kept, force_grouping=True)
