"""Ten kills at random moments, in first loads and in later refreshes: nothing is lost, nothing
doubled.
"""

import pytest

from tests.killing import empty_database, killed_and_resumed, undisturbed

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]


def test_ten_killed_runs_end_like_undisturbed_ones(upstream, settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 100, 150, 100
    expected = undisturbed(upstream)
    for seed in range(10):
        upstream.reset()
        empty_database()
        is_first, found = killed_and_resumed(upstream, seed)
        assert found == expected[is_first], f"seed {seed}"
