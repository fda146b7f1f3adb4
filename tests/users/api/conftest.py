"""Who asks the accounts' API in the tests: nobody yet, somebody logged in, a stranger."""

import pytest

from tests.users.api.front_end import FrontEnd
from tests.users.people import person


@pytest.fixture
def tab() -> FrontEnd:
    return FrontEnd()


@pytest.fixture
def ada(db):
    return person("ada")


@pytest.fixture
def logged_in(tab, ada) -> FrontEnd:
    assert tab.log_in().status_code == 200
    return tab


@pytest.fixture
def stranger(db) -> FrontEnd:
    """Somebody else, logged in."""
    person("grace")
    other = FrontEnd()
    assert other.log_in("grace").status_code == 200
    return other
