"""Datasets that a run does not visit: the portal's scope was narrowed around them, or they left
OBIS for good.
"""

from datetime import timedelta

import pytest
from django.db.models import F

from species.models import Dataset
from species.refresh.unlisted_datasets import OUTSIDE
from tests.refreshing import ABSENT, assert_all_is_true, full, held, refresh
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
    assert (
        f"{before:,} records lie outside the portal's scope now; --yes withdraws them"
        in " ".join(run.notes)
    )
    assert run.withdrawn == 0


def test_with_a_yes_it_is_withdrawn_and_comes_back_when_the_scope_is_widened_again(
    narrowed, settings
):
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


DAY = timedelta(days=1)
SCOPES = {
    "by taxa": {"taxonid": "2", "datasetid": ""},
    "by datasets": {"taxonid": "", "datasetid": f"{TRAWL},{REEF}"},
}


@pytest.mark.parametrize("run_again", [full, refresh], ids=["full", "incremental"])
@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES.keys())
def test_a_dataset_that_left_obis_is_unpublished_in_a_regional_portal_too(
    upstream, settings, scope, run_again
):
    settings.REFRESH_SCOPE = scope | {"geometry": ""}
    full()
    before = held(REEF) + held(REEF, ABSENT)
    upstream.world.remove_dataset(REEF)
    assert "lists it no longer" in " ".join(run_again().notes)
    assert run_again().withdrawn == 0
    Dataset.objects.filter(uuid=REEF).update(missing_since=F("missing_since") - DAY)
    assert run_again().reasons["withdrawn: dataset_unpublished"] == before > 0
    assert Dataset.objects.get(uuid=REEF).unpublished_at
    assert_all_is_true()


def test_a_dataset_that_is_only_outside_the_scope_is_not_gone(narrowed, upstream):
    for _ in range(2):
        refresh()
        Dataset.objects.filter(uuid=REEF).update(missing_since=F("missing_since") - DAY)
    assert Dataset.objects.get(uuid=REEF).missing_since is None
    upstream.world.empty(REEF)  # still known to OBIS: no more than an empty answer
    refresh()
    assert Dataset.objects.get(uuid=REEF).missing_since is None
