"""Publish a completely read dataset and withdraw missing records, in one transaction."""

from collections import Counter

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from species.density.maintain import keep_in_sync
from species.models import (
    CuratedObservation,
    Dataset,
    DatasetVisit,
    DatasetWalk,
    DataVersion,
    RefreshRun,
    RefreshScope,
    StagedObservation,
    WalkedRecord,
)
from species.refresh.run_context import RunContext
from species.refresh.write.publish import PUBLISHED_COLUMNS, publish_rows, withdraw_rows
from species.terms import Finding

COMPLETE, SHORT, HELD_BACK, FAILED = "complete", "short", "held back", "failed"
ANNOUNCED_TOLERANCE = 0.01  # OBIS's totals are approximate
MANY_WALKED = 1_000  # from here on the database should know how many there are
GONE, OUTSIDE = "gone_from_source", "outside_the_scope"

# Rows `o` of the dataset that this walk should have met, and did not meet as accepted records.
UNMET = """
    coalesce(nullif(w.reason, ''), %(gone)s) AS reason
    FROM species_curatedobservation o LEFT JOIN species_walkedrecord w ON w.walk_id = %(walk)s AND w.key = o.key
    WHERE o.dataset_id = %(dataset)s AND o.withdrawn_at IS NULL AND (w.key IS NULL OR w.reason <> '')
      AND (%(all_scopes)s OR o.scope_id = ANY(%(scopes)s))
"""


def publish_dataset(
    walk: DatasetWalk, dataset: Dataset, visit: DatasetVisit, context: RunContext
) -> str:
    """Publish a complete walk, or hold it back; return the outcome of the visit."""
    seen = WalkedRecord.objects.filter(walk=walk).count()
    if seen > MANY_WALKED:
        analyze_walked_records()
    short = walk.announced is not None and seen < walk.announced * (1 - ANNOUNCED_TOLERANCE)
    if short:
        context.note(
            f"{dataset.title}: only {seen:,} of {walk.announced:,} announced records came; nothing is withdrawn."
        )
    withdraws = context.is_standing and not short
    objection = (
        object_to_withdrawals(walk, dataset, seen, context)
        if withdraws
        else object_to_additions(walk, dataset, seen)
    )
    if objection:
        return hold_back(walk, dataset, objection, context, withdraws)
    scopes = former_scopes(walk, dataset, context) if withdraws else []
    publish_walk(walk, dataset, visit, context.run, withdraws, scopes)
    return SHORT if short else COMPLETE


