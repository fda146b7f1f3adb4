"""A refresh that is killed (once; `make chaos` does it ten times) or told to stop."""

import signal
import time

import pytest

from species.models import RefreshRun
from tests.killing import SECONDS_TO_START, empty_database, killed_and_resumed, started, undisturbed
from tests.refreshing import assert_all_is_true, full

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_refresh_loses_and_doubles_nothing(upstream, settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 100, 150, 100
    expected = undisturbed(upstream)
    upstream.reset()
    empty_database()
    is_first, found = killed_and_resumed(upstream, seed=2)
    assert found == expected[is_first]


@pytest.mark.parametrize(("told", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_refresh_that_is_told_to_stop_says_so_and_leaves_no_run_that_seems_to_go_on(
    upstream, told, status
):
    upstream.fault("hang", "/v3/occurrence", skip=3, times=99)
    process = started(upstream)
    end = time.monotonic() + SECONDS_TO_START
    while (
        len(upstream.asked("/v3/occurrence")) < 4
        and process.poll() is None
        and time.monotonic() < end
    ):
        time.sleep(0.01)
    process.send_signal(told)
    _, words = process.communicate(timeout=SECONDS_TO_START)
    assert (process.returncode, "The next run continues from there" in words) == (status, True), (
        words
    )
    stopped = RefreshRun.objects.get()
    assert (stopped.state, stopped.error) == ("failed", f"Stopped by {told.name}.")
    assert stopped.finished_at
    assert_all_is_true(at_rest=False)
    upstream.faults.clear()
    rest = full(more=("--page-size", "40"))
    assert rest.fetched + stopped.fetched == sum(map(len, upstream.world.by_dataset.values()))
    assert_all_is_true()
