"""Counts of one pass of completing taxa from WoRMS."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Enrichment:
    """Counts of taxa of one pass, and why it ended early."""

    records: int = 0
    unknown: int = 0
    vernaculars: int = 0
    changes: int = 0
    observations: int = 0
    left_records: int = 0
    left_vernaculars: int = 0
    unusable: int = 0
    first_unusable: str = ""
    ended_early: str = ""
    is_out_of_time: bool = False

    @property
    def is_stuck(self) -> bool:
        """Return whether requests were made and no answer could be used."""
        done = self.records or self.vernaculars or self.changes
        return not done and bool(self.unusable or (self.ended_early and not self.is_out_of_time))

    def as_json(self) -> dict[str, Any]:
        """Return the counts for JSON."""
        return asdict(self) | {"is_stuck": self.is_stuck}

    def __str__(self) -> str:
        done = (
            f"WoRMS: {self.records:,} taxa asked ({self.unknown:,} unknown there), "
            f"common names of {self.vernaculars:,}, {self.changes:,} changes; "
            f"{self.observations:,} observations renamed or moved."
        )
        left = (
            f" Still to ask: {self.left_records:,} taxa, common names of {self.left_vernaculars:,}."
        )
        if self.unusable:
            left = f" {self.unusable:,} answers could not be used, the first: {self.first_unusable}.{left}"
        if self.is_stuck:
            left = f" NO PROGRESS: names and common names stay as they are.{left}"
        early = f" Ended early: {self.ended_early}" if self.ended_early else ""
        is_told = self.left_records or self.left_vernaculars or self.unusable or self.is_stuck
        return done + (left if is_told else "") + early