def analyze_walked_records() -> None:
    """Update PostgreSQL's statistics, without which it takes the walk for empty and plans badly."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE species_walkedrecord")


def object_to_withdrawals(
    walk: DatasetWalk, dataset: Dataset, seen: int, context: RunContext
) -> str:
    """Return why the safety threshold forbids these withdrawals, or ""."""
    # a first load has raised them since
    dataset.refresh_from_db(fields=["published_count", "absent_count"])
    held = dataset.published_count + dataset.absent_count
    if not seen and held:
        return f"OBIS answers no records, {held:,} are held"
    if dataset.refreshed_at is None:
        return ""
    gone = count_unmet(walk, [walk.scope_id])
    if gone > settings.WITHDRAWAL_COUNT_LIMIT and gone > settings.WITHDRAWAL_SHARE_LIMIT * held:
        return f"{gone:,} of {held:,} records would be withdrawn"
    return ""


def object_to_additions(walk: DatasetWalk, dataset: Dataset, seen: int) -> str:
    """Return why a partial walk must not add so many records, or "".

    Renamed records would otherwise be on the map twice.
    """
    if not walk.is_staged or dataset.refreshed_state == walk.updated:
        return ""
    if twins := count_twins(walk):
        return f"{twins:,} records seem to be held under other occurrenceIDs; refresh the whole dataset to take them in"
    if dataset.refreshed_at is None:
        return ""
    held = CuratedObservation.objects.filter(dataset=dataset, key=OuterRef("key"))
    # NOT EXISTS, since PostgreSQL compares NOT IN row by row once the list outgrows its memory.
    added = StagedObservation.objects.filter(~Exists(held), walk=walk).count()
    if added > settings.WITHDRAWAL_COUNT_LIMIT and added > settings.WITHDRAWAL_SHARE_LIMIT * seen:
        return f"{added:,} of {seen:,} records look new in a part of it; refresh the whole dataset to take them in"
    return ""


def count_twins(walk: DatasetWalk) -> int:
    """Return how many new records look like rows that the walk should have met.

    They share taxon, place and date.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH new AS MATERIALIZED (
                SELECT s.taxon_id, s.location, coalesce(s.event_date, '') AS date FROM species_stagedobservation s
                LEFT JOIN species_curatedobservation o ON o.key = s.key AND o.dataset_id = %(dataset)s
                WHERE s.walk_id = %(walk)s AND o.key IS NULL)
            , lost AS MATERIALIZED (
                SELECT o.taxon_id, o.location, coalesce(o.event_date, '') AS date FROM species_curatedobservation o
                LEFT JOIN species_walkedrecord w ON w.walk_id = %(walk)s AND w.key = o.key
                WHERE o.dataset_id = %(dataset)s AND o.withdrawn_at IS NULL AND w.key IS NULL)
            SELECT count(*) FROM new WHERE (taxon_id, location, date) IN (SELECT taxon_id, location, date FROM lost)
            """,
            {"walk": walk.pk, "dataset": walk.dataset_id},
        )
        return cursor.fetchone()[0]


def count_unmet(walk: DatasetWalk, scopes: list[int]) -> int:
    """Return how many rows the walk should have met."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT {UNMET}) rows", unmet_values(walk, scopes))  # noqa: S608
        return cursor.fetchone()[0]


def unmet_values(walk: DatasetWalk, scopes: list[int], reason: str = GONE) -> dict:
    """Return the parameters of UNMET."""
    whole = walk.scope.is_whole and reason == GONE
    return {
        "walk": walk.pk,
        "dataset": walk.dataset_id,
        "all_scopes": whole,
        "scopes": scopes,
        "gone": reason,
    }


def hold_back(
    walk: DatasetWalk, dataset: Dataset, objection: str, context: RunContext, withdraws: bool
) -> str:
    """Keep the last complete state published and note why.

    A staged state of the whole dataset waits for `--accept-withdrawals`.
    """
    context.note(f"{dataset.title}: {objection}. Nothing was changed; dataset {dataset.uuid}.")
    with transaction.atomic():
        if withdraws:
            DatasetWalk.objects.filter(pk=walk.pk).update(is_complete=True)
            dataset.held_back = f"{objection[:1].upper()}{objection[1:]}."
            dataset.save(update_fields=["held_back"])
        else:
            walk.delete()
    return HELD_BACK


def former_scopes(walk: DatasetWalk, dataset: Dataset, context: RunContext) -> list[int]:
    """Return the earlier standing scopes whose records may be withdrawn, if the operator agreed."""
    others = list(
        RefreshScope.objects.filter(is_standing=True)
        .exclude(pk=walk.scope_id)
        .values_list("pk", flat=True)
    )
    if walk.scope.is_whole or not others:
        return []
    outside = count_unmet(walk, others)
    if outside and not context.may_narrow:
        context.note(
            f"{dataset.title}: {outside:,} records lie outside the portal's scope now; --yes withdraws them."
        )
        return []
    return others if outside else []


