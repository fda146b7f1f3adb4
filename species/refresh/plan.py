"""Choose the datasets of a run and estimate its cost before anything is fetched."""

import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from species.models import (
    Dataset,
    DatasetVisit,
    RefreshMode,
    RefreshRun,
    RefreshScope,
    RunState,
    add_up,
)
from species.refresh.clean.datasets import has_uuid, read_dataset
from species.refresh.fetch.obis import Obis, UnknownTerm
from species.refresh.options import Options
from species.refresh.publish_dataset import COMPLETE, FAILED, SHORT
from species.refresh.write.datasets import register_datasets
from species.terms import Source

BYTES_PER_RECORD_SENT = 4_500  # of JSON, as OBIS sends it
# row, indexes and the packed record; `make bench-refresh` prints the present figure
BYTES_PER_RECORD_STORED = 1_700
RECORDS_PER_SECOND = 1_000  # a guess for the first run; later runs know better
REGISTERED_AT_ONCE = 100
CHAIN_LASTS = timedelta(days=30)  # older unfinished runs are not continued


@dataclass(slots=True)
class Plan:
    """The datasets to import, in order, and the estimates."""

    datasets: list[Dataset]
    records: int
    seconds: float
    notes: list[str] = field(default_factory=list)
    never_fetched: int = 0
    missing: list[Dataset] = field(default_factory=list)  # stored, but not listed by OBIS
    # stored, but not listed in the portal's own scope
    outside: list[Dataset] = field(default_factory=list)

    @property
    def bytes_sent(self) -> int:
        """Return the estimated size of the JSON."""
        return self.records * BYTES_PER_RECORD_SENT

    @property
    def bytes_stored(self) -> int:
        """Return the estimated disk space."""
        return self.records * BYTES_PER_RECORD_STORED

    def words(self) -> str:
        """Return the estimates as a sentence."""
        free = free_disk()
        disk = f"{self.bytes_stored / 1e9:,.1f} GB of disk ({f'{free / 1e9:,.0f} GB free' if free else 'unknown'})"
        return (
            f"About to read {len(self.datasets):,} dataset(s), about {self.records:,} records,"
            f" {self.bytes_sent / 1e9:,.1f} GB to fetch, {self.seconds / 3600:,.1f} h, at most {disk}."
        )

    def too_much(self) -> str:
        """Return why `--yes` is required, or ""."""
        if self.records > settings.MAX_UNCONFIRMED_RECORDS:
            return f"{self.records:,} records are more than {settings.MAX_UNCONFIRMED_RECORDS:,}"
        free = free_disk()
        if free is not None and self.bytes_stored > free:
            return f"{self.bytes_stored / 1e9:,.1f} GB do not fit on the disk, where {free / 1e9:,.1f} GB are free"
        return ""


def make_plan(
    obis: Obis, options: Options, run: RefreshRun, scope: RefreshScope, now: datetime
) -> Plan:
    """Read the list of datasets and choose from it. Raises UpstreamError."""
    listed = list_datasets(obis, options, scope, now, run)
    chosen, notes = listed, list[str]()
    if options.mode == RefreshMode.INCREMENTAL and not options.is_one_off:
        chosen, notes = choose_updated(listed, options, now)
    visits = visited_in_chain(run, scope) if options.resume else []
    done = {visit.dataset_id for visit in visits}
    run.earlier = add_up(visit.totals for visit in visits)
    chosen = last_if_failed([row for row in chosen if row.pk not in done])
    if done:
        notes.append(f"Going on from an earlier run: {len(done):,} dataset(s) are done.")
    held_back = [row for row in chosen if row.held_back and is_waiting(row, scope)]
    if options.mode == RefreshMode.INCREMENTAL:
        chosen = [row for row in chosen if row not in held_back]
        notes += [
            f"{row.title}: still waits for --accept-withdrawals {row.uuid}. {row.held_back}"
            for row in held_back
        ]
    plan = Plan(chosen, count_records(obis, chosen, options, scope), 0.0, notes)
    if not options.dataset_ids:
        known = {str(row.uuid) for row in listed}
        plan.notes += [
            f"OBIS does not know dataset {uuid}, which REFRESH_SCOPE names; it is left out."
            for uuid in portals_datasets()
            if uuid not in known
        ]
    if obis.unusable_datasets:
        plan.notes.append(
            f"OBIS lists {obis.unusable_datasets:,} dataset(s) without a usable id; they are left out."
        )
    plan.seconds = plan.records / known_rate()
    plan.never_fetched = sum(row.refreshed_at is None for row in chosen)
    whole_list = (
        not options.dataset_ids and not settings.REFRESH_SCOPE["datasetid"] and scope.is_whole
    )
    if whole_list and not options.pages:
        plan.missing = missing_datasets(listed)
    elif not (options.is_one_off or options.dataset_ids or options.pages):
        plan.outside = missing_datasets(listed)
    return plan


def list_datasets(
    obis: Obis, options: Options, scope: RefreshScope, now: datetime, run: RefreshRun
) -> list[Dataset]:
    """Return the datasets in question, stored as OBIS lists them now. Raises UnknownTerm."""
    wanted = options.dataset_ids or portals_datasets()
    if not wanted:
        return register_in_batches(obis.datasets(scope.parameters), now, run)
    answers = {uuid: obis.dataset(uuid) for uuid in wanted}
    # A run for unknown datasets must fail, whether they are stored or not.
    if unknown := [uuid for uuid in options.dataset_ids if not answers[uuid]]:
        raise UnknownTerm(tuple(f"datasetid={uuid}" for uuid in unknown))
    return register_in_batches(filter(None, answers.values()), now, run)


