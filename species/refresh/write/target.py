"""The dataset that records are written to, and counts of their outcomes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from species.models import Dataset, DatasetWalk
from species.refresh.records import CleanRecord, IncomingRecord, Rejection


@dataclass(slots=True)
class ImportTarget:
    """The values shared by all pages of one dataset in one run; `clean` cleans one record."""

    run_id: int | None
    dataset: Dataset
    walk: DatasetWalk
    now: datetime
    clean: Callable[[IncomingRecord], CleanRecord | Rejection]
    shares_ids: bool
    has_blocked_keys: bool


@dataclass(slots=True)
class Tally:
    """Counts of records by outcome, and of rejected ones by reason."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    is_published: bool = False  # readers see a change: advance the data version before the commit

    def add(self, other: "Tally") -> None:
        """Add the counts of another part of the page."""
        self.outcomes += other.outcomes
        self.reasons += other.reasons
        self.is_published |= other.is_published
