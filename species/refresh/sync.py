"""Run a refresh: plan it, import each dataset, handle unlisted ones, check the counters, enrich."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from species.density.maintain import maintain_densities
from species.models import (
    Dataset,
    DatasetVisit,
    DatasetWalk,
    RefreshMode,
    RefreshRun,
    RefreshScope,
    RunState,
)
from species.refresh.fetch.obis import Obis, UnknownTerm, UpstreamError
from species.refresh.options import BadOptions, Options
from species.refresh.plan import Plan, make_plan
from species.refresh.publish_dataset import publish_walk
from species.refresh.run_context import RunContext
from species.refresh.run_datasets import execute_visit, run_dataset, run_datasets
from species.refresh.run_state import (
    Stopped,
    check_counters,
    describe_stop,
    fail_abandoned_runs,
    fail_run,
)
from species.refresh.taxonomy.enrich import run_enrichment
from species.refresh.unlisted_datasets import handle_outside_scope, handle_unlisted

OBJECTS_BETWEEN_COLLECTIONS = 50_000


@dataclass(frozen=True, slots=True)
class Reporter:
    """Receive the messages of a run, and a call for each committed page."""

    say: Callable[[str], None] = lambda sentence: None
    on_page: Callable[[Dataset, DatasetVisit, RefreshRun, Plan], None] = lambda *args: None


def run_refresh(run: RefreshRun, options: Options, reporter: Reporter) -> RefreshRun:
    """Execute a run and return it; the caller must hold the refresh lock.

    Raises Stopped after the run was recorded as failed.
    """
    fail_abandoned_runs(run)
    now = timezone.now()
    run.state, run.started_at, run.seen_at, run.chain_began_at = RunState.RUNNING, now, now, now
    run.save()
    try:
        if options.accept:
            accept_withdrawals(run, options, reporter)
        else:
            read_and_write(run, options, reporter)
        if not run.is_dry_run:
            maintain_densities(reporter.say)
    except (
        UpstreamError,
        UnknownTerm,
        BadOptions,
        DatabaseError,
        InterfaceError,
        Stopped,
    ) as error:
        fail_run(run, str(error).strip() or type(error).__name__)
        status = 2 if isinstance(error, UnknownTerm | BadOptions) else getattr(error, "status", 1)
        raise Stopped(run.error, status) from error
    except (
        BaseException
    ) as error:  # a signal, or a fault of ours: the run must not look as if it still ran
        fail_run(run, describe_stop(error))
        raise
    run.refresh_from_db()
    run.state, run.finished_at = RunState.DONE, timezone.now()
    run.save(update_fields=["state", "finished_at"])
    return run


def read_and_write(run: RefreshRun, options: Options, reporter: Reporter) -> None:
    """Plan the run, and fetch and write its datasets. Raises Stopped."""
    scope = get_scope(options)
    RefreshRun.objects.filter(pk=run.pk).update(scope=scope)
    run.scope = scope
    with (
        rarely_collecting(),
        Obis(
            settings.OBIS_API_URL,
            pace=settings.OBIS_PACE_SECONDS,
            contact=settings.UPSTREAM_CONTACT,
            retries=settings.UPSTREAM_RETRIES,
            on_retry=lambda reason, pause: reporter.say(
                f"OBIS: {reason}; asking again in {pause:.0f} s"
            ),
        ) as obis,
    ):
        plan = make_plan(obis, options, run, scope, timezone.now())
        announce_plan(plan, run, options, reporter)
        with closing(
            RunContext(
                obis=obis,
                run=run,
                scope=scope,
                is_standing=not options.is_one_off,
                page_size=options.page_size,
                pages_left=options.pages,
                resume=options.resume,
                may_narrow=options.yes,
                say=reporter.say,
                on_page=lambda dataset, visit: reporter.on_page(dataset, visit, run, plan),
                notes=run.notes,
            )
        ) as context:
            run_datasets(plan, context)
            for dataset in plan.missing:
                run_dataset(dataset, partial(handle_unlisted, dataset, context), context)
            for dataset in plan.outside:
                run_dataset(dataset, partial(handle_outside_scope, dataset, context), context)
    check_counters(run)
    RefreshRun.objects.filter(pk=run.pk).update(notes=context.notes)
    if options.enrich and not options.dry_run:
        run_enrichment_of(run, context)
    if context.failed:
        raise Stopped(
            f"{len(context.failed):,} dataset(s) could not be read: {' '.join(context.failed[:10])}"
        )


def run_enrichment_of(run: RefreshRun, context: RunContext) -> None:
    """Complete names from WoRMS. A failure is noted, and the next run continues."""
    enrichment = run_enrichment(run.pk, context.say)
    context.note(str(enrichment))
    RefreshRun.objects.filter(pk=run.pk).update(
        notes=context.notes, enrichment=enrichment.as_json()
    )


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Collect garbage rarely: records have no cycles, and looking for some takes 10 % of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def get_scope(options: Options) -> RefreshScope:
    """Return the scope of the options; the scope of a full-scope run becomes a standing one."""
    scope, _ = RefreshScope.objects.get_or_create(parameters=options.scope_parameters())
    if not options.is_one_off and not options.dry_run and not scope.is_standing:
        scope.is_standing = True
        scope.save(update_fields=["is_standing"])
    return scope


def announce_plan(plan: Plan, run: RefreshRun, options: Options, reporter: Reporter) -> None:
    """Report the plan. Raises Stopped (status 2) if `--yes` is required but missing."""
    run.notes = list(plan.notes)
    for note in plan.notes:
        reporter.say(note)
    RefreshRun.objects.filter(pk=run.pk).update(
        datasets_planned=len(plan.datasets),
        records_planned=plan.records,
        chain_began_at=run.chain_began_at,
        notes=run.notes,
    )
    incremental = options.mode == RefreshMode.INCREMENTAL
    if not plan.datasets:
        empty = incremental and not Dataset.objects.filter(refreshed_at__isnull=False).exists()
        sentence = "Nothing to do: OBIS updated no dataset that counts here." + (
            " Nothing was ever fetched: run --mode full first." if empty else ""
        )
        run.notes.append(sentence)
        reporter.say(sentence)
        return
    reporter.say(plan.words())
    if options.yes or options.dry_run:
        return
    if reason := plan.too_much():
        raise Stopped(
            f"Stopped before anything was fetched: {reason}. Run it with --yes, or bound it with --pages.",
            2,
        )
    scoped = run.scope is not None and not run.scope.is_whole
    bounded = options.pages or options.dataset_ids or scoped or settings.REFRESH_SCOPE["datasetid"]
    if incremental and plan.never_fetched and not bounded:
        kept = [row for row in plan.datasets if row.refreshed_at or row.walks.exists()]
        left_out = len(plan.datasets) - len(kept)
        if left_out:
            sentence = f"{left_out:,} dataset(s) never fetched before are left out: --yes takes them, or --mode full."
            run.notes.append(sentence)
            reporter.say(sentence)
            RefreshRun.objects.filter(pk=run.pk).update(datasets_planned=len(kept))
            if not kept and not Dataset.objects.filter(refreshed_at__isnull=False).exists():
                reporter.say("Nothing was ever fetched: run --mode full first.")
        plan.datasets = kept


def accept_withdrawals(run: RefreshRun, options: Options, reporter: Reporter) -> None:
    """Publish a state that was held back. Raises Stopped (status 2) if there is none."""
    dataset = Dataset.objects.filter(uuid=options.accept).first()
    walk = DatasetWalk.objects.filter(
        dataset=dataset, is_complete=True, scope__is_standing=True
    ).first()
    if dataset is None or walk is None:
        raise Stopped(f"No staged state of dataset {options.accept} waits to be accepted.", 2)
    visit = execute_visit(partial(publish_staged, walk, dataset, run), run)
    done = "would be" if run.is_dry_run else "was"
    note = f"{dataset.title}: the staged state {done} published; {visit.withdrawn:,} records withdrawn."
    RefreshRun.objects.filter(pk=run.pk).update(
        notes=[note], datasets_planned=1, datasets_done=1, is_complete=True
    )
    check_counters(run)
    reporter.say(note)


def publish_staged(walk: DatasetWalk, dataset: Dataset, run: RefreshRun) -> DatasetVisit:
    """Publish the staged records of a complete walk, and return the visit."""
    visit = DatasetVisit.objects.create(run=run, dataset=dataset, outcome="accepted")
    publish_walk(walk, dataset, visit, run, withdraws=True, former=[])
    return visit
