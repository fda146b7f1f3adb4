"""How the text of one query parameter becomes a value, or a reason why it cannot; knows nothing of
the portal.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from species import printed, printed_dates
from species.printed import degrees, filled_in, lengths, listed, simple, unit_of
from species.printed_dates import Period
from species.ranges import Bbox, Circle, DepthRange

MAX_VALUES = 50  # of one parameter, commas and repetitions together
MAX_LENGTH = 200  # characters of one value
MAX_LONGITUDE = 3_600  # how far round the world a map may have been dragged
MACHINE_SPAN = re.compile(r"[-+\d.eE]*\s*,\s*<?\s*[-+\d.eE]*", re.ASCII)
MAX_KILOMETRES = 5_000.0
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def texts(values: Iterable[str]) -> list[str]:
    """The non-empty texts, in NFC and with single spaces. Raises ValueError for what no question
    needs.
    """
    found = []
    for value in values:
        if len(value) > MAX_LENGTH:
            raise ValueError(
                _("A value may have at most %(max_length)s characters.")
                % {"max_length": MAX_LENGTH}
            )
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
        raise ValueError(
            _("At most %(max_values)s values are allowed.") % {"max_values": MAX_VALUES}
        )
    found = set(texts(split(values)))
    if len(found) > MAX_VALUES:
        raise ValueError(
            _("At most %(max_values)s values are allowed.") % {"max_values": MAX_VALUES}
        )
    return tuple(sorted(found))


def chosen(values: Iterable[str], choices: Iterable[str]) -> tuple[str, ...]:
    """Members of a closed vocabulary, in its spelling and order; its empty member is asked for as
    "unknown".
    """
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
                _("“%(text)s” is not a UUID such as 5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00.")
                % {"text": text[:40]}
            )
    return tuple(sorted({UUID(text) for text in asked}))


def number(text: str) -> float:
    """Return a finite number; Python's own liberties (underscores, infinities) are refused."""
    text = simple(text)
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return value + 0.0  # -0.0 becomes 0.0


def only(readings: Iterable[Any], text: str) -> Any:
    """Return the one value that a printed text can have. Raises ValueError for none and for
    several.
    """
    found = set(readings)
    if len(found) > 1:
        raise ValueError(
            _(
                "“%(text)s” can be read in more than one way. Write 1500 or 1.5, without thousands separators."
            )
            % {"text": text[:40]}
        )
    if not found:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return found.pop()


def angle(text: str, sides: str, language: str = "") -> float:
    """Return degrees as in addresses or as printed; `sides` is "NS" or "EW"."""
    try:
        return number(text)
    except ValueError:
        return only(degrees(text, sides, language), text)


def length(text: str, language: str = "", *, of: str = "m") -> float:
    try:
        return number(text) if not language else only(lengths(text, language, of, of=of), text)
    except ValueError:
        return only(lengths(text, language, of, of=of), text)


def typed(values: Iterable[str]) -> str:
    """Return the single text with ASCII digits and signs, or ""."""
    return one(map(simple, values))


def period(values: Iterable[str]) -> Period | None:
    """Return the days of a date or of a range of dates. Years run from 1 to 9999."""
    text = typed(values)
    try:
        return printed_dates.period(text) if text else None
    except ValueError:
        raise ValueError(
            _("“%(text)s” is not a date such as 2021-06-30, 2021-06 or 2021.") % {"text": text[:40]}
        ) from None


def span(values: Iterable[str], low: float, high: float) -> DepthRange | None:
    """Return the two ends of "0,50", "200," or "0 to 50 m"; "<50" as the second ends just short of
    50.
    """
    text = typed(values)
    if not text:
        return None
    if MACHINE_SPAN.fullmatch(text):
        first, last = (part.strip() for part in text.split(","))
        ends = DepthRange(number(first) if first else None, upper_end(last) if last else None)
    else:
        ends = only(printed_spans(text), text)
    if ends == (None, None):
        raise ValueError(_("Give two numbers with a comma between, such as 0,50 or 200, or ,10."))
    if any(end is not None and not low <= end <= high for end in ends):
        raise ValueError(
            _("Numbers from %(low)s to %(high)s are allowed.")
            % {"low": f"{low:,}", "high": f"{high:,}"}
        )
    if ends.low is not None and ends.high is not None and ends.low > ends.high:
        raise ValueError(_("The first number must not be greater than the second."))
    return ends


def printed_spans(text: str) -> Iterator[DepthRange]:
    """Yield every reading of two lengths in metres. Raises ValueError where there is none."""
    if printed.is_printed(printed.ABOVE, text):
        yield DepthRange(None, math.nextafter(0.0, -math.inf))
        return
    parts = list(printed.ends(text))
    for message in (printed.BAND, printed.DEEPER, printed.SHALLOWER):
        for language, found in filled_in(message, text):
            low, high = (
                f"{found[end]} {found['unit']}" if end in found else "" for end in ("low", "high")
            )
            parts.append(
                (language, found.get("low", ""), high) if "high" in found else (language, low, "")
            )
    if not parts and (both := listed(text, 2)) and not re.search(r"\d,\d", text):
        parts.append(("", both[0], both[1]))
    if not parts:
        raise ValueError(_("Give two numbers with a comma between, such as 0,50 or 200, or ,10."))
    for language, low, high in parts:
        unit = unit_of(high) or unit_of(low) or "m"
        lows: Iterable[float | None] = lengths(low, language, unit) if low else [None]
        highs: Iterable[float | None] = upper_ends(high, language, unit) if high else [None]
        yield from (DepthRange(first, last) for first in lows for last in highs)


