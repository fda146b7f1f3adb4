"""The command: what it is told, what it says, and how it ends, whatever upstream, the database or a
person does.
"""

import json
import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from uuid import UUID

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection

from species.models import CuratedObservation, Dataset, DatasetWalk, RefreshRun, RefreshScope
from species.refresh import lock
from species.refresh.plan import free_disk
from tests.refreshing import (
    assert_all_is_true,
    books,
    everything,
    full,
    held,
    refresh,
    refused,
    table,
)
from tests.replay.records import REEF, SMALL, TRAWL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upstream")]

BAD_INPUT = {
    "an unknown mode": (("--mode", "weekly"), "must be incremental or full"),
    "the mode of another verb": (("--mode", "accept"), "must be incremental or full"),
    "an unknown way": (("--by", "hand"), "--by must be updated or event"),
    "a full run by event": (("--mode", "full", "--by", "event"), "belongs to an incremental run"),
    "a date that is none": (("--start-date", "2026-02-30"), "The start date 2026-02-30 is no day"),
    "a word for a date": (("--end-date", "yesterday"), "The end date yesterday is no day"),
    "reversed dates": (
        ("--start-date", "2026-02-02", "--end-date", "2026-02-01"),
        "is after the end date",
    ),
    "a full run with dates": (("--mode", "full", "--start-date", "2026-01-01"), "has no dates"),
    "WKT that is none": (("--geometry", "POLYGON((1 2"), "must be a POLYGON or POINT in WKT"),
    "a line": (("--geometry", "LINESTRING(0 0,1 1)"), "must be a POLYGON or POINT in WKT"),
    "a polygon that crosses itself": (
        ("--geometry", "POLYGON((0 0,1 1,1 0,0 1,0 0))"),
        "one valid POLYGON",
    ),
    "a place beyond the earth": (("--geometry", "POINT(200 10)"), "within longitudes"),
    "a place that is nowhere": (("--geometry", "POINT(nan nan)"), "POLYGON"),
    "a geometry that is too long": (("--geometry", "POINT(" + "1" * 2_000 + " 2)"), "too long"),
    "a page size of 0": (("--page-size", "0"), "The page size must be between 1 and 10,000, not 0"),
    "a page size of 10,001": (("--page-size", "10001"), "between 1 and 10,000, not 10001"),
    "a page size in words": (("--page-size", "many"), "must be a whole number"),
    "no pages": (("--pages", "0"), "number of pages must be between"),
    "a taxon by name": (("--taxonid", "Mola mola"), "AphiaID must be a whole number"),
    "a taxon 0": (("--taxonid", "0"), "AphiaID must be between 1 and 2,147,483,647, not 0"),
    "a negative taxon": (("--taxonid=-5",), "AphiaID must be between 1 and 2,147,483,647, not -5"),
    "a taxon with a fraction": (("--taxonid", "137205.5"), "AphiaID must be a whole number"),
    "a taxon beyond all AphiaIDs": (
        ("--taxonid", "137205,9999999999"),
        "AphiaID must be between 1 and",
    ),
    "a taxon of thousands of digits": (("--taxonid", "1" * 5_000), "AphiaID must be"),
    "a dataset id that is cut off": (("--datasetid", SMALL[:-1]), "is no dataset id"),
    "a good dataset id beside a bad one": (
        ("--datasetid", f"{SMALL},reef"),
        "reef is no dataset id",
    ),
    "a dataset by title": (("--datasetid", "Reef watch"), "is no dataset id"),
    "accepting no dataset": (("--accept-withdrawals", "all"), "is no dataset id"),
    "accepting a dataset that does not wait": (("--accept-withdrawals", SMALL), "No staged state"),
    "a dataset that nobody knows": (
        ("--datasetid", "11111111-1111-4111-8111-111111111111"),
        "does not know datasetid=1",
    ),
}


