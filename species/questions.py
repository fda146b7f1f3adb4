"""How the text of one query parameter becomes a value, or a reason why it cannot; knows nothing of the portal."""

import math
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

MAX_VALUES = 50  # of one parameter, commas and repetitions together
MAX_LENGTH = 200  # characters of one value
MAX_LONGITUDE = 3_600  # how far round the world a map may have been dragged
MINUS = "\N{MINUS SIGN}"
DASHED = re.compile(r"([-\N{MINUS SIGN}\d.]+)\s*[\N{EN DASH}\N{EM DASH}]\s*([-\N{MINUS SIGN}\d.]+)", re.ASCII)
METRES = re.compile(r"(?<=\d)\s*m(?=\s*$|\s*[,\N{EN DASH}])")
HEMISPHERE = re.compile(r"(\d[\d.]*)\s*°?\s*([NSEW])", re.ASCII | re.IGNORECASE)
DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
MONTHS = re.compile(r"(\d{1,2})(?:\s*[-\N{EN DASH}]\s*(\d{1,2}))?", re.ASCII)
MAX_KILOMETRES = 5_000.0
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class BadQuestion(Exception):
    """A query that is no legal question; `errors` maps each parameter at fault to a sentence for people."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in errors.items()))
        self.errors = errors


class Bbox(NamedTuple):
    """Degrees; west > east crosses the antimeridian. Longitudes lie in -180..180, latitudes in -90..90."""

    west: float
    south: float
    east: float
    north: float


class Near(NamedTuple):
    """Everything at most so many kilometres from a place, measured on the ellipsoid, the far edge included."""

    latitude: float
    longitude: float
    kilometres: float


class Span(NamedTuple):
    """Both ends belong to it; None: open on that side."""

    low: float | None
    high: float | None


def texts(values: Iterable[str]) -> list[str]:
    """The non-empty texts, in NFC and with single spaces. Raises ValueError for what no question needs."""
    found = []
    for value in values:
        if len(value) > MAX_LENGTH:
            raise ValueError(_("A value may have at most %(max_length)s characters.") % {"max_length": MAX_LENGTH})
        text = " ".join(unicodedata.normalize("NFC", value).split())
        if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
            raise ValueError(_("Control characters are not allowed."))
        if text:
            found.append(text)
    return found


def one(values: Iterable[str]) -> str:
    """The single text, or "" when none was given."""
    found = sorted(set(texts(values)))
    if len(found) > 1:
        raise ValueError(_("Give it once."))
    return found[0] if found else ""


def several(values: Iterable[str]) -> tuple[str, ...]:
    """Texts separated by commas or given repeatedly: each once, in order."""
    return distinct(values, lambda given: (part for value in given for part in value.split(",")))


def distinct(values: Iterable[str], split: Callable[[list[str]], Iterable[str]]) -> tuple[str, ...]:
    """The texts that `split` finds in the values: each once, in order."""
    values = list(values)
    if sum(len(value) for value in values) > MAX_VALUES * MAX_LENGTH or len(values) > MAX_VALUES:
        raise ValueError(_("At most %(max_values)s values are allowed.") % {"max_values": MAX_VALUES})
    found = set(texts(split(values)))
    if len(found) > MAX_VALUES:
        raise ValueError(_("At most %(max_values)s values are allowed.") % {"max_values": MAX_VALUES})
    return tuple(sorted(found))


def chosen(values: Iterable[str], choices: Iterable[str]) -> tuple[str, ...]:
    """Members of a closed vocabulary, in its spelling and order; its empty member is asked for as "unknown"."""
    names = {(choice or "unknown").lower(): choice for choice in choices}
    asked = {text.lower() for text in several(values)}
    if not asked <= names.keys():
        allowed = ", ".join(choice or "unknown" for choice in names.values())
        raise ValueError(_("Allowed are: %(allowed)s.") % {"allowed": allowed})
    return tuple(choice for name, choice in names.items() if name in asked)


def one_of(values: Iterable[str], choices: tuple[str, ...]) -> str:
    """One member of a vocabulary; the first when none was given."""
    named = {choice.lower(): choice for choice in choices}
    text = one(values).lower() or choices[0]
    if text not in named:
        raise ValueError(_("Allowed are: %(values)s.") % {"values": ", ".join(choices)})
    return named[text]


def uuids(values: Iterable[str]) -> tuple[UUID, ...]:
    asked = several(values)
    for text in asked:
        if not UUID_TEXT.fullmatch(text):
            raise ValueError(
                _("“%(text)s” is not a UUID such as 5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00.") % {"text": text[:40]}
            )
    return tuple(sorted({UUID(text) for text in asked}))


def number(text: str) -> float:
    """A finite number; Python's own liberties (underscores, infinities) are refused."""
    text = text.replace(MINUS, "-")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text.strip(), re.ASCII):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return value + 0.0  # -0.0 becomes 0.0


def degrees(text: str, sides: str) -> float:
    """A number of degrees, as in addresses or as the pages print it: -5.5, "5.5° W", "53.3° N"."""
    match = HEMISPHERE.fullmatch(text.strip())
    if not match or match[2].upper() not in sides:
        return number(text.strip().removesuffix("°"))
    value = number(match[1])
    return -value + 0.0 if match[2].upper() in {"S", "W"} else value


def without_unit(text: str) -> str:
    return METRES.sub("", text)


