"""Complete taxa from WoRMS within a time budget: new ones first, then changes, then common names.

Answers are kept with their date, and "unknown to WoRMS" differs from "not yet requested". After a
failure the next pass continues. Run it after the observations are published, so that it never
delays them.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from species.models import DataVersion, Taxon, UpstreamSync
from species.refresh.fetch.errors import BadAnswer, printable
from species.refresh.fetch.worms import BATCH, UpstreamError, Worms
from species.refresh.storage import is_value_error
from species.refresh.taxonomy.apply_worms import (
    apply_record,
    apply_vernaculars,
    mark_unknown,
    neighbours_of,
)
from species.refresh.taxonomy.enrichment import Enrichment

FEED = "WoRMS"
MOST_FAILED_IN_A_ROW = 3
FEED_WINDOW = timedelta(days=7)  # read and saved at a time
# WoRMS dates the edit, not its publication, so the feed is read with an overlap. Changes applied
# before cost no work.
FEED_OVERLAP = timedelta(days=31)
# The pause of the queue runner after an unusable answer; it is doubled each time.
FIRST_PAUSE, LONGEST_PAUSE, MOST_DOUBLINGS = timedelta(minutes=10), timedelta(days=7), 10


class OutOfTime(Exception):
    """The time budget is used up."""


def run_enrichment(
    run_id: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    *,
    feed: bool = True,
    most_seconds: float = math.inf,
) -> Enrichment:
    """Run one pass with the portal's settings; `say` gets retries.

    `feed=False` only continues with the rest, without taxa that pause after an unusable answer.
    """
    budget = min(settings.ENRICH_BUDGET_SECONDS, most_seconds)
    if number := (_to_ask() | _to_name()).count():
        say(
            f"WoRMS: asking about {number:,} taxa, at most {budget / 60:,.0f} min; later runs do the rest."
        )
    with Worms(
        settings.WORMS_API_URL,
        pace=settings.WORMS_PACE_SECONDS,
        contact=settings.UPSTREAM_CONTACT,
        retries=settings.UPSTREAM_RETRIES,
        on_retry=lambda reason, pause: say(f"WoRMS: {reason}; asking again in {pause:.0f} s"),
    ) as worms:
        return enrich_taxa(worms, budget_seconds=budget, run_id=run_id, feed=feed)


def is_waiting() -> bool:
    """Return whether a taxon is waiting whose pause is over."""
    return any(waiting.exclude(pausing()).exists() for waiting in (_to_ask(), _to_name()))


def enrich_taxa(
    worms: Worms,
    *,
    budget_seconds: float,
    run_id: int | None = None,
    feed: bool = True,
    clock: Callable[[], float] = time.monotonic,
) -> Enrichment:
    """Request new taxa, the feed of changes and common names, until the time is up."""
    worker = _Pass(worms, run_id, clock() + budget_seconds, clock, asks_all=feed)
    try:
        worker.ask_records()
        if feed:
            worker.read_feed()
            worker.ask_records()  # of taxa that the changes brought into the tree
        worker.ask_vernaculars()
    except OutOfTime:
        worker.done.ended_early = f"the time budget of {budget_seconds:,.0f} s is used up."
        worker.done.is_out_of_time = True
    except UpstreamError as error:
        worker.done.ended_early = str(error)
    worker.done.unusable += worms.unusable_changes
    if worker.done.vernaculars:
        DataVersion.advance()  # once for all: searches by common name may find other taxa
    worker.done.left_records, worker.done.left_vernaculars = _to_ask().count(), _to_name().count()
    return worker.done


def pausing() -> Q:
    """Return the condition of taxa that must not be requested yet."""
    return Q(worms_retry_at__gt=timezone.now())


def _to_ask() -> Any:
    return Taxon.objects.filter(worms_asked_at__isnull=True)


def _to_name() -> Any:
    return Taxon.objects.filter(
        worms_found=True, vernaculars_asked_at__isnull=True, accepted__isnull=True
    )


class _Pass:
    """One pass: client, deadline and counts. Its methods raise OutOfTime or UpstreamError."""

    def __init__(
        self,
        worms: Worms,
        run_id: int | None,
        deadline: float,
        clock: Callable[[], float],
        *,
        asks_all: bool,
    ):
        self.worms, self.run_id, self.deadline, self.clock = worms, run_id, deadline, clock
        self.asks_all = asks_all  # also taxa that pause after an answer that could not be used
        self.done = Enrichment()
        # taxa with unusable answers, for the next pass
        self.set_aside: set[int] = set()
        self.failed_in_a_row = 0

    @contextmanager
    def each(self, aphia_id: int) -> Iterator[None]:
        """Set a taxon aside if its answer cannot be used or stored.

        Several outages in a row are raised.
        """
        try:
            yield
        except (UpstreamError, DatabaseError) as error:
            is_outage = isinstance(error, UpstreamError) and not isinstance(error, BadAnswer)
            self.failed_in_a_row += is_outage
            if self.failed_in_a_row >= MOST_FAILED_IN_A_ROW or (
                isinstance(error, DatabaseError) and not is_value_error(error)
            ):
                raise
            self.pass_over(aphia_id, printable(str(error)))
        else:
            self.failed_in_a_row = 0

    def pass_over(self, aphia_id: int, reason: str) -> None:
        """Set a taxon aside for the next pass, and count it."""
        self.set_aside.add(aphia_id)
        self.pause(aphia_id)
        self.done.unusable += 1
        self.done.first_unusable = (
            self.done.first_unusable or f"AphiaID {aphia_id}: {reason}".rstrip(".")
        )

    def pause(self, aphia_id: int) -> None:
        """Let the queue runner wait, twice as long each time; a refresh retries at once."""
        failures = (
            Taxon.objects.filter(pk=aphia_id).values_list("worms_failures", flat=True).first() or 0
        )
        pause = min(FIRST_PAUSE * 2 ** min(failures, MOST_DOUBLINGS), LONGEST_PAUSE)
        Taxon.objects.filter(pk=aphia_id).update(
            worms_failures=min(failures, MOST_DOUBLINGS) + 1, worms_retry_at=timezone.now() + pause
        )

    def in_time(self) -> None:
        """Raise OutOfTime after the deadline."""
        if self.clock() >= self.deadline:
            raise OutOfTime

    def read_feed(self) -> None:
        """Apply the changes since the feed was last read; the first time there are none."""
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
        """Apply the changes between two moments."""
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
        """Apply those changes of a page that are new for stored taxa."""
        held = dict(
            Taxon.objects.filter(pk__in=[r["AphiaID"] for r in page]).values_list(
                "pk", "worms_modified"
            )
        )
        for record in page:
            aphia_id = record["AphiaID"]
            if aphia_id in held and held[aphia_id] != str(record.get("modified") or ""):
                with self.each(aphia_id):
                    self.apply(record)
                    Taxon.objects.filter(pk=aphia_id).update(vernaculars_asked_at=None)
                    self.done.changes += 1

    def ask_records(self) -> None:
        # Applying an answer can add taxa, which are then requested in turn.
        """Request the records of new taxa; applying them can add further taxa."""
        while batch := self.next_of(_to_ask(), BATCH):
            self.in_time()
            answers = self.ask_about(batch)
            unknown = [aphia_id for aphia_id, record in answers.items() if record is None]
            mark_unknown(unknown)
            self.done.unknown += len(unknown)
            self.done.records += len(unknown)
            for aphia_id in batch:
                if record := answers.get(aphia_id):
                    with self.each(aphia_id):
                        self.apply(record)
                        self.done.records += 1
                elif aphia_id not in answers and aphia_id not in self.set_aside:
                    self.pass_over(aphia_id, "its record cannot be used")

    def next_of(self, waiting: Any, most: int) -> list[int]:
        """Return the most observed of the waiting taxa."""
        waiting = waiting.exclude(pk__in=self.set_aside)
        if not self.asks_all:
            waiting = waiting.exclude(pausing())
        return list(waiting.most_observed_first().values_list("pk", flat=True)[:most])

    def ask_about(self, batch: list[int]) -> dict[int, dict | None]:
        """Return the records of a batch; if it fails as a whole, request each taxon alone."""
        with suppress(UpstreamError):
            return self.worms.records(batch)
        answers: dict[int, dict | None] = {}
        for aphia_id in batch:
            self.in_time()
            with self.each(aphia_id):
                answers |= self.worms.records([aphia_id])
        return answers

    def apply(self, record: dict) -> None:
        """Apply a record, and first request the classification of a neighbour not in the tree."""
        wanted = neighbours_of(record)
        placed = set(
            Taxon.objects.filter(pk__in=wanted, path__isnull=False).values_list("pk", flat=True)
        )
        chains = []
        for stranger in wanted - placed:
            self.in_time()
            if chain := self.worms.classification(stranger):
                chains.append(chain)
        self.done.observations += apply_record(record, self.run_id, chains)

    def ask_vernaculars(self) -> None:
        """Request the common names of accepted taxa."""
        while batch := self.next_of(_to_name(), BATCH):
            for aphia_id in batch:
                self.in_time()
                with self.each(aphia_id):
                    answer = self.worms.vernaculars(aphia_id)
                    self.done.observations += apply_vernaculars(aphia_id, answer, self.run_id)
                    self.done.vernaculars += 1
