"""Refused requests take one short line each in the log, and a flood of them only a few."""

import io
import logging
import sys

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from config.logs.console import LONGEST, MOST, SECONDS, Console
from config.urls import handler400
from config.urls import urlpatterns as portal


def read_badly(request) -> HttpResponse:
    raise BadRequest("It cannot be read.")


urlpatterns = [path("unreadable/", read_badly), *portal]
__all__ = ["handler400"]


@pytest.fixture
def console(monkeypatch):
    """The handler of the settings, writing to a text, with a clock that stands still until it is
    set.
    """
    seconds = [0.0]
    handler = Console(lambda: seconds[0])
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["line"]["format"]))
    handler.seconds, handler.stream = seconds, io.StringIO()
    monkeypatch.setattr(logging.getLogger("django.security"), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    return handler


def lines(console) -> list[str]:
    written = console.stream.getvalue().splitlines()
    console.stream.seek(0)
    console.stream.truncate()
    return written


def test_the_portal_logs_to_this_console():
    for name in ("", "django.security"):
        assert any(isinstance(handler, Console) for handler in logging.getLogger(name).handlers)


def test_a_forged_host_is_one_short_warning(console):
    for host in ("evil.example", "evil.example\nERROR forged line", "e" * 5_000):
        assert Client(raise_request_exception=False).get("/", HTTP_HOST=host).status_code == 400
        (line,) = lines(console)
        assert " WARNING django.security.DisallowedHost Invalid HTTP_HOST header: 'e" in line
        assert len(line) < LONGEST + 100


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_other_refusals_are_short_too(console, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    client = Client(raise_request_exception=False)
    client.get("/unreadable/", HTTP_HOST="localhost")
    client.post("/language/", {str(number): "" for number in range(9)}, HTTP_HOST="localhost")
    client.get(f"/nowhere/{'x' * 2_000}", HTTP_HOST="localhost")
    written = lines(console)
    assert len(written) == 3
    assert all(" WARNING django." in line and len(line) < LONGEST + 100 for line in written)


def test_a_flood_takes_a_few_lines_a_minute_and_its_size_is_told(console):
    client = Client(raise_request_exception=False)
    for _ in range(MOST + 7):
        client.get("/", HTTP_HOST="evil.example")
    assert len(lines(console)) == MOST
    console.seconds[0] += SECONDS
    for _ in range(2):
        client.get("/", HTTP_HOST="evil.example")
    first, second = lines(console)
    assert first.endswith("(7 more such lines were left out before)")
    assert "left out" not in second


def test_faults_of_the_portal_keep_their_traceback_and_are_never_left_out(console):
    for _ in range(MOST + 1):
        try:
            raise RuntimeError("a fault")
        except RuntimeError:
            logging.getLogger("django.request").error(
                "Internal Server Error: /", exc_info=sys.exc_info()
            )
    written = lines(console)
    assert written.count("RuntimeError: a fault") == MOST + 1
    assert sum(" ERROR django.request" in line for line in written) == MOST + 1


def test_other_handlers_get_the_record_unchanged(console):
    fault = (ValueError, ValueError("forged"), None)
    record = logging.LogRecord(
        "django.security.DisallowedHost", logging.ERROR, "", 1, "Host: %s", ("evil",), fault
    )
    before = dict(vars(record))
    console.handle(record)
    assert vars(record) == before
    assert len(lines(console)) == 1
