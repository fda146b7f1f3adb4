"""How lists of observations are walked: the orders, the cursors, and what a page of one holds."""

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
    """A count that stopped at a limit: exact, or "more than" the number."""

    number: int
    is_exact: bool

    def __str__(self) -> str:
        number = number_format(self.number, force_grouping=True)
        return number if self.is_exact else _("more than %(number)s") % {"number": number}


class Ordering(Enum):
    """How rows are brought into order, newest first; the same order each time."""

    NEWEST = "as they stand in the index of all"
    OF_TAXA = "as those of each of a few taxa stand in their index, merged"
    SORTED = "sorted, since they are few"


class Unindexed(models.Func):
    """The same value, in an order that no index has: else few rows are looked for among all."""

    template = "(%(expressions)s + 0)"


SORTED = (Unindexed("date_start").desc(nulls_last=True), F("id").desc())
ORDERINGS = {Ordering.NEWEST: NEWEST_FIRST, Ordering.OF_TAXA: SORTED, Ordering.SORTED: SORTED}
# of a half, in which none or all are null
OF_ONE_TAXON = (F("date_start").desc(nulls_first=True), F("id").desc())


@dataclass(frozen=True, slots=True)
class Way:
    """How a page is found: in which order, and among how many rows at most (None: among all).

    `taxa`: the ordinals of those that are merged; `by_days`: a covering index knows the days of all
    that are sorted. `days`: the first and the last day that the dated rows must touch, where
    undated ones belong to the list too.
    """

    ordering: Ordering
    search: int | None = None
    taxa: tuple[int, ...] = ()
    by_days: bool = False
    days: tuple[date | None, date | None] | None = None

    @property
    def goes_back(self) -> bool:
        """Whether the page before costs no more than the page that follows."""
        return self.search is None and not self.taxa


NEWEST = Way(Ordering.NEWEST)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, newest first, and the cursors of the pages that follow and precede (None
    where there is none).

    `searched`: only so many rows were looked through for them; the page that follows goes on from
    there.
    """

    rows: list["CuratedObservation"]
    next: str | None
    previous: str | None = None
    searched: int | None = None


def cursor_of(row: "CuratedObservation") -> str:
    return f"{row.date_start or ''}.{row.pk}"


def read_cursor(text: str, parameter: str = "after") -> tuple[date | None, int]:
    match = CURSOR.fullmatch(text)
    try:
        if not match:
            raise ValueError
        return date.fromisoformat(match[1]) if match[1] else None, int(match[2])
    except ValueError:
        raise InvalidQuery(
            {parameter: _("This is no cursor of this list; start at its first page.")}
        ) from None