def portals_datasets() -> tuple[str, ...]:
    """Return the ids of the datasets that the portal is limited to; empty if it is not."""
    return tuple(
        str(UUID(part.strip()))
        for part in settings.REFRESH_SCOPE["datasetid"].split(",")
        if part.strip()
    )


def register_in_batches(
    listed: Iterable[Mapping[str, Any]], now: datetime, run: RefreshRun
) -> list[Dataset]:
    """Store the listed datasets, REGISTERED_AT_ONCE at a time; return their rows."""
    rows: list[Dataset] = []
    given = map(read_dataset, filter(has_uuid, listed))
    while batch := list(islice(given, REGISTERED_AT_ONCE)):
        rows += register_datasets(batch, now, run.pk, dry_run=run.is_dry_run)
    return rows


def choose_updated(
    listed: list[Dataset], options: Options, now: datetime
) -> tuple[list[Dataset], list[str]]:
    """Return datasets updated since their last import and new ones in the window, and notes."""
    notes = []
    if options.end_date and options.end_date < now.date():
        notes.append(
            "OBIS tells only each dataset's latest update: earlier ones in this window cannot be seen."
        )
    window = (str(options.start_date), f"{options.end_date}T99")
    changed = [row for row in listed if row.refreshed_at and row.updated != row.refreshed_state]
    tried = Q(
        visits__outcome__in=(SHORT, FAILED),
        visits__run__scope__is_standing=True,
        visits__run__is_dry_run=False,
    )
    unfinished = Dataset.objects.filter(Q(walks__isnull=False) | tried, refreshed_at=None)
    begun = set(unfinished.values_list("pk", flat=True))
    fresh = [
        row
        for row in listed
        if not row.refreshed_at
        and (
            row.pk in begun
            or options.pages
            or options.dataset_ids
            or window[0] <= row.updated <= window[1]
        )
    ]
    return sorted(changed + fresh, key=lambda row: str(row.uuid)), notes


def last_if_failed(chosen: list[Dataset]) -> list[Dataset]:
    """Return the datasets with those at the end whose last visit failed."""
    last = (
        DatasetVisit.objects.filter(dataset__in=chosen)
        .order_by("dataset_id", "-pk")
        .distinct("dataset_id")
    )
    failed = {
        dataset
        for dataset, outcome in last.values_list("dataset_id", "outcome")
        if outcome == FAILED
    }
    return sorted(chosen, key=lambda row: row.pk in failed)


def visited_in_chain(run: RefreshRun, scope: RefreshScope) -> list[DatasetVisit]:
    """Return the finished visits of unfinished earlier runs that this run continues."""
    previous = (
        RefreshRun.objects.filter(
            mode=run.mode,
            scope=scope,
            is_dry_run=False,
            chain_began_at__gte=timezone.now() - CHAIN_LASTS,
        )
        .exclude(pk=run.pk)
        .filter(same_datasets(run))
        .filter(
            Q(window_start=run.window_start) & Q(window_end=run.window_end)
            | Q(mode=RefreshMode.FULL)
        )
        .order_by("-pk")
        .first()
    )
    if previous is None or previous.is_complete:
        return []
    run.chain_began_at = previous.chain_began_at
    visits = DatasetVisit.objects.filter(
        run__chain_began_at=run.chain_began_at,
        run__scope=scope,
        run__mode=run.mode,
        run__is_dry_run=False,
    ).exclude(outcome__in=("", "bounded", FAILED))
    news = Q(outcome=COMPLETE) & ~Q(dataset__updated=F("dataset__refreshed_state"))
    return list(visits.exclude(news))


def same_datasets(run: RefreshRun) -> Q:
    """Return the condition that a run was limited to the same datasets."""
    asked = run.options.get("dataset_ids")
    return Q(options__dataset_ids=asked) if asked else Q(options__dataset_ids__isnull=True)


def is_waiting(dataset: Dataset, scope: RefreshScope) -> bool:
    """Return whether a state that was held back is still OBIS's current one."""
    return dataset.walks.filter(scope=scope, is_complete=True, updated=dataset.updated).exists()


def missing_datasets(listed: list[Dataset]) -> list[Dataset]:
    """Return stored datasets with records that OBIS no longer lists."""
    held = Dataset.objects.filter(source=Source.OBIS).filter(
        Q(published_count__gt=0) | Q(absent_count__gt=0)
    )
    return list(held.exclude(pk__in=[row.pk for row in listed]))


def count_records(obis: Obis, chosen: list[Dataset], options: Options, scope: RefreshScope) -> int:
    """Return about how many records will be read."""
    if not chosen:
        return 0
    if options.pages and any(row.announced_count is None for row in chosen):
        return options.pages * options.page_size
    if not scope.is_whole and not options.pages:
        return obis.count(None, scope.parameters)
    # OBIS nearly always announces a number; otherwise request a count.
    announced = (
        obis.count(str(row.uuid)) if row.announced_count is None else row.announced_count
        for row in chosen
    )
    return min(sum(announced), options.pages * options.page_size if options.pages else sys.maxsize)


def known_rate() -> float:
    """Return the records per second of earlier runs."""
    done = RefreshRun.objects.filter(state=RunState.DONE, fetched__gt=1_000, is_dry_run=False)
    sums = done.aggregate(n=Sum("fetched"), t=Sum(F("finished_at") - F("started_at")))
    seconds = (sums["t"] or timedelta()).total_seconds()
    return sums["n"] / seconds if seconds else RECORDS_PER_SECOND


def free_disk() -> int | None:
    """Return the free bytes of the database's disk; None if it is on another machine or unknown."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('data_directory')")
            folder = Path(cursor.fetchone()[0])
    except DatabaseError:
        return None
    is_here = settings.DATABASES["default"]["HOST"] in ("", "localhost", "127.0.0.1", "::1")
    while is_here and not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free if is_here else None
