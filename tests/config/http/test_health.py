"""/healthz says that the process lives, /readyz that its database answers."""

import pytest
from django.db import connection


@pytest.fixture
def no_database(transactional_db):
    """The database's port leads nowhere while the test runs."""
    connection.close()
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], "1"
    yield
    connection.settings_dict["PORT"] = port
    connection.close()


def test_healthz_touches_no_database(client):
    response = client.get("/healthz")  # without access to one, which pytest-django would refuse
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies


@pytest.mark.django_db
def test_readyz_is_ok_while_the_database_answers(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies


def test_readyz_is_503_while_the_database_is_gone_and_healthz_is_not(no_database, client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database unreachable\n")
    assert int(response.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
