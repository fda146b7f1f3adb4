"""A benchmark has a database of its own, which goes whatever happens."""

import os
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection

from bench.refresh import BENCH_DATABASE, as_libpq, own_database


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_its_database_is_dropped_after_a_failure_and_with_a_connection_left_open():
    before = databases()
    with pytest.raises(RuntimeError), own_database(urlsplit(os.environ["DATABASE_URL"])) as url:
        assert databases() - before == {BENCH_DATABASE}
        left_open = psycopg2.connect(as_libpq(url))
        raise RuntimeError
    assert databases() == before
    left_open.close()
