"""Pages of observations: orders, cursors, and ways to find a page at a bounded cost."""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from django.contrib.gis.db import models
from django.db.models import F
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from species.errors import InvalidQuery

if TYPE_CHECKING:
    from species.models.observation import CuratedObservation

NEWEST_FIRST = (F("date_start").desc(nulls_last=True), F("id").desc())
CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})?\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """A count up to a limit: exact, or "more than" the number."""

    number: int
    is_exact: bool

    def __str__(self) -> str:
        number = number_format(self.number, force_grouping=True)
        return number if self.is_exact else _("more than %(number)s") % {"number": number}


class Ordering(Enum):
    """How to sort the newest first. The order is always the same, the cost is not."""

    NEWEST = "as in the index of all observations"
    OF_TAXA = "merged from the lists of a few taxa, as in the index of taxa"
    SORTED = "sorted: few rows"


class Unindexed(models.Func):
    """The same value, out of reach of indexes: PostgreSQL would search one for a few rows."""

    template = "(%(expressions)s + 0)"


SORTED = (Unindexed("date_start").desc(nulls_last=True), F("id").desc())
ORDERINGS = {Ordering.NEWEST: NEWEST_FIRST, Ordering.OF_TAXA: SORTED, Ordering.SORTED: SORTED}
# Within dated or undated rows, where all or none are null.
OF_ONE_TAXON = (F("date_start").desc(nulls_first=True), F("id").desc())


@dataclass(frozen=True, slots=True)
class Way:
    """How to find a page: the order, and the number of rows to search (None: all).

    `taxa`: ordinals of the taxa to merge; `by_days`: a covering index has the days of the rows to
    sort; `days`: first and last day that dated rows must overlap in a list with undated rows.
    """

    ordering: Ordering
    search: int | None = None
    taxa: tuple[int, ...] = ()
    by_days: bool = False
    days: tuple[date | None, date | None] | None = None

    @property
    def goes_back(self) -> bool:
        """Return whether the previous page costs no more than the next."""
        return self.search is None and not self.taxa


NEWEST = Way(Ordering.NEWEST)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, newest first, with the cursors of the next and previous page or None.

    `searched`: the page is from the first so many rows, and the next one continues after them.
    """

    rows: list["CuratedObservation"]
    next: str | None
    previous: str | None = None
    searched: int | None = None


def cursor_of(row: "CuratedObservation") -> str:
    """Return the cursor of the page after this row: "2021-06-30.17", or ".17" if undated."""
    return f"{row.date_start or ''}.{row.pk}"


def read_cursor(text: str, parameter: str = "after") -> tuple[date | None, int]:
    """Return day and id of a cursor. Raises InvalidQuery."""
    match = CURSOR.fullmatch(text)
    try:
        if not match:
            raise ValueError
        return date.fromisoformat(match[1]) if match[1] else None, int(match[2])
    except ValueError:
        raise InvalidQuery(
            {parameter: _("This page link is not valid for this list. Start from the first page.")}
        ) from None