def upper_ends(text: str, language: str, unit: str) -> set[float]:
    less = [found["number"] for _language, found in filled_in(printed.LESS_THAN, text)]
    less += [text[1:].strip()] if text.startswith("<") else []
    if less:
        return {math.nextafter(end, -math.inf) for end in lengths(less[0], language, unit)}
    return lengths(text, language, unit)


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
    """west,south,east,north in degrees; a map dragged round the world may ask for 190, which is
    -170.
    """
    text = typed(values)
    if not text:
        return None
    west, south, east, north = only(sides_of_box(text), text)
    if not -90 <= south <= north <= 90:
        raise ValueError(_("South must not lie north of north, and latitudes run from -90 to 90."))
    if max(abs(west), abs(east)) > MAX_LONGITUDE:
        raise ValueError(
            _("Longitudes beyond %(max_longitude)s degrees are not allowed.")
            % {"max_longitude": MAX_LONGITUDE}
        )
    if east - west >= 360:
        return Bbox(-180.0, south, 180.0, north)
    return Bbox(longitude(west, edge=-180.0), south, longitude(east, edge=180.0), north)


def sides_of_box(text: str) -> Iterator[tuple[float, ...]]:
    """Yield west, south, east and north in every reading. Raises ValueError where there is none."""
    names = ("west", "south", "east", "north")
    given = [
        (language, [found[name] for name in names])
        for message in (printed.BOX, printed.BOX_OF_SIDES)
        for language, found in filled_in(message, text)
    ] or [("", listed(text, 4))]
    if not given[0][1]:
        raise ValueError(_("Give west,south,east,north in degrees, such as -10,35,5,45."))
    for language, parts in given:
        yield tuple(
            angle(part, sides, language)
            for part, sides in zip(parts, ("EW", "NS") * 2, strict=True)
        )


def longitude(degrees: float, edge: float) -> float:
    """The same meridian within -180..180; of a turned one that falls on the antimeridian, the side
    that is meant.
    """
    if -180 <= degrees <= 180:
        return degrees
    turned = round((degrees + 180) % 360 - 180, 9)
    return edge if abs(turned) == 180 else turned


def near(values: Iterable[str]) -> Circle | None:
    """latitude,longitude,kilometres: as people write a place, and as GBIF does."""
    text = typed(values)
    if not text:
        return None
    latitude, east, kilometres = only(circles(text), text)
    if not -90 <= latitude <= 90:
        raise ValueError(_("Latitudes run from -90 to 90; the latitude comes first here."))
    if abs(east) > MAX_LONGITUDE:
        raise ValueError(
            _("Longitudes beyond %(max_longitude)s degrees are not allowed.")
            % {"max_longitude": MAX_LONGITUDE}
        )
    if not 0 < kilometres <= MAX_KILOMETRES:
        raise ValueError(
            _("More than 0 and at most %(max_kilometres)s km are allowed.")
            % {"max_kilometres": f"{MAX_KILOMETRES:,.0f}"}
        )
    return Circle(latitude, longitude(east, edge=180.0), kilometres)


def circles(text: str) -> Iterator[tuple[float, float, float]]:
    """Yield latitude, longitude and kilometres in every reading. Raises ValueError where there is
    none.
    """
    given = [
        (language, [*listed(found["place"], 2), found["distance"]])
        for language, found in filled_in(printed.NEAR, text)
    ] or [("", listed(text, 3))]
    if any(len(parts) != 3 for _language, parts in given):
        raise ValueError(_("Give latitude,longitude,kilometres, such as 54.2,7.9,50."))
    for language, (latitude, east, distance) in given:
        yield (
            angle(latitude, "NS", language),
            angle(east, "EW", language),
            length(distance, language, of="km"),
        )


def months(values: Iterable[str]) -> tuple[int, ...]:
    """Months by number, each once, in order: "6-8", "6,7,8", and across New Year "11-2"."""
    found: set[int] = set()
    for text in several(
        part for value in values for part in printed_dates.alternatives(simple(value))
    ):
        try:
            first, last = printed_dates.season(text)
        except ValueError:
            first, last = 0, 0
        if not (1 <= first <= 12 and 1 <= last <= 12):
            raise ValueError(
                _("“%(text)s” is not a month from 1 to 12, nor a season such as 6-8 or 11-2.")
                % {"text": text[:40]}
            )
        found |= {
            (month - 1) % 12 + 1 for month in range(first, last + (1 if first <= last else 13))
        }
    return tuple(sorted(found))
