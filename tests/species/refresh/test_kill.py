"""One kill -9 at a seeded random moment; `make chaos` does ten."""

import pytest

from tests.killing import empty_database, killed_and_resumed, undisturbed


@pytest.mark.django_db(transaction=True)
def test_a_killed_refresh_loses_and_doubles_nothing(upstream):
    expected = undisturbed(upstream)
    upstream.reset()
    empty_database()
    is_first, found = killed_and_resumed(upstream, seed=2)
    assert found == expected[is_first]
