"""Import one dataset page by page; each page is committed together with the cursor behind it."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from species.models import (
    BlockedKey,
    CuratedObservation,
    Dataset,
    DatasetVisit,
    DatasetWalk,
    DataVersion,
    RefreshRun,
    WalkedRecord,
    add_up,
)
from species.refresh.clean.clean_record import clean_record
from species.refresh.clean.datasets import read_state
from species.refresh.fetch.errors import DatasetFault
from species.refresh.fetch.page_parser import PageRequest
from species.refresh.prefetch import (
    FirstPage,
    NextDataset,
    PreparedPage,
    prefetch_pages,
    prepare_page,
)
from species.refresh.publish_dataset import publish_dataset
from species.refresh.run_context import RunContext
from species.refresh.write.erase import erase_observations
from species.refresh.write.load import create_temporary_tables, load_slice
from species.refresh.write.target import ImportTarget, Tally
from species.rules import RULE_SET_VERSION

MOST_RESTARTS = 3
PUBLISHED = ("added", "changed", "returned")
COUNTED = RefreshRun.COUNTED


def import_dataset(
    dataset: Dataset,
    context: RunContext,
    begun: "Future[FirstPage] | None" = None,
    upcoming: NextDataset | None = None,
) -> DatasetVisit:
    """Update one dataset and return its visit. Raises UpstreamError, UnknownTerm.

    `begun` is its first page if it is being fetched already; `upcoming` is the dataset to prefetch
    at the end of this one.
    """
    visit, _ = DatasetVisit.objects.get_or_create(run=context.run, dataset=dataset)
    opening = begun.result() if begun else None
    for _ in range(MOST_RESTARTS):
        walk = open_walk(dataset, context, opening)
        count_earlier_runs(walk, visit)
        if not import_pages(walk, dataset, visit, context, opening, upcoming):
            return close_visit(visit, "bounded")
        opening = None
        if fetch_state(dataset, context) == walk.updated:
            outcome = publish_dataset(walk, dataset, visit, context)
            close_visit(visit, outcome)
            context.changed(
                sum(getattr(visit, name) for name in (*PUBLISHED, "withdrawn"))
                if walk.is_staged
                else 0
            )
            return visit
        abandon_walk(walk, visit, context)
        # Its pages would delay those of the new walk in the second process.
        if upcoming and upcoming.opening:
            context.drop_pages()
            upcoming.opening = None
            upcoming = None
        context.note(f"{dataset.title}: OBIS re-published it in mid-walk; the walk began anew.")
    raise DatasetFault(f"OBIS re-published {dataset.title} again and again while it was read.")


def plan_next_dataset(dataset: Dataset, context: RunContext) -> NextDataset | None:
    """Return how to prefetch a dataset; None if it may not be reached or is to be resumed."""
    if (
        context.pages_left is not None
        or DatasetWalk.objects.filter(dataset=dataset, scope=context.scope).exists()
    ):
        return None
    read = page_reader(dataset, context, mostly_new=not must_be_staged(dataset, context))
    return NextDataset(lambda: FirstPage(fetch_state(dataset, context), read(None)))


def open_walk(
    dataset: Dataset, context: RunContext, opening: FirstPage | None = None
) -> DatasetWalk:
    """Return the walk to resume if its cursor is still valid, or a new one."""
    walk = DatasetWalk.objects.filter(dataset=dataset, scope=context.scope).first()
    # The plan may be hours old, a cursor months.
    updated = opening.state if opening else fetch_state(dataset, context)
    if walk:
        valid = walk.updated == updated and walk.rule_set_version == RULE_SET_VERSION
        if context.resume and valid and not walk.is_complete:
            return walk
        walk.delete()
    return DatasetWalk.objects.create(
        dataset=dataset,
        scope=context.scope,
        updated=updated,
        is_staged=must_be_staged(dataset, context),
        rule_set_version=RULE_SET_VERSION,
    )


def count_earlier_runs(walk: DatasetWalk, visit: DatasetVisit) -> None:
    """Add the counts of earlier runs that read the first pages of this walk."""
    runs = {"run__lt": visit.run_id, "run__scope": walk.scope_id, "run__is_dry_run": False}
    earlier = visit.dataset.visits.filter(**runs, run__seen_at__gte=walk.began_at)
    counts = add_up(former.counts for former in earlier) if walk.after else {}
    if counts != visit.earlier:
        visit.earlier = counts
        visit.save(update_fields=["earlier"])


def must_be_staged(dataset: Dataset, context: RunContext) -> bool:
    """Return whether records stay hidden until the whole dataset was read.

    A dry run stages, too: rows that readers see are then locked only at its end.
    """
    return context.run.is_dry_run or CuratedObservation.objects.filter(dataset=dataset).exists()


def fetch_state(dataset: Dataset, context: RunContext) -> str:
    """Return OBIS's current `updated` of a dataset."""
    listed = context.obis.dataset(str(dataset.uuid))
    return read_state(listed or {})


