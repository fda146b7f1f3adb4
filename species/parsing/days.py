"""Periods of days, and months of any year."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from species.parsing import printed_dates
from species.parsing.printed import normalize_text
from species.parsing.printed_dates import Period
from species.parsing.texts import split_texts, typed_text


def parse_period(values: Iterable[str]) -> Period | None:
    """Return the days of a date or a range of dates, years 1 to 9999; None for no text."""
    text = typed_text(values)
    try:
        return printed_dates.read_period(text) if text else None
    except ValueError:
        reason = _("“%(text)s” is not a date such as 2021-06-30, 2021-06 or 2021.")
        raise ValueError(reason % {"text": text[:40]}) from None


def parse_months(values: Iterable[str]) -> tuple[int, ...]:
    """Return sorted months by number, of "6-8", "6,7,8", and across New Year "11-2"."""
    given = (
        part for value in values for part in printed_dates.split_alternatives(normalize_text(value))
    )
    found: set[int] = set()
    for text in split_texts(given):
        try:
            first, last = printed_dates.read_season(text)
        except ValueError:
            first, last = 0, 0
        if not (1 <= first <= 12 and 1 <= last <= 12):
            reason = _("“%(text)s” is not a month from 1 to 12, nor a season such as 6-8 or 11-2.")
            raise ValueError(reason % {"text": text[:40]})
        end = last + (1 if first <= last else 13)
        found |= {(month - 1) % 12 + 1 for month in range(first, end)}
    return tuple(sorted(found))
