"""What the tests of the account pages share."""

import pytest

from tests.users.people import person


@pytest.fixture
def ada(client):
    """Somebody who is logged in."""
    user = person("ada")
    client.force_login(user)
    return user
