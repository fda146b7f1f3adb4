"""Web requests have a timeout for their queries; commands have none, whatever the environment says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client

from config.checks import check_connections
from config.http import database
from config.http.unavailable import TookTooLong

ROOT = Path(__file__).resolve().parents[3]
SHOW = (
    "from django.db import connection as c; r = c.cursor(); "
    "r.execute('SHOW statement_timeout'); print(r.fetchone()[0])"
)


@pytest.fixture
def run(transactional_db):
    """Run Python against the tests' database, as a fresh process."""
    url = "postgis://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)

    def run(*words: str, **variables: str) -> str:
        environment = {
            key: value for key, value in os.environ.items() if key != "STATEMENT_TIMEOUT_MS"
        }
        environment |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        } | variables
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    return run


def test_the_web_application_has_ten_seconds_and_commands_have_no_limit(run):
    assert run("-c", f"import config.wsgi; {SHOW}") == "10s"
    assert run("-c", f"import config.wsgi; {SHOW}", STATEMENT_TIMEOUT_MS="2500") == "2500ms"
    assert run("manage.py", "shell", "-v0", "-c", SHOW) == "0"
    assert run("manage.py", "shell", "-v0", "-c", SHOW, STATEMENT_TIMEOUT_MS="2500") == "0"


def test_checks_are_not_sent_to_https_below_a_prefix_either(run):
    ask = (
        "import django; django.setup(); from django.test import Client; "
        "print(Client(SERVER_NAME='localhost').get('/healthz').status_code)"
    )
    secure = {"PORTAL_PROFILE": "production", "DEBUG": "false", "SECRET_KEY": "k" * 50}
    for url in ("https://localhost", "https://localhost/sea"):
        assert run("-c", ask, PORTAL_URL=url, **secure) == "200"


@pytest.mark.django_db
def test_a_request_does_not_query_for_ever_with_many_short_queries(settings, monkeypatch):
    settings.STATEMENT_TIMEOUT_MS = 1_000
    clock = iter([0.0, 1.0, 1.9, 2.1])
    monkeypatch.setattr(database.time, "monotonic", lambda: next(clock))

    def three_queries(request):
        for _ in range(3):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    with pytest.raises(TookTooLong):
        database.limit_query_time(three_queries)(None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/species/", "text/html"),
        ("/datasets/", "text/html"),
        ("/api/v1/datasets/", "application/problem+json"),
        ("/ogc/collections/datasets/items", "application/problem+json"),
    ],
)
def test_a_query_that_takes_too_long_is_503_on_every_address(address, kind):
    def slow(execute, sql, params, many, context):
        return execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", None, many, context)

    with connection.execute_wrapper(slow):
        response = Client(raise_request_exception=False).get(address)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Content-Type"].startswith(kind)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/observations/", "/summary/", "/absences/"])
def test_a_page_whose_search_takes_too_long_says_so_within_the_page(address):
    def slow(execute, sql, params, many, context):
        if "species_curatedobservation" not in sql and "species_density" not in sql:
            return execute(sql, params, many, context)
        with transaction.atomic():  # the test goes on in its transaction
            return execute(
                "SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", None, many, context
            )

    with connection.execute_wrapper(slow):
        response = Client().get(f"{address}?from=2010")
    assert response.status_code == 503
    assert "errors" in response.context
    assert "took too long" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("workers", "problems"), [("2", []), ("50", ["config.W002"])])
def test_more_connections_than_the_database_allows_are_warned_of(monkeypatch, workers, problems):
    monkeypatch.setenv("WEB_CONCURRENCY", workers)
    assert [problem.id for problem in check_connections(None, databases=["default"])] == problems
    assert check_connections(None) == []  # commands that have no database
