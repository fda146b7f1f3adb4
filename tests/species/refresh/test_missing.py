"""Datasets that a run does not visit because the portal's scope was narrowed around them."""

import pytest

from species.models import Dataset
from species.refresh.missing import OUTSIDE
from tests.refreshing import ABSENT, assert_all_is_true, full, held
from tests.replay.records import REEF, TRAWL

pytestmark = pytest.mark.django_db


@pytest.fixture
def narrowed(upstream, settings):
    """A portal that held two datasets, and was then told to hold one."""
    settings.REFRESH_SCOPE = {"taxonid": "", "datasetid": f"{TRAWL},{REEF}", "geometry": ""}
    full()
    settings.REFRESH_SCOPE = {"taxonid": "", "datasetid": TRAWL, "geometry": ""}


def test_a_dataset_outside_a_narrowed_scope_stays_until_somebody_says_yes(narrowed):
    before = held(REEF) + held(REEF, ABSENT)
    run = full()
    assert held(REEF) + held(REEF, ABSENT) == before > 0
    assert f"{before:,} records lie outside the portal's scope now; --yes withdraws them" in " ".join(run.notes)
    assert run.withdrawn == 0


def test_with_a_yes_it_is_withdrawn_and_comes_back_when_the_scope_is_widened_again(narrowed, settings):
    before = held(REEF) + held(REEF, ABSENT)
    run = full(more=("--yes",))
    assert run.reasons[f"withdrawn: {OUTSIDE}"] == run.withdrawn == before
    assert held(REEF) + held(REEF, ABSENT) == 0
    assert held(TRAWL) == Dataset.objects.get(uuid=TRAWL).published_count > 0
    assert_all_is_true()
    settings.REFRESH_SCOPE = {"taxonid": "", "datasetid": f"{TRAWL},{REEF}", "geometry": ""}
    assert full().returned == before
    assert_all_is_true()


def test_a_rehearsal_withdraws_nothing(narrowed):
    before = held(REEF)
    assert full(more=("--yes", "--dry-run")).withdrawn > 0
    assert held(REEF) == before