@pytest.mark.parametrize(("arguments", "words"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_ends_with_2_says_why_and_writes_nothing(arguments, words):
    before = everything()
    status, message = refused(*arguments)
    assert (status, words in message) == (2, True), message
    after = everything()
    after.pop("species_refreshscope"), before.pop("species_refreshscope")
    assert after == before


def test_a_dataset_id_in_capitals_names_the_same_dataset():
    assert books(full(SMALL.upper())) == {"added": 8}
    assert books(full(f"{{{SMALL.upper()}}}")) == {"unchanged": 8}
    assert Dataset.objects.get(refreshed_at__isnull=False).uuid == UUID(SMALL)


UNKNOWN = "11111111-1111-4111-8111-11111111abcd"


@pytest.mark.parametrize("chosen", [UNKNOWN.upper(), f"{SMALL},{UNKNOWN}"])
def test_a_dataset_that_obis_does_not_know_is_said_whatever_else_was_asked_for(chosen):
    status, message = refused("--mode", "full", "--datasetid", chosen)
    assert (status, f"does not know datasetid={UNKNOWN}." in message) == (2, True), message
    assert not CuratedObservation.objects.exists()


def test_a_held_dataset_that_obis_no_longer_knows_is_said_too_and_stays(upstream):
    full(SMALL)
    upstream.world.remove_dataset(SMALL)
    status, message = refused("--mode", "full", "--datasetid", SMALL)
    assert (status, f"does not know datasetid={SMALL}" in message) == (2, True), message
    assert held(SMALL) == 8


def test_a_dataset_of_the_portals_own_scope_that_obis_does_not_know_is_said_and_the_others_are_read(
    settings, capsys
):
    settings.REFRESH_SCOPE = {"taxonid": "", "datasetid": f"{SMALL},{UNKNOWN}", "geometry": ""}
    run = refresh("--mode", "full")
    assert books(run) == {"added": 8}
    assert (
        f"OBIS does not know dataset {UNKNOWN}, which REFRESH_SCOPE names; it is left out."
        in run.notes
    )


def test_an_option_that_does_not_exist_is_refused_by_the_shell_command():
    ended = shell("--moed", "full")
    assert ended.returncode == 2
    assert "--moed" in ended.stderr


def test_a_taxon_that_obis_does_not_know_ends_with_2_and_its_name(upstream):
    upstream.fault("unknown", "/v3/", times=99)
    status, message = refused("--taxonid", "999999999", "--yes")
    assert status == 2
    assert "taxonid=999999999" in message
    assert RefreshRun.objects.get().state == "failed"


# Upstream's faults.

FAULTS = ["400", "404", "429", "500", "503", "truncate", "cut", "reset", "html", "html404", "empty", "other",
          "bad-gzip", "error200", "redirect", "redirect-away", "no-skip"]  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_that_lasts_fails_the_run_and_the_next_goes_on_from_the_last_committed_page(
    upstream, kind
):
    upstream.fault(kind, "/v3/occurrence", skip=1, times=99)
    run = full(REEF, more=("--page-size", "100"), status=1)
    assert (run.state, run.fetched, held(REEF)) == ("failed", 100, 100)
    assert "OBIS" in run.error
    upstream.faults.clear()
    upstream.log.clear()
    run = full(REEF, more=("--page-size", "100"))
    assert books(run) == {"added": 200}
    first = upstream.asked("/v3/occurrence")[0]["query"]
    assert first["after"] == upstream.world.by_dataset[REEF][99]["id"]
    assert_all_is_true()


def test_a_fault_that_passes_is_no_news(upstream, settings, capsys):
    settings.UPSTREAM_RETRIES = 1
    upstream.fault("503", "/v3/occurrence")
    assert books(full(SMALL)) == {"added": 8}
    assert "asking again in" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["html", "other", "empty", "html404"])
def test_an_upstream_that_is_not_obis_at_all_is_told_apart(upstream, kind):
    upstream.fault(kind, "/", times=99)
    status, message = refused("--mode", "full", "--yes")
    assert (status, "OBIS at" in message) == (1, True), message
    assert not Dataset.objects.exists()


def test_an_address_that_is_none_is_said(settings):
    settings.OBIS_API_URL = "ftp://example.org"
    status, message = refused("--mode", "full")
    assert (status, "not an http(s) address" in message) == (1, True)


def test_a_failed_run_leaves_what_readers_see_as_it_was(upstream):
    full(TRAWL)
    before = table()
    upstream.world.change(TRAWL, 120)
    upstream.fault("503", "/v3/occurrence", skip=2, times=99)
    full(TRAWL, more=("--page-size", "50"), status=1)
    assert table() == before
    upstream.faults.clear()
    run = full(TRAWL)
    assert run.changed == 20
    assert_all_is_true()


# How much is too much.


def test_more_than_a_person_has_confirmed_stops_before_anything_is_fetched(upstream, settings):
    for dataset in upstream.world.datasets.values():
        dataset["records"] = 500
    settings.MAX_UNCONFIRMED_RECORDS = 2_999
    status, message = refused("--mode", "full")
    assert status == 2
    assert "3,000 records are more than 2,999" in message
    assert not upstream.asked("/v3/occurrence")
    settings.MAX_UNCONFIRMED_RECORDS = 3_000
    assert refresh("--mode", "full").state == "done"


@pytest.mark.parametrize("agreed", [("--yes",), ("--pages", "1")])
def test_yes_or_a_bound_takes_more(upstream, settings, agreed):
    upstream.world.datasets[REEF]["records"] = 300
    settings.MAX_UNCONFIRMED_RECORDS = 150
    assert full(REEF, more=("--page-size", "100", *agreed)).fetched >= 100


def test_datasets_that_say_no_count_are_counted_before_they_are_fetched(upstream, settings):
    for dataset in upstream.world.datasets.values():
        del dataset["records"]
    settings.MAX_UNCONFIRMED_RECORDS = 600
    status, message = refused("--mode", "full")
    assert (status, "623 records are more than 600" in message) == (2, True), message


def test_an_incremental_run_on_an_empty_database_says_what_to_do_first(upstream, capsys):
    run = refresh()
    assert (run.state, run.fetched) == ("done", 0)
    assert "run --mode full first" in capsys.readouterr().out


def test_an_incremental_run_takes_new_datasets_only_when_asked(upstream):
    today = {"updated": f"{date.today()}T01:00:00.000Z"}
    for dataset in upstream.world.datasets.values():
        dataset |= today
    assert refresh().fetched == 0
    assert refresh("--pages", "1", "--page-size", "5").fetched == 5
    assert refresh("--datasetid", SMALL).added in (3, 8)
    assert refresh("--yes").fetched > 500


def test_a_standing_scope_takes_new_datasets_without_asking(upstream, settings):
    settings.REFRESH_SCOPE = {"taxonid": "126436", "datasetid": "", "geometry": ""}
    for dataset in upstream.world.datasets.values():
        dataset["updated"] = f"{date.today()}T01:00:00.000Z"
    assert refresh().added > 60
    assert RefreshScope.objects.filter(is_standing=True).count() == 1


def test_a_window_in_the_past_says_what_it_cannot_see():
    run = refresh("--start-date", "2025-07-01", "--end-date", "2025-08-31", "--yes")
    assert "only each dataset's latest update" in " ".join(run.notes)
    assert run.datasets_done == 6


# What it says.


def test_json_is_one_line_on_stdout_whatever_happens(upstream, capsys):
    run = full(SMALL, more=("--json",))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert said.keys() >= {
        "fetched",
        "added",
        "changed",
        "unchanged",
        "returned",
        "withdrawn",
        "rejected",
        "repeated",
    }
    assert (said["state"], said["error"], said["added"], said["run"]) == ("done", "", 8, run.pk)
    upstream.fault("503", "/v3/occurrence", times=99)
    call_and_fail("--mode", "full", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["state"] == "failed"
    assert "503" in said["error"]


def call_and_fail(*arguments: str) -> None:
    assert refused(*arguments)[0] == 1


def test_the_summary_balances_in_words(upstream, capsys):
    full(TRAWL)
    out = capsys.readouterr().out
    assert (
        "Done: fetched 120 = added 120 + changed 0 + unchanged 0 + returned 0 + rejected 0 + repeated 0"
        in out
    )
    assert "About to read 1 dataset(s)" in out


def test_titles_from_upstream_cannot_move_the_terminals_cursor(upstream, capsys):
    upstream.world.datasets[SMALL]["title"] = "Turtles\x1b[2J\x07\nDone: fetched 0"
    upstream.world.empty(SMALL)
    full(SMALL)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not any(line.startswith("Done: fetched 0 \x1b") for line in out.splitlines())


# One at a time.


@pytest.fixture
def other_run():
    """Another session that holds the lock, as a refresh in another process would."""
    settings = connection.settings_dict
    other = psycopg2.connect(
        dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"],
        host=settings["HOST"], port=settings["PORT"],
    )  # fmt: skip
    other.autocommit = True
    other.cursor().execute("SELECT pg_advisory_lock(%s)", [lock.LOCK])
    yield other
    other.close()


def test_a_second_run_ends_with_75_and_writes_nothing(other_run):
    assert lock.is_locked()
    status, message = refused("--mode", "full")
    assert status == 75
    assert "Use --wait to wait" in message
    assert not RefreshRun.objects.exists()


def test_a_run_that_waits_goes_on_when_the_other_ends(other_run, monkeypatch):
    monkeypatch.setattr(lock, "POLL_SECONDS", 0.05)
    threading.Timer(0.4, other_run.close).start()
    assert books(full(SMALL, more=("--wait",))) == {"added": 8}
    assert not lock.is_locked()


def test_a_run_waits_no_longer_than_it_is_told(other_run, monkeypatch, settings):
    settings.LOCK_WAIT_SECONDS = 0.2
    monkeypatch.setattr(lock, "POLL_SECONDS", 0.05)
    assert refused("--mode", "full", "--wait")[0] == 75


def test_a_failed_run_gives_the_lock_back(upstream):
    upstream.fault("503", "/v3/", times=99)
    assert refused("--mode", "full")[0] == 1
    assert not lock.is_locked()


# The database's faults.


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "refresh_obis_data", *arguments],
        cwd=django_settings.BASE_DIR, env=os.environ | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_database_that_is_down_is_said_in_one_line():
    ended = shell("--mode", "full", DATABASE_URL="postgis://nobody:x@127.0.0.1:1/none")
    assert ended.returncode == 1
    assert "Can't use the database" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("full_table", ["species_stagedobservation", "species_walkedrecord"])
def test_no_disk_space_for_a_page_keeps_the_pages_before_it(upstream, full_table):
    full(TRAWL)
    before = table()
    upstream.world.change(TRAWL, 120)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF (SELECT count(*) FROM {full_table}) > 90 THEN
                    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
                END IF; RETURN NULL; END $$;
            CREATE TRIGGER disk_is_full AFTER INSERT ON {full_table} FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()
            """
        )
    run = full(TRAWL, more=("--page-size", "40"), status=1)
    assert "No space left on device" in run.error
    assert (run.state, run.fetched) == ("failed", 80)
    assert table() == before
    assert DatasetWalk.objects.get().records.count() == 80
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER disk_is_full ON {full_table}")
    run = full(TRAWL, more=("--page-size", "40"))
    assert books(run) == {"changed": 40}
    assert_all_is_true()


def test_a_disk_without_room_for_the_records_stops_the_run_before_it_begins(upstream, settings):
    settings.MAX_UNCONFIRMED_RECORDS = 10**13
    upstream.world.datasets[REEF]["records"] = 10**12
    if free_disk() is not None:
        status, message = refused("--mode", "full", "--datasetid", REEF)
        assert (status, "do not fit on the disk" in message) == (2, True)
    else:  # a database elsewhere, or one that does not say where it lives
        assert full(REEF).state == "done"


class Trap(list):
    """Records whose third page springs a trap."""

    def __init__(self, rows, spring):
        super().__init__(rows)
        self.spring, self.pages = spring, 0

    def __getitem__(self, index):
        if isinstance(index, slice):
            self.pages += 1
            if self.pages == 3:
                self.spring()
        return super().__getitem__(index)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_in_mid_run_is_said_and_the_next_run_goes_on(upstream):
    def cut() -> None:
        settings = connection.settings_dict
        other = psycopg2.connect(
            dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"],
            host=settings["HOST"], port=settings["PORT"],
        )  # fmt: skip
        with other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        other.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    rows = upstream.world.by_dataset[REEF]
    upstream.world.by_dataset[REEF] = Trap(rows, cut)
    status, message = refused("--mode", "full", "--datasetid", REEF, "--page-size", "100")
    assert (status, "terminat" in message) == (1, True), message
    run = RefreshRun.objects.get()
    assert run.state == "failed"
    assert run.fetched in (100, 200)  # the third page is asked for while the second is written
    upstream.world.by_dataset[REEF] = rows
    assert books(full(REEF)) == {"added": 300 - run.fetched}
    assert_all_is_true()


def test_a_run_that_was_killed_is_told_by_the_next(upstream):
    RefreshRun.objects.create(mode="full", state="running")
    full(SMALL)
    states = list(RefreshRun.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["failed", "done"]
    assert "killed" in RefreshRun.objects.first().error


def test_the_schedule_marks_its_runs():
    call_command("refresh_obis_data", "--scheduled", "--no-enrich")
    run = RefreshRun.objects.get()
    assert run.is_scheduled
    assert run.window_end - run.window_start == timedelta(days=31)
    assert not CuratedObservation.objects.exists()
