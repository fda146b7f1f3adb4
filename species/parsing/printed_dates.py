"""Reads days, periods and months as our pages print them, in every language of the pages."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext, gettext_noop, override

from species.parsing.printed import DASH_OF_DATES, match_message, page_languages, split_ends

FROM, SINCE, UNTIL = (
    gettext_noop("from %(day)s on"),
    gettext_noop("since %(day)s"),
    gettext_noop("until %(day)s"),
)
NUMERIC = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
IN_WORDS = re.compile(r"(?:(?P<day>\d{1,2})\.? )?(?P<month>[^\W\d_]+)\.? (?P<year>\d{4})")
MONTH_FIRST = re.compile(r"(?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2}), (?P<year>\d{4})")
SEASON = re.compile(r"(\d{1,2})(?:\s*[-\u2013]\s*(\d{1,2}))?", re.ASCII)


class Period(NamedTuple):
    """First and last day; None leaves an end open."""

    first: date | None
    last: date | None


@cache
def month_numbers() -> dict[str, int]:
    """Return month numbers by name and abbreviation, in small letters."""
    found: dict[str, int] = {}
    for language in page_languages():
        with override(language):
            for names in (MONTHS, MONTHS_3):
                found |= {str(name).lower().rstrip("."): number for number, name in names.items()}
    return found


def read_days(text: str) -> Period:
    """Return the days of a date such as 2021-06-30, 2021-06, 2021, 15 June 2021 or June 2021.
    Raises ValueError.
    """
    if match := NUMERIC.fullmatch(text):
        year, month, day = match.groups()
    elif match := IN_WORDS.fullmatch(text) or MONTH_FIRST.fullmatch(text):
        year, month, day = match["year"], month_number(match["month"]), match["day"]
    else:
        raise ValueError(text)
    first = date(int(year), int(month or 1), int(day or 1))
    if day:
        return Period(first, first)
    last_month = int(month or 12)
    return Period(first, date(first.year, last_month, monthrange(first.year, last_month)[1]))


def read_period(text: str) -> Period:
    """Return the days of a date, of "2010 to 2019", "since 2010" or "until 2019". Raises
    ValueError.
    """
    try:
        return read_days(text)
    except ValueError:
        found = set(read_periods(text))
    if len(found) != 1:
        raise ValueError(text)
    return found.pop()


def is_single(text: str) -> bool:
    """Return whether this is one date: a day, a month or a year."""
    return any(pattern.fullmatch(text) for pattern in (NUMERIC, IN_WORDS, MONTH_FIRST))


def read_periods(text: str) -> Iterator[Period]:
    for _language, first, last in split_ends(text, DASH_OF_DATES):
        yield Period(read_days(first).first, read_days(last).last)
    for message in (FROM, SINCE):
        for _language, found in match_message(message, text):
            yield Period(read_days(found["day"]).first, None)
    for _language, found in match_message(UNTIL, text):
        yield Period(None, read_days(found["day"]).last)


def read_season(text: str) -> tuple[int, int]:
    """Return the first and last month of "6-8", "June" or "June to August". Raises ValueError."""
    if match := SEASON.fullmatch(text):
        return int(match[1]), int(match[2] or match[1])
    found = {
        (month_number(first), month_number(last))
        for _language, first, last in split_ends(text, DASH_OF_DATES)
    }
    return found.pop() if len(found) == 1 else (month_number(text), month_number(text))


def month_number(text: str) -> int:
    number = month_numbers().get(text.lower().rstrip("."))
    if number is None:
        raise ValueError(text)
    return number


def split_alternatives(text: str) -> list[str]:
    """Return the parts of "June to August or November"."""
    words = {language: gettext_in(language, "or") for language in page_languages()}
    return re.split(rf" (?:{'|'.join(map(re.escape, words.values()))}) ", text)


def gettext_in(language: str, message: str) -> str:
    with override(language):
        return gettext(message)