def publish_walk(
    walk: DatasetWalk,
    dataset: Dataset,
    visit: DatasetVisit,
    run: RefreshRun,
    withdraws: bool,
    former: list[int],
) -> None:
    """Make all changes that end a walk, in one transaction."""
    now = timezone.now()
    columns = ", ".join(PUBLISHED_COLUMNS)
    is_news = walk.is_staged and StagedObservation.objects.filter(walk=walk).exists()
    with transaction.atomic(), connection.cursor() as cursor:
        if is_news:
            staged = (
                f"(SELECT {columns} FROM species_stagedobservation WHERE walk_id = {int(walk.pk)})"  # noqa: S608
            )
            publish_rows(cursor, staged, dataset.pk, walk.scope_id, run.pk, now)
        if withdraws:
            reasons = withdraw_unmet(cursor, walk, [walk.scope_id], GONE, run, now)
            if former:
                reasons += withdraw_unmet(cursor, walk, former, OUTSIDE, run, now)
            count_withdrawn(visit, run, reasons)
            is_news |= bool(reasons)
            adopt_records(cursor, walk)
            mark_refreshed(dataset, walk, now)
        if dataset.shares_occurrence_ids:
            is_news |= mark_shared_ids(cursor, dataset)
        walk.delete()
        if is_news:
            DataVersion.advance()


def withdraw_unmet(
    cursor, walk: DatasetWalk, scopes: list[int], reason: str, run: RefreshRun, now
) -> Counter[str]:
    """Withdraw rows that the walk did not meet; return their number by reason."""
    values = unmet_values(walk, scopes, reason)
    cursor.execute(f"SELECT reason, count(*) FROM (SELECT {UNMET}) rows GROUP BY reason", values)  # noqa: S608
    reasons = Counter(dict(cursor.fetchall()))
    if reasons:
        withdraw_rows(cursor, UNMET, walk.dataset_id, run.pk, now, values)
    return reasons


def count_withdrawn(visit: DatasetVisit, run: RefreshRun, reasons: Counter[str]) -> None:
    """Add withdrawals to the visit and the run."""
    gone = sum(reasons.values())
    visit.withdrawn += gone
    visit.reasons = dict(
        Counter(visit.reasons) + Counter({f"withdrawn: {name}": n for name, n in reasons.items()})
    )
    visit.save()
    RefreshRun.objects.filter(pk=run.pk).update(withdrawn=F("withdrawn") + gone)


def adopt_records(cursor, walk: DatasetWalk) -> None:
    """Assign the records that a standing walk has met to its scope."""
    cursor.execute(
        """
        UPDATE species_curatedobservation o SET scope_id = %(scope)s FROM species_walkedrecord w
        WHERE w.walk_id = %(walk)s AND w.reason = '' AND o.key = w.key AND o.dataset_id = %(dataset)s
          AND o.scope_id <> %(scope)s
        """,
        {"scope": walk.scope_id, "walk": walk.pk, "dataset": walk.dataset_id},
    )


def mark_shared_ids(cursor, dataset: Dataset) -> bool:
    """Update the finding OCCURRENCE_ID_SHARED of a dataset; return whether a row changed."""
    # One pass over the dataset, whatever the planner believes of its size: a join with itself may
    # take n * n steps.
    marked = """
        FROM (SELECT *, count(*) OVER (PARTITION BY btrim(occurrence_id)) AS n FROM species_curatedobservation
              WHERE dataset_id = %(dataset)s AND withdrawn_at IS NULL AND occurrence_id IS NOT NULL) o
        WHERE (o.findings & %(bit)s <> 0) <> (o.n > 1)"""
    values = {"dataset": dataset.pk, "bit": int(Finding.OCCURRENCE_ID_SHARED)}
    with keep_in_sync(cursor, marked, values):
        cursor.execute(
            f"""
            WITH marked AS MATERIALIZED (SELECT o.id {marked})
            UPDATE species_curatedobservation SET findings = findings # %(bit)s::bigint
            WHERE id IN (SELECT id FROM marked)
            """,  # noqa: S608
            values,
        )
        return bool(cursor.rowcount)


def mark_refreshed(dataset: Dataset, walk: DatasetWalk, now) -> None:
    """Record that the dataset is up to date."""
    rejected = WalkedRecord.objects.filter(walk=walk).exclude(reason="").count()
    Dataset.objects.filter(pk=dataset.pk).update(
        refreshed_at=now,
        refreshed_state=walk.updated,
        rejected_count=rejected,
        held_back="",
        missing_since=None,
        unpublished_at=None,
    )
