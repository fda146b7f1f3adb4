"""Reads numbers, lengths and degrees as our pages print them, in every language of the pages.

Functions return every value that a text can have, so that callers can refuse ambiguous texts:
"1,000 m" is a thousand metres in English and one in German. A sentence around it shows the language.
"""

# ruff: noqa: RUF001, RUF002 (such characters are the subject here)

import re
from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.utils.formats import get_format
from django.utils.translation import gettext, gettext_noop, override

from users.units import METRES_PER_FOOT, METRES_PER_MILE

RANGE = gettext_noop("%(first)s to %(last)s")
ABOVE_SURFACE = gettext_noop("%(length)s above the surface")
LESS_THAN = gettext_noop("less than %(number)s")
BAND = gettext_noop("%(low)s to %(high)s %(unit)s")
DEEPER = gettext_noop("%(low)s %(unit)s and deeper")
SHALLOWER = gettext_noop("down to %(high)s %(unit)s")
ABOVE = gettext_noop("above the surface")
NEAR = gettext_noop("within %(distance)s of %(place)s")
BOX = gettext_noop("longitude %(west)s° to %(east)s° and latitude %(south)s° to %(north)s°")
BOX_OF_SIDES = gettext_noop("%(west)s to %(east)s, %(south)s to %(north)s")
KNOWN_TO = gettext_noop("accurate to %(distance)s or better")
AROUND_POINT = gettext_noop("within %(metres)s")
NO_DATE, NO_DEPTH = gettext_noop("no date"), gettext_noop("depth unknown")
NO_UNCERTAINTY = gettext_noop("location accuracy not stated")
METRES = {"m": 1.0, "ft": METRES_PER_FOOT, "km": 1_000.0, "mi": METRES_PER_MILE}
UNIT = "|".join(METRES)
LENGTH = re.compile(rf"(?P<number>-?[\d.,]+)(?:\s*(?P<unit>{UNIT}))?", re.ASCII | re.IGNORECASE)
DEGREES = re.compile(
    r"(?P<before>[NSEWO])?\s*(?P<sign>-)?(?P<degrees>[\d.,]+)\s*"
    r"(?:°\s*(?:(?P<minutes>[\d.,]+)\s*'\s*(?:(?P<seconds>[\d.,]+)\s*\"\s*)?)?)?(?P<after>[NSEWO])?",
    re.ASCII | re.IGNORECASE,
)
SIDES = {"NS": {"N": 1, "S": -1}, "EW": {"E": 1, "O": 1, "W": -1}}  # O: German "Ost"
# a comma between digits may be a decimal one
SEPARATOR = re.compile(r"\s*;\s*|\s*,(?!\d)\s*|(?<!\d),")
DASH = re.compile(r"(?<=\S)(?:\s*–\s*|\s+-\s+|(?<=[\dmit])-(?=\d))(?=\S)", re.ASCII)
DASH_OF_DATES = re.compile(r"(?<=\S)(?:\s*[–/]\s*|\s+-\s+)(?=\S)", re.ASCII)
SAME = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width
    | dict.fromkeys("\u2010\u2011\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2012\u2013\u2014\u2015", "–")
    | dict.fromkeys("′’‘´`", "'")
    | dict.fromkeys("″”“„", '"')
    | dict.fromkeys("º˚", "°")
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad", "")
)


def normalize_text(text: str) -> str:
    """Return the text with ASCII digits, signs and single spaces; superscripts and other scripts
    stay as they are.
    """
    return " ".join(text.translate(SAME).replace("''", '"').split())


@cache
def page_languages() -> tuple[str, ...]:
    return tuple(code for code, _name in settings.LANGUAGES)


