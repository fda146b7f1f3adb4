"""The queue runner takes what was queued, in order, and leaves nothing hanging."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from species.models import CuratedObservation, RefreshRun, RunnerHeartbeat, RunState, Taxon
from species.refresh.lock import LOCK, holds_lock, refresh_lock
from species.refresh.options import Options
from species.refresh.run_state import fail_run, queue_run
from tests import factories
from tests.replay.records import SMALL
from tests.replay.taxa import LOGGERHEAD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def upstream(replay, settings):
    settings.OBIS_API_URL, settings.WORMS_API_URL = replay.obis_url, replay.worms_url
    settings.WORMS_PACE_SECONDS, settings.UPSTREAM_RETRIES = 0, 0
    settings.CRONJOBS = []


def run_queue() -> str:
    out = StringIO()
    call_command("run_queued_refreshes", stdout=out)
    return out.getvalue()


def queue(**options) -> RefreshRun:
    return queue_run(Options.from_dict({"mode": "full", "yes": True} | options), "ada@example.org")


def test_it_is_seen_even_when_there_is_nothing_to_do(replay):
    assert run_queue() == ""
    assert timezone.now() - RunnerHeartbeat.objects.get().seen_at < timedelta(seconds=30)
    assert replay.asked() == []


def test_queued_runs_are_done_in_order():
    first, second = queue(dataset_ids=SMALL, enrich=False), queue(dataset_ids=SMALL, enrich=False)
    said = run_queue()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.added, second.state, second.unchanged) == ("done", 8, "done", 8)
    assert first.finished_at <= second.started_at
    assert f"Run {first.pk}, full, queued, asked for by ada@example.org" in said


def test_a_run_that_fails_does_not_block_those_behind_it(replay):
    broken, good = queue(dataset_ids=SMALL), queue(dataset_ids=SMALL, enrich=False)
    replay.fault("503", "/v3/dataset", times=1)
    with pytest.raises(CommandError, match=rf"1 run\(s\) failed: {broken.pk}"):
        run_queue()
    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.state, bool(broken.error), good.state) == ("failed", True, "done")


def test_a_queued_run_for_a_dataset_that_obis_does_not_know_fails_and_says_so():
    run = queue(dataset_ids="11111111-1111-4111-8111-11111111ABCD", enrich=False)
    with pytest.raises(CommandError, match="failed"):
        run_queue()
    run.refresh_from_db()
    assert (run.state, run.error) == (
        "failed",
        "OBIS does not know datasetid=11111111-1111-4111-8111-11111111abcd.",
    )


def test_a_failure_of_the_database_is_told_without_the_record_that_it_quotes():
    run = queue()
    fail_run(
        run,
        'new row violates check constraint "x"\nDETAIL:  Failing row contains (1, Jane Doe jane@example.org).',
    )
    run.refresh_from_db()
    assert run.error == 'new row violates check constraint "x"'


def test_the_lock_outlives_a_failure_after_hours():
    with refresh_lock():
        # as old as the connection of a long run is, which Django would replace
        connection.close_at = 0
        fail_run(queue(), "OBIS did not answer.")
        assert holds_lock()


def test_a_runner_that_lost_its_connection_and_with_it_the_lock_takes_no_other_run():
    first, second = queue(dataset_ids=SMALL), queue(dataset_ids=SMALL)
    with connection.cursor() as cursor:
        cursor.execute(LOSE_THE_CONNECTION)
    try:
        with pytest.raises(CommandError, match=rf"1 run\(s\) failed: {first.pk}"):
            run_queue()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION lose_the_connection CASCADE")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("failed", "queued")


LOSE_THE_CONNECTION = """
    CREATE FUNCTION lose_the_connection() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
    CREATE TRIGGER lose_the_connection BEFORE UPDATE ON species_refreshrun FOR EACH ROW
        WHEN (NEW.pages > 0) EXECUTE FUNCTION lose_the_connection();
