"""What the tests of the account pages share."""

import pytest

from tests.users.people import PASSWORD, person


@pytest.fixture
def ada(client):
    """Somebody who is logged in."""
    user = person("ada")
    client.force_login(user)
    return user


@pytest.fixture
def proved_ada(client, ada):
    """Ada, who has just typed the password once more, which some pages ask for."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return ada
