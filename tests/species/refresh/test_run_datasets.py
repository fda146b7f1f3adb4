"""A dataset that cannot be read fails alone: its neighbours are refreshed, and the run says which
it was.
"""

import pytest

from species.models import DatasetVisit
from species.refresh.run_datasets import MOST_FAILED_IN_A_ROW
from tests.refreshing import assert_all_is_true, books, full, held, refresh
from tests.replay.records import QUIRKS, REEF, SMALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upstream")]


@pytest.mark.parametrize(
    "value", ["NaN", "9" * 5_000 + "e", "[" * 2_000], ids=["NaN", "many digits", "deep"]
)
def test_a_page_that_can_never_be_read_fails_its_dataset_and_no_other(upstream, value):
    first = min(upstream.world.datasets)
    upstream.world.spoil(first, value)
    run = full(status=1)
    title = upstream.world.datasets[first]["title"]
    assert (run.state, run.is_complete, run.datasets_done) == ("failed", False, 5)
    assert run.error.startswith(f"1 dataset(s) could not be read: {title}: OBIS at ")
    assert any(note.startswith(f"{title}: ") for note in run.notes)
    failed = DatasetVisit.objects.get(outcome="failed")
    assert (str(failed.dataset.uuid), "no complete JSON" in failed.error) == (first, True)
    assert held(first) == 0
    assert held(REEF) > 0
    assert_all_is_true(at_rest=False)  # its walk waits to be gone on with


def test_the_next_run_reads_only_what_failed_and_is_done_when_that_is_mended(upstream):
    upstream.world.spoil(REEF)
    full(status=1)
    upstream.log.clear()
    assert full(status=1).fetched == 0
    assert {entry["query"]["datasetid"] for entry in upstream.asked("/v3/occurrence")} == {REEF}
    upstream.world.spoiled.clear()
    run = full()
    assert (books(run), run.is_complete) == ({"added": 300}, True)
    assert_all_is_true()


def test_a_dataset_that_failed_is_asked_for_again_by_the_next_incremental_run_behind_the_others(
    upstream,
):
    upstream.world.spoil(min(upstream.world.datasets))
    full(status=1)
    upstream.world.spoiled.clear()
    upstream.world.change(REEF, 3)
    upstream.log.clear()
    assert refresh("--yes").changed == 3
    asked = [entry["query"]["datasetid"] for entry in upstream.asked("/v3/occurrence")]
    assert list(dict.fromkeys(asked)) == [REEF, min(upstream.world.datasets)]


def test_when_one_after_the_other_cannot_be_read_the_run_gives_up(upstream):
    for dataset in upstream.world.datasets:
        upstream.world.spoil(dataset)
    assert full(status=1).state == "failed"
    assert (
        DatasetVisit.objects.filter(outcome="failed").count()
        == MOST_FAILED_IN_A_ROW
        < len(upstream.world.datasets)
    )


def test_a_rehearsal_too_says_which_it_was(upstream):
    upstream.world.spoil(REEF)
    run = full(more=("--dry-run",), status=1)
    assert "could not be read" in run.error
    assert held(SMALL) == 0


def test_a_failed_run_says_why_it_refused_what_it_refused(upstream):
    assert full(QUIRKS, more=("--dry-run",)).reasons
    upstream.world.spoil(max(set(upstream.world.datasets) - {QUIRKS}))
    run = full(status=1)
    assert run.rejected == sum(run.reasons.values()) > 0
