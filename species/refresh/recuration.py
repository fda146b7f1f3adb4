"""Options and counts of cleaning stored records again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from uuid import UUID

BATCH_RECORDS = 1_000


@dataclass(slots=True)
class Recuration:
    """Counts of records by outcome, of changes by column, and of withdrawals by reason."""

    examined: int = 0
    changed: int = 0
    confirmed: int = 0  # made anew, and equal in all that is shown
    withdrawn: int = 0
    restored: int = 0  # refused by earlier rules
    not_kept: int = 0  # as received: they wait for the next full refresh
    unusable: int = 0  # cannot be read as received, or not be stored: left as they are
    datasets_relicensed: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    untended: int = 0  # published changes that the atlas has not been tended after

    def add(self, other: "Recuration") -> None:
        """Add the counts of a part."""
        for counted in fields(self):
            setattr(self, counted.name, getattr(self, counted.name) + getattr(other, counted.name))

    @property
    def published(self) -> int:
        """Return the number of changes that readers see."""
        return self.changed + self.withdrawn + self.restored + self.datasets_relicensed


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the run; `on_batch` is called with the counts after each batch."""

    dataset: UUID | None = None
    dry_run: bool = False
    batch: int = BATCH_RECORDS
    on_batch: Callable[[Recuration], None] = lambda counts: None
    say: Callable[[str], None] = lambda sentence: None
