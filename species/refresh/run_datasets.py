"""Import the datasets of a plan one after the other; a broken one does not stop the others."""

from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from species.models import Dataset, DatasetVisit, RefreshRun
from species.refresh.fetch.errors import BadAnswer
from species.refresh.import_dataset import COUNTED, import_dataset, plan_next_dataset
from species.refresh.plan import Plan
from species.refresh.publish_dataset import FAILED
from species.refresh.run_context import RunContext

Visited = TypeVar("Visited", DatasetVisit, DatasetVisit | None)

MOST_FAILED_IN_A_ROW = 5


def run_datasets(plan: Plan, context: RunContext) -> None:
    """Import the planned datasets, within the bound on pages."""
    done, begun = 0, None
    for dataset, successor in zip_longest(plan.datasets, plan.datasets[1:]):
        if context.pages_left is not None and context.pages_left <= 0:
            break
        upcoming = plan_next_dataset(successor, context) if successor else None
        visit = run_dataset(
            dataset, partial(import_dataset, dataset, context, begun, upcoming), context
        )
        # Behind a failure everything begins anew.
        begun = upcoming.opening if upcoming and visit.outcome != FAILED else None
        done += visit.outcome not in ("bounded", FAILED)
        RefreshRun.objects.filter(pk=context.run.pk).update(
            datasets_done=done, seen_at=timezone.now(), notes=context.notes
        )
    if done == len(plan.datasets):
        RefreshRun.objects.filter(pk=context.run.pk).update(is_complete=True)


def run_dataset(
    dataset: Dataset, act: Callable[[], Visited], context: RunContext
) -> Visited | DatasetVisit:
    """Execute the visit of one dataset; a fault of this dataset alone fails only the visit.

    Several failures in a row mean that OBIS itself is broken; the last one is then raised.
    """
    try:
        visit = execute_visit(act, context.run)
    except BadAnswer as error:
        context.drop_pages()
        context.failed.append(f"{dataset.title}: {error}")
        context.note(context.failed[-1])
        context.failed_in_a_row += 1
        visit, _ = DatasetVisit.objects.update_or_create(
            run=context.run, dataset=dataset, defaults={"outcome": FAILED, "error": str(error)}
        )
        if context.failed_in_a_row >= MOST_FAILED_IN_A_ROW:
            raise
        return visit
    context.failed_in_a_row = 0
    return visit


def execute_visit(act: Callable[[], Visited], run: RefreshRun) -> Visited:
    """Execute a visit; in a dry run roll it back and keep only its counters."""
    if not run.is_dry_run:
        return act()
    with transaction.atomic():
        visit = act()
        run = RefreshRun.objects.get(pk=run.pk)
        transaction.set_rollback(True)
    if visit is None:
        return visit
    visit.pk = None
    visit.save(force_insert=True)
    RefreshRun.objects.filter(pk=run.pk).update(
        pages=run.pages, bytes=run.bytes, **{name: getattr(run, name) for name in COUNTED}
    )
    return visit