def page_reader(
    dataset: Dataset, context: RunContext, *, mostly_new: bool
) -> Callable[[str | None], PreparedPage]:
    """Return a function that fetches and prepares the page after an id."""
    uuid, parser, keep = dataset.uuid, context.parser, settings.KEEP_RECORDS_AS_RECEIVED
    size, scope = context.page_size, context.scope.parameters

    def prepare_body(body: bytearray, request: PageRequest) -> PreparedPage:
        return prepare_page(body, request, clean=mostly_new, keep=keep, parser=parser)

    def read(after: str | None) -> PreparedPage:
        return context.obis.occurrences(
            str(uuid), after=after, size=size, scope=scope, read=prepare_body
        )

    return read


def import_pages(
    walk: DatasetWalk,
    dataset: Dataset,
    visit: DatasetVisit,
    context: RunContext,
    opening: FirstPage | None = None,
    upcoming: NextDataset | None = None,
) -> bool:
    """Import pages up to the empty one at the end; False if the bound on pages came first."""
    target = ImportTarget(
        run_id=context.run.pk,
        dataset=dataset,
        walk=walk,
        now=timezone.now(),
        clean=partial(clean_record, keep=settings.KEEP_RECORDS_AS_RECEIVED),
        shares_ids=dataset.shares_occurrence_ids,
        has_blocked_keys=BlockedKey.objects.exists(),
    )
    read = page_reader(dataset, context, mostly_new=not walk.is_staged)
    if context.pages_left == 0:
        return False
    first = opening.page if opening and not walk.after else None
    for current in prefetch_pages(read, walk.after or None, context.pages_left, first, upcoming):
        if not current.head.records:
            walk.announced = current.head.total if walk.announced is None else walk.announced
            return True
        context.changed(commit_page(current, target, visit, context))
        if context.pages_left is not None:
            context.pages_left -= 1
        context.on_page(dataset, visit)
    return False


def commit_page(
    read: PreparedPage, target: ImportTarget, visit: DatasetVisit, context: RunContext
) -> int:
    """Commit a page with its counts and cursor; return how many published records changed."""
    head, walk, dataset = read.head, target.walk, target.dataset
    announced = head.total if walk.announced is None else walk.announced
    with transaction.atomic():
        with connection.cursor() as cursor:
            create_temporary_tables(cursor)
            # Rows and cursor are one transaction: after a crash the page is read again.
            cursor.execute("SET LOCAL synchronous_commit = off")
        tally = Tally()
        for records in read.slices:
            tally.add(load_slice(records, target))
        tally.outcomes["fetched"] += head.records
        after = head.last_id or walk.after
        DatasetWalk.objects.filter(pk=walk.pk).update(after=after, announced=announced)
        if target.shares_ids and not dataset.shares_occurrence_ids:
            dataset.shares_occurrence_ids = True
            dataset.save(update_fields=["shares_occurrence_ids"])
        visit.announced = announced
        add_to_counters(visit, context.run, tally)
        RefreshRun.objects.filter(pk=context.run.pk).update(
            pages=F("pages") + 1,
            bytes=F("bytes") + head.size,
            seen_at=timezone.now(),
            cursor={"dataset": str(dataset.uuid), "after": after},
        )
        if tally.is_published:
            DataVersion.advance()
    walk.after, walk.announced = after, announced
    return 0 if walk.is_staged else sum(tally.outcomes[name] for name in PUBLISHED)


def add_to_counters(visit: DatasetVisit, run: RefreshRun, tally: Tally) -> None:
    """Add a tally to the visit and the run, in the transaction of the page."""
    for name in COUNTED:
        setattr(visit, name, getattr(visit, name) + tally.outcomes[name])
    visit.reasons = dict(Counter(visit.reasons) + tally.reasons)
    visit.save()
    RefreshRun.objects.filter(pk=run.pk).update(
        **{name: F(name) + tally.outcomes[name] for name in COUNTED}
    )


def abandon_walk(walk: DatasetWalk, visit: DatasetVisit, context: RunContext) -> None:
    """Delete a walk and the counts of its staged records.

    The counts of a first load stay, as its records are published already.
    """
    with transaction.atomic():
        if walk.is_staged:
            RefreshRun.objects.filter(pk=context.run.pk).update(
                **{name: F(name) - getattr(visit, name) for name in COUNTED}
            )
            for name in COUNTED:
                setattr(visit, name, 0)
            visit.reasons = {}
            visit.save()
        else:
            erase_doubles(walk)
        walk.delete()


def erase_doubles(walk: DatasetWalk) -> None:
    """Erase records that a first load met under an old and a new OBIS id."""
    told_apart = WalkedRecord.objects.filter(walk=walk, base__isnull=False).values("key")
    doubles = CuratedObservation.objects.filter(
        dataset=walk.dataset, key__in=told_apart, occurrence_id__isnull=False
    )
    if keys := list(doubles.values_list("key", flat=True)):
        erase_observations(walk.dataset, keys)


def close_visit(visit: DatasetVisit, outcome: str) -> DatasetVisit:
    """Save the outcome of a visit and return it."""
    visit.outcome = outcome
    visit.save(update_fields=["outcome"])
    return visit
