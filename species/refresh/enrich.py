"""Ask WoRMS about the taxa held: new ones once, most-observed first, changed ones again, within a time budget.

Answers are kept with their date, "WoRMS has none" apart from "not asked yet"; a failure leaves everything as it was,
and the next run goes on. Call it after the observations are published: it never holds them up.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from species.models import DataVersion, Taxon, UpstreamSync
from species.refresh.answers import apply_record, apply_vernaculars, mark_unknown, neighbours_of
from species.refresh.worms import BATCH, UpstreamError, Worms

FEED = "WoRMS"
FEED_WINDOW = timedelta(days=7)  # what is read and remembered in one go
# WoRMS dates an edit, not its publication, so a monthly run looks at each month twice; what was seen costs no work.
FEED_OVERLAP = timedelta(days=31)


@dataclass
class Enrichment:
    """What one pass did and left: counts of taxa, and why it ended early, if it did."""

    records: int = 0
    unknown: int = 0
    vernaculars: int = 0
    changes: int = 0
    observations: int = 0
    left_records: int = 0
    left_vernaculars: int = 0
    ended_early: str = ""

    def __str__(self) -> str:
        done = (
            f"WoRMS: {self.records:,} taxa asked ({self.unknown:,} unknown there), "
            f"common names of {self.vernaculars:,}, {self.changes:,} changes; "
            f"{self.observations:,} observations renamed or moved."
        )
        left = f" Still to ask: {self.left_records:,} taxa, common names of {self.left_vernaculars:,}."
        early = f" Ended early: {self.ended_early}" if self.ended_early else ""
        return done + (left if self.left_records or self.left_vernaculars else "") + early


class OutOfTime(Exception):
    """The time budget is used up."""


def run_enrichment(
    run_id: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    *,
    feed: bool = True,
    most_seconds: float = math.inf,
) -> Enrichment:
    """One pass with the portal's settings; `say` hears of retries. `feed=False` only goes on with what was left."""
    budget = min(settings.ENRICH_BUDGET_SECONDS, most_seconds)
    with Worms(
        settings.WORMS_API_URL,
        pace=settings.WORMS_PACE_SECONDS,
        contact=settings.UPSTREAM_CONTACT,
        retries=settings.UPSTREAM_RETRIES,
        on_retry=lambda reason, pause: say(f"WoRMS: {reason}; asking again in {pause:.0f} s"),
    ) as worms:
        return enrich(worms, budget_seconds=budget, run_id=run_id, feed=feed)


def is_waiting() -> bool:
    """Whether an earlier pass left something to ask."""
    return _to_ask().exists() or _to_name().exists()


def enrich(
    worms: Worms,
    *,
    budget_seconds: float,
    run_id: int | None = None,
    feed: bool = True,
    clock: Callable[[], float] = time.monotonic,
) -> Enrichment:
    """Ask of taxa not asked about yet, read the feed of changes, then ask of common names, until time is up."""
    worker = _Pass(worms, run_id, clock() + budget_seconds, clock)
    try:
        worker.ask_records()
        if feed:
            worker.read_feed()
            worker.ask_records()  # of taxa that the changes brought into the tree
        worker.ask_vernaculars()
    except OutOfTime:
        worker.done.ended_early = f"the time budget of {budget_seconds:,.0f} s is used up."
    except UpstreamError as error:
        worker.done.ended_early = str(error)
    if worker.done.vernaculars:
        DataVersion.advance()  # once for all: what a common name finds may be another now
    worker.done.left_records, worker.done.left_vernaculars = _to_ask().count(), _to_name().count()
    return worker.done


def _to_ask() -> Any:
    return Taxon.objects.filter(worms_asked_at__isnull=True)


def _to_name() -> Any:
    return Taxon.objects.filter(worms_found=True, vernaculars_asked_at__isnull=True, accepted__isnull=True)


class _Pass:
    """One pass: the client, the deadline, and what was done so far. Every step raises OutOfTime or UpstreamError."""

    def __init__(self, worms: Worms, run_id: int | None, deadline: float, clock: Callable[[], float]):
        self.worms, self.run_id, self.deadline, self.clock = worms, run_id, deadline, clock
        self.done = Enrichment()

    def in_time(self) -> None:
        if self.clock() >= self.deadline:
            raise OutOfTime

    def read_feed(self) -> None:
        """Apply what WoRMS changed since the feed was last read; at the first time every answer is fresh."""
        now = timezone.now()
        sync, is_new = UpstreamSync.objects.get_or_create(name=FEED, defaults={"synced_until": now})
        if is_new:
            return
        start = sync.synced_until - FEED_OVERLAP
        while sync.synced_until < now:
            end = min(sync.synced_until + FEED_WINDOW, now)
            self.read_window(start, end)
            start = sync.synced_until = end
            sync.save(update_fields=["synced_until"])

    def read_window(self, start: datetime, end: datetime) -> None:
        self.in_time()
        page: list[dict] = []
        for row in self.worms.changed_since(start, end):
            page.append(row)
            if len(page) == BATCH:
                self.take_changes(page)
                page = []
                self.in_time()
        self.take_changes(page)

    def take_changes(self, page: list[dict]) -> None:
        held = dict(Taxon.objects.filter(pk__in=[r["AphiaID"] for r in page]).values_list("pk", "worms_modified"))
        for record in page:
            aphia_id = record["AphiaID"]
            if aphia_id in held and held[aphia_id] != str(record.get("modified") or ""):
                self.apply(record)
                Taxon.objects.filter(pk=aphia_id).update(vernaculars_asked_at=None)
                self.done.changes += 1

    def ask_records(self) -> None:
        # Applying an answer can plant taxa above, which are then asked about in their turn.
        while batch := list(_to_ask().most_observed_first().values_list("pk", flat=True)[:BATCH]):
            self.in_time()
            answers = self.worms.records(batch)
            unknown = [aphia_id for aphia_id, record in answers.items() if record is None]
            mark_unknown(unknown)
            self.done.unknown += len(unknown)
            self.done.records += len(unknown)
            for record in answers.values():
                if record is not None:
                    self.apply(record)
                    self.done.records += 1

    def apply(self, record: dict) -> None:
        """Apply one record, after asking for the classification of a neighbour that has no place in the tree."""
        wanted = neighbours_of(record)
        placed = set(Taxon.objects.filter(pk__in=wanted, path__isnull=False).values_list("pk", flat=True))
        chains = []
        for stranger in wanted - placed:
            self.in_time()
            if chain := self.worms.classification(stranger):
                chains.append(chain)
        self.done.observations += apply_record(record, self.run_id, chains)

    def ask_vernaculars(self) -> None:
        while batch := list(_to_name().most_observed_first().values_list("pk", flat=True)[:BATCH]):
            for aphia_id in batch:
                self.in_time()
                answer = self.worms.vernaculars(aphia_id)
                self.done.observations += apply_vernaculars(aphia_id, answer, self.run_id)
                self.done.vernaculars += 1
