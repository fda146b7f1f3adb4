"""What a run says that it will do, before it does it."""

import pytest
from django.conf import settings as django_settings

from species.models import Dataset, RefreshRun
from species.refresh.plan import Plan, known_rate
from tests import factories
from tests.refreshing import full
from tests.replay.records import SMALL

pytestmark = pytest.mark.django_db


def test_a_plan_says_datasets_records_bytes_hours_and_disk():
    words = Plan([factories.dataset()] * 2, records=3_000_000, seconds=7_200).words()
    for part in ("2 dataset(s)", "3,000,000 records", "13.5 GB to fetch", "2.0 h", "GB of disk"):
        assert part in words


def test_a_person_is_asked_above_the_limit_and_not_at_it():
    limit = django_settings.MAX_UNCONFIRMED_RECORDS
    assert Plan([], limit, 0.0).too_much() == ""
    assert "more than 2,000,000" in Plan([], limit + 1, 0.0).too_much()


def test_later_runs_know_better_how_long_it_takes(upstream):
    assert known_rate() == 1_000
    full(SMALL)
    assert known_rate() == 1_000  # eight records tell nothing
    run = RefreshRun.objects.get()
    RefreshRun.objects.update(
        fetched=50_000, added=50_000, finished_at=run.started_at.replace(year=2099)
    )
    assert 0 < known_rate() < 1


def test_the_run_records_what_was_planned_and_done(upstream):
    full()
    run = RefreshRun.objects.get()
    assert (run.datasets_planned, run.datasets_done, run.records_planned) == (6, 6, 623)
    assert run.is_complete
    assert run.cursor["dataset"] == str(Dataset.objects.order_by("uuid").last().uuid)
    assert run.pages == 6
    assert run.bytes > 500_000
    assert run.scope.is_whole
