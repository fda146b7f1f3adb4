"""/healthz answers for the database behind the portal."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_healthz_is_ok_while_the_database_answers(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies


@pytest.mark.django_db(transaction=True)
def test_healthz_is_503_when_the_database_is_gone(client):
    connection.close()
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], "1"
    try:
        response = client.get("/healthz")
    finally:
        connection.settings_dict["PORT"] = port
        connection.close()
    assert (response.status_code, response.content) == (503, b"database unreachable\n")