"""


def test_a_row_with_options_that_make_no_sense_fails_with_its_reason():
    row = queue()
    RefreshRun.objects.filter(pk=row.pk).update(options={"mode": "sideways"})
    with pytest.raises(CommandError):
        run_queue()
    row.refresh_from_db()
    assert (row.state, row.error) == (
        "failed",
        "The mode must be incremental or full, not sideways.",
    )


def test_while_another_refresh_works_it_leaves_the_queue_alone():
    row = queue()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert run_queue() == ""
    finally:
        other.close()
    row.refresh_from_db()
    assert row.state == "queued"
    assert RunnerHeartbeat.objects.exists()


def test_a_run_whose_process_was_killed_stands_as_failed_with_a_note():
    row = queue()
    RefreshRun.objects.filter(pk=row.pk).update(state=RunState.RUNNING, started_at=timezone.now())
    run_queue()
    row.refresh_from_db()
    assert row.state == "failed"
    assert "killed" in row.error
    assert row.notes == [
        "Its process stopped. The next run continues from the last committed page."
    ]


def test_an_abandoned_run_does_not_hinder_the_next():
    dead = queue()
    RefreshRun.objects.filter(pk=dead.pk).update(state=RunState.RUNNING, started_at=timezone.now())
    row = queue(dataset_ids=SMALL, enrich=False)
    run_queue()
    row.refresh_from_db()
    assert row.state == "done"


def test_what_enrichment_left_over_is_asked_for(replay):
    queue(dataset_ids=SMALL, enrich=False)
    said = run_queue()
    assert "WoRMS:" in said
    assert Taxon.objects.filter(worms_found=True).exists()
    assert set(CuratedObservation.objects.values_list("common_name", flat=True)) == {
        "loggerhead turtle"
    }
    replay.log.clear()
    run_queue()
    assert replay.asked() == []


def test_a_taxon_whose_answer_cannot_be_used_is_asked_about_in_growing_pauses(replay):
    queue(dataset_ids=SMALL, enrich=False)
    replay.world.odd_records[LOGGERHEAD] = "text"
    assert "could not be used" in run_queue()
    pauses = []
    for _ in range(3):
        replay.log.clear()
        assert run_queue() == ""
        assert replay.asked() == []
        turtle = Taxon.objects.get(pk=LOGGERHEAD)
        pauses.append(turtle.worms_retry_at - timezone.now())
        Taxon.objects.filter(pk=LOGGERHEAD).update(worms_retry_at=timezone.now())
        assert "could not be used" in run_queue()
        assert replay.asked("/rest/AphiaRecordsByAphiaIDs")
    assert pauses[0] < pauses[1] < pauses[2] < timedelta(hours=1)
    Taxon.objects.filter(pk=LOGGERHEAD).update(worms_failures=32_767, worms_retry_at=None)
    run_queue()
    assert Taxon.objects.get(pk=LOGGERHEAD).worms_retry_at - timezone.now() <= timedelta(days=7)


def test_a_taxon_that_pauses_is_asked_about_by_a_refresh_and_pauses_no_more(replay):
    queue(dataset_ids=SMALL, enrich=False)
    replay.world.odd_records[LOGGERHEAD] = "text"
    run_queue()
    replay.world.odd_records.clear()
    queue(dataset_ids=SMALL)
    run_queue()
    turtle = Taxon.objects.get(pk=LOGGERHEAD)
    assert (turtle.worms_found, turtle.worms_failures, turtle.worms_retry_at) == (True, 0, None)


def test_common_names_that_cannot_be_read_pause_too(replay):
    queue(dataset_ids=SMALL, enrich=False)
    replay.fault("500", f"/rest/AphiaVernacularsByAphiaID/{LOGGERHEAD}", times=99)
    run_queue()
    replay.log.clear()
    assert run_queue() == ""
    assert replay.asked() == []
    replay.faults.clear()
    Taxon.objects.filter(pk=LOGGERHEAD).update(worms_retry_at=timezone.now())
    run_queue()
    assert Taxon.objects.get(pk=LOGGERHEAD).worms_retry_at is None


def test_demonstration_data_alone_call_nobody(replay):
    factories.observation(dataset=factories.dataset(source="demonstration"))
    assert run_queue() == ""
    assert replay.asked() == []


def test_a_missed_scheduled_run_is_entered_mailed_and_tried_again(settings, mailoutbox):
    due = timezone.now() - timedelta(hours=26)
    settings.ADMINS = [("Ada", "ada@example.org")]
    settings.REFRESH_SCOPE = {"taxonid": "", "datasetid": SMALL, "geometry": ""}
    job = ["refresh_obis_data", "--mode", "full", "--scheduled"]
    settings.CRONJOBS = [(f"{due:%M %H %d %m} *", "django.core.management.call_command", job)]
    former = queue()
    long_ago = due - timedelta(days=365)
    RefreshRun.objects.filter(pk=former.pk).update(
        state="done", is_scheduled=True, queued_at=long_ago
    )
    run_queue()
    missed, again = RefreshRun.objects.exclude(pk=former.pk).order_by("pk")
    assert (missed.state, "never started" in missed.error) == ("failed", True)
    assert (again.state, again.is_scheduled, again.added) == ("done", True, 8)
    assert len(mailoutbox) == 1
    run_queue()
    assert (RefreshRun.objects.count(), len(mailoutbox)) == (3, 1)
