"""What `manage.py check` says of a portal that is set up wrongly, and that it says nothing of a
good one.
"""

import os
import re
import string
import subprocess
import sys

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks

from config.setup.check import DEPLOYED
from species import checks

# long enough for Django, and nobody's key
PRODUCTION = DEPLOYED | {"SECRET_KEY": string.ascii_letters}


def ids(check) -> list[str]:
    return [message.id for message in check(None)]


def check_deploy(**environment: str) -> subprocess.CompletedProcess:
    """`manage.py check --deploy` as on a server: only this environment, and any warning fails it."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=configured.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | PRODUCTION | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_production_portal_with_all_it_needs_has_no_warning():
    done = check_deploy()
    assert (done.returncode, "no issues" in done.stdout, done.stderr) == (0, True, "")


def test_a_production_portal_that_reaches_nobody_is_warned():
    done = check_deploy(ADMINS="", UPSTREAM_CONTACT="", EMAIL_HOST="")
    found = set(re.findall(r"\b[a-z]+\.[EW]\d{3}\b", done.stderr))
    assert (done.returncode, found) == (1, {"species.W001", "species.W002", "users.E001"})


def test_a_scope_that_makes_no_sense_stops_a_start():
    done = check_deploy(REFRESH_GEOMETRY="POLYGON((0 0")
    assert (done.returncode, "REFRESH_GEOMETRY" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (
            {
                "taxonid": "137205, 2",
                "datasetid": "",
                "geometry": "POLYGON((-10 35, 5 35, 5 45, -10 45, -10 35))",
            },
            [],
        ),
        ({"taxonid": "cod", "datasetid": "", "geometry": ""}, ["species.E001"]),
        ({"taxonid": "0", "datasetid": "x", "geometry": "POLYGON EMPTY"}, ["species.E001"] * 3),
        (
            {
                "taxonid": "",
                "datasetid": "",
                "geometry": "POLYGON((170 0, 190 0, 190 5, 170 5, 170 0))",
            },
            ["species.E001"],
        ),
    ],
)
def test_the_standing_scope_is_checked_by_the_refreshs_own_rules(settings, scope, found):
    settings.REFRESH_SCOPE = scope
    assert ids(checks.check_refresh_scope) == found


@pytest.mark.parametrize("time", ["@daily", "0 3 1 *", "61 * * * *", None])
def test_a_time_that_cron_cannot_read_is_an_error(settings, time):
    settings.CRONJOBS = [(time, "django.core.management.call_command", ["run_queued_refreshes"])]
    assert ids(checks.check_schedule) == ["species.E002"]


@pytest.mark.parametrize("address", ["", "api.obis.org", "file:///etc/passwd"])
def test_upstream_addresses_are_of_the_web(settings, address):
    settings.OBIS_API_URL = address
    assert ids(checks.check_addresses) == ["species.E004"]


def test_mail_that_goes_nowhere_is_a_warning(settings):
    settings.ADMINS, settings.UPSTREAM_CONTACT = [("Ada", "ada@example.org")], "ada@example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert ids(checks.check_people_can_be_reached) == ["species.W003"]


def test_the_checks_are_registered_and_this_checkout_passes_them(settings):
    assert [message for message in run_checks() if (message.id or "").startswith("species.")] == []
    settings.REFRESH_SCOPE = {"taxonid": "cod"}
    assert "species.E001" in [message.id for message in run_checks()]


def test_a_library_that_cannot_be_loaded_is_named(monkeypatch):
    def broken() -> str:
        raise OSError("libgdal.so: no such file")

    monkeypatch.setattr(checks.gdal, "gdal_version", broken)
    (message,) = checks.check_libraries(None)
    assert (message.id, "GDAL_LIBRARY_PATH" in message.hint) == ("species.E003", True)