@cache
def message_patterns(message: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (language, pattern) of a message with placeholders."""
    found = []
    for language in page_languages():
        with override(language):
            parts = re.split(r"%\((\w+)\)s", normalize_text(gettext(message)))
        groups = [f"(?P<{name}>{UNIT if name == 'unit' else '.+?'})" for name in parts[1::2]]
        words = [re.escape(part) for part in parts[::2]]
        pattern = words[0] + "".join(
            group + word for group, word in zip(groups, words[1:], strict=True)
        )
        found.append((language, re.compile(pattern, re.IGNORECASE)))
    return tuple(found)


def match_message(message: str, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (language, placeholders) for each language in which the text is this message."""
    for language, pattern in message_patterns(message):
        if match := pattern.fullmatch(text):
            yield language, match.groupdict()


def is_printed(message: str, text: str) -> bool:
    return any(True for _found in match_message(message, text))


def split_ends(text: str, dash: re.Pattern[str] = DASH) -> Iterator[tuple[str, str, str]]:
    """Yield (language, first, last) of "1 to 2", and with "" as the language of "1–2"."""
    for language, found in match_message(RANGE, text):
        yield language, found["first"], found["last"]
    parts = dash.split(text)
    if len(parts) == 2:
        yield "", parts[0], parts[1]


def split_list(text: str, number: int) -> list[str]:
    """Return so many values separated by semicolons or commas; [] where decimal commas leave that
    open.
    """
    for parts in (SEPARATOR.split(text), text.split(",")):
        if len(parts) == number:
            return [part.strip() for part in parts]
    return []


@cache
def number_pattern(language: str) -> re.Pattern[str]:
    group, point = (
        re.escape(get_format(name, language))
        for name in ("THOUSAND_SEPARATOR", "DECIMAL_SEPARATOR")
    )
    return re.compile(rf"(-?(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+))(?:{point}(\d+))?", re.ASCII)


def read_numbers(text: str, language: str = "") -> set[float]:
    found = set()
    for code in [language] if language else page_languages():
        if match := number_pattern(code).fullmatch(text):
            whole = re.sub(r"[^-\d]", "", match[1])
            found.add(float(f"{whole}.{match[2] or 0}") + 0.0)
    return found


def read_lengths(text: str, language: str = "", unit: str = "m", *, of: str = "m") -> set[float]:
    """Return lengths in units of `of`; `unit` is that of a number without one."""
    for spoken, found in match_message(ABOVE_SURFACE, text):
        return {
            -length + 0.0
            for length in read_lengths(found["length"], spoken, unit, of=of)
            if length >= 0
        }
    match = LENGTH.fullmatch(text)
    if not match:
        return set()
    given = (match["unit"] or unit).lower()
    factor = METRES[given] / METRES[of]
    return {number * factor for number in read_numbers(match["number"], language)}


def unit_of(text: str) -> str:
    """Return the unit at the end of a length, or ""."""
    match = re.search(rf"\d\s*({UNIT})$", text, re.ASCII | re.IGNORECASE)
    return match[1].lower() if match else ""


def read_degrees(text: str, sides: str, language: str = "") -> set[float]:
    """Return degrees of 53.3° N, N 53°18′ or 53° 18′ 30″ N; of `sides` "NS" or "EW"."""
    match = DEGREES.fullmatch(text)
    if not match or bool(match["before"]) + bool(match["after"]) + bool(match["sign"]) > 1:
        return set()
    side = (match["before"] or match["after"] or "").upper()
    if side and side not in SIDES[sides]:
        return set()
    given = [part for part in (match["degrees"], match["minutes"], match["seconds"]) if part]
    if not all(part.isdecimal() for part in given[:-1]):
        return set()
    turn = SIDES[sides][side] if side else -1 if match["sign"] else 1
    whole = [int(part) for part in given[:-1]]
    last = {value for value in read_numbers(given[-1], language) if value < (60 if whole else 360)}
    if whole[1:] and whole[1] >= 60:
        return set()
    return {
        turn * sum(part / 60**place for place, part in enumerate([*whole, value])) + 0.0
        for value in last
    }