def day(values: Iterable[str], *, last: bool = False) -> date | None:
    """A day; of a year or a month the first, or the last of its days. Years run from 1 to 9999."""
    text = one(values)
    if not text:
        return None
    match = DAY.fullmatch(text)
    try:
        if not match:
            raise ValueError
        year, month = int(match[1]), int(match[2] or (12 if last else 1))
        of_month = int(match[3] or (monthrange(year, month)[1] if last else 1))
        return date(year, month, of_month)
    except ValueError:
        raise ValueError(
            _("“%(text)s” is not a date such as 2021-06-30, 2021-06 or 2021.") % {"text": text[:40]}
        ) from None


def span(values: Iterable[str], low: float, high: float) -> Span | None:
    """Two numbers with a comma between, either of which may be left out; "<50" as the second ends just short of 50."""
    text = without_unit(one(values))
    if not text:
        return None
    if match := DASHED.fullmatch(text):
        text = f"{match[1]},{match[2]}"
    first, comma, last = (part.strip() for part in text.partition(","))
    if not comma or "," in last or not (first or last):
        raise ValueError(_("Give two numbers with a comma between, such as 0,50 or 200, or ,10."))
    ends = Span(number(first) if first else None, upper_end(last) if last else None)
    if any(end is not None and not low <= end <= high for end in ends):
        raise ValueError(_("Numbers from %(low)s to %(high)s are allowed.") % {"low": f"{low:,}", "high": f"{high:,}"})
    if ends.low is not None and ends.high is not None and ends.low > ends.high:
        raise ValueError(_("The first number must not be greater than the second."))
    return ends


def upper_end(text: str) -> float:
    return math.nextafter(number(text[1:]), -math.inf) if text.startswith("<") else number(text)


def upper_end_text(value: float | None) -> str:
    """The same end as short as it goes: "50", or "<50" for what ends just short of it."""
    if value is None:
        return ""
    next_one = plain(math.nextafter(value, math.inf) + 0.0)
    return f"<{next_one}" if len(next_one) < len(plain(value)) - 1 else plain(value)


def plain(value: float | None) -> str:
    """A number as short as it goes without losing a bit of it; None is nothing."""
    return "" if value is None else repr(value).removesuffix(".0")


def bbox(values: Iterable[str]) -> Bbox | None:
    """west,south,east,north in degrees; a map dragged round the world may ask for 190, which is -170."""
    text = one(values)
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 4:
        raise ValueError(_("Give west,south,east,north in degrees, such as -10,35,5,45."))
    west, south, east, north = (degrees(part, sides) for part, sides in zip(parts, ("EW", "NS") * 2, strict=True))
    if not -90 <= south <= north <= 90:
        raise ValueError(_("South must not lie north of north, and latitudes run from -90 to 90."))
    if max(abs(west), abs(east)) > MAX_LONGITUDE:
        raise ValueError(
            _("Longitudes beyond %(max_longitude)s degrees are not allowed.") % {"max_longitude": MAX_LONGITUDE}
        )
    if east - west >= 360:
        return Bbox(-180.0, south, 180.0, north)
    return Bbox(longitude(west, edge=-180.0), south, longitude(east, edge=180.0), north)


def longitude(degrees: float, edge: float) -> float:
    """The same meridian within -180..180; of a turned one that falls on the antimeridian, the side that is meant."""
    if -180 <= degrees <= 180:
        return degrees
    turned = round((degrees + 180) % 360 - 180, 9)
    return edge if abs(turned) == 180 else turned


def near(values: Iterable[str]) -> Near | None:
    """latitude,longitude,kilometres: as people write a place, and as GBIF does."""
    text = one(values)
    if not text:
        return None
    parts = text.removesuffix("km").split(",")
    if len(parts) != 3:
        raise ValueError(_("Give latitude,longitude,kilometres, such as 54.2,7.9,50."))
    latitude, east, kilometres = degrees(parts[0], "NS"), degrees(parts[1], "EW"), number(parts[2])
    if not -90 <= latitude <= 90:
        raise ValueError(_("Latitudes run from -90 to 90; the latitude comes first here."))
    if abs(east) > MAX_LONGITUDE:
        raise ValueError(
            _("Longitudes beyond %(max_longitude)s degrees are not allowed.") % {"max_longitude": MAX_LONGITUDE}
        )
    if not 0 < kilometres <= MAX_KILOMETRES:
        raise ValueError(
            _("More than 0 and at most %(max_kilometres)s km are allowed.")
            % {"max_kilometres": f"{MAX_KILOMETRES:,.0f}"}
        )
    return Near(latitude, longitude(east, edge=180.0), kilometres)


def months(values: Iterable[str]) -> tuple[int, ...]:
    """Months by number, each once, in order: "6-8", "6,7,8", and across New Year "11-2"."""
    found: set[int] = set()
    for text in several(values):
        match = MONTHS.fullmatch(text)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not (1 <= first <= 12 and 1 <= last <= 12):
            raise ValueError(
                _("“%(text)s” is not a month from 1 to 12, nor a season such as 6-8 or 11-2.") % {"text": text[:40]}
            )
        found |= {(month - 1) % 12 + 1 for month in range(first, last + (1 if first <= last else 13))}
    return tuple(sorted(found))


def seasons(chosen_months: Iterable[int]) -> list[tuple[int, int]]:
    """The same months as (first, last) of each unbroken run; a run across New Year has first > last."""
    there = set(chosen_months)
    if len(there) == 12:
        return [(1, 12)]
    firsts = [month for month in sorted(there) if (month - 2) % 12 + 1 not in there]
    return [(first, next(last for last in turn(first) if last % 12 + 1 not in there)) for first in firsts]


def turn(first: int) -> list[int]:
    """The twelve months from one on."""
    return [(first - 1 + step) % 12 + 1 for step in range(12)]
