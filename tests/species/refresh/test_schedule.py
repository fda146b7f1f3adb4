"""A scheduled refresh that failed or never came is seen, told once, and tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connections

from species.models import RefreshRun, RunState
from species.refresh import schedule
from species.refresh.lock import LOCK
from species.refresh.options import Options
from species.refresh.run_state import queue_run
from users import mails

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
DUE = datetime(2026, 11, 1, 3, tzinfo=UTC)
FULL_DUE = datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_jobs(settings):
    call = "django.core.management.call_command"
    settings.CRONJOBS = [
        (
            "0 3 1 * *",
            call,
            ["refresh_obis_data", "--mode", "incremental", "--wait", "--scheduled"],
        ),
        ("0 4 1 1,7 *", call, ["refresh_obis_data", "--mode", "full", "--wait", "--scheduled"]),
        ("*/5 * * * *", call, ["run_queued_refreshes"]),
    ]
    settings.ADMINS = [("Ada", "ada@example.org")]


def run(
    at: datetime,
    state: str = "done",
    mode: str = "incremental",
    *,
    scheduled: bool = True,
    **options,
) -> RefreshRun:
    """A run that was queued and ended at this time."""
    row = queue_run(Options.from_dict({"mode": mode} | options), "cron", is_scheduled=scheduled)
    error = "OBIS was down." if state == RunState.FAILED else ""
    RefreshRun.objects.filter(pk=row.pk).update(
        state=state, error=error, queued_at=at, started_at=at, finished_at=at + timedelta(hours=2)
    )
    row.refresh_from_db()
    return row


def states(now: datetime = NOW) -> dict[str, str]:
    return {health.mode: health.state for health in schedule.schedule_health(now)}


def test_a_fresh_portal_is_not_late():
    assert states() == {"incremental": "not yet", "full": "not yet"}
    assert not any(health.is_red for health in schedule.schedule_health(NOW))
    assert str(schedule.schedule_health(NOW)[0]) == "No scheduled incremental update yet."


def test_a_run_by_hand_does_not_start_the_clock():
    run(DUE - timedelta(days=200), scheduled=False)
    assert states() == {"incremental": "not yet", "full": "not yet"}


def test_what_came_in_time_is_done_and_the_next_is_named():
    run(FULL_DUE, mode="full")
    run(DUE + timedelta(seconds=5))
    incremental, full = schedule.schedule_health(NOW)
    assert (incremental.state, full.state) == ("done", "done")
    assert (incremental.due_at, incremental.next_at) == (DUE, datetime(2026, 12, 1, 3, tzinfo=UTC))


def test_a_full_refresh_is_not_missed_before_its_first_date():
    run(DUE)
    assert states() == {"incremental": "done", "full": "not yet"}


def test_a_date_without_a_run_was_missed():
    run(DUE - timedelta(days=31))
    assert states() == {"incremental": "missed", "full": "not yet"}
    assert "didn't start" in str(schedule.schedule_health(NOW)[0])


def test_a_failed_run_is_red_until_a_later_one_is_done():
    run(DUE, "failed")
    assert schedule.schedule_health(NOW)[0].is_red
    run(DUE + timedelta(days=1))
    assert states()["incremental"] == "done"


def test_a_whole_refresh_by_hand_does_for_the_scheduled_one_and_a_part_does_not():
    run(DUE, "failed")
    run(DUE + timedelta(days=1), scheduled=False, taxon_ids="137205")
    assert states()["incremental"] == "failed"
    run(DUE + timedelta(days=2), mode="full", scheduled=False)
    assert states()["incremental"] == "done"


def test_a_run_that_just_fell_due_is_awaited():
    run(DUE - timedelta(days=31))
    assert states(DUE + timedelta(minutes=10))["incremental"] == "waiting"
    assert states(DUE + timedelta(minutes=40))["incremental"] == "missed"


def test_a_run_that_waits_for_another_is_not_missed():
    run(DUE - timedelta(days=31))
    run(DUE - timedelta(hours=1), "running", "full", scheduled=False, taxon_ids="2")
    assert states(DUE + timedelta(hours=5))["incremental"] == "waiting"
    assert states(DUE + timedelta(hours=25))["incremental"] == "missed"


def test_a_running_run_is_running_only_while_its_process_holds_the_lock():
    run(DUE, "running")
    assert states()["incremental"] == "failed"
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert states()["incremental"] == "running"
    finally:
        other.close()


def test_a_missed_run_is_entered_once_as_a_failed_one():
    run(DUE - timedelta(days=31))
    entered = schedule.record_missed(NOW)
    assert [row.error for row in entered] == [
        "It was due on 1 November 2026 03:00 UTC and never started."
    ]
    RefreshRun.objects.filter(pk=entered[0].pk).update(queued_at=NOW)
    assert schedule.record_missed(NOW) == []
    assert states()["incremental"] == "failed"


def test_admins_are_told_of_a_failed_run_once():
    row = run(DUE, "failed")
    RefreshRun.objects.update(queued_at=datetime.now(UTC))
    assert [told.pk for told in schedule.notify_admins()] == [row.pk]
    assert schedule.notify_admins() == []
    assert len(mail.outbox) == 1
    assert "The scheduled incremental refresh failed" in mail.outbox[0].subject
    assert "OBIS was down." in mail.outbox[0].body
    row.refresh_from_db()
    assert row.notes[-1].startswith("ADMINS were told by e-mail")


def test_a_mail_that_cannot_be_sent_is_kept_and_sent_by_the_queue_runner(settings):
    row = run(datetime.now(UTC), "failed")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    assert [told.pk for told in schedule.notify_admins()] == [row.pk]
    assert schedule.notify_admins() == []
    row.refresh_from_db()
    assert "as soon as the mail server takes it" in row.notes[-1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mails.send_due(datetime.now(UTC) + timedelta(minutes=6)) == (1, 0)
    assert "OBIS was down." in mail.outbox[0].body


def test_old_failures_and_runs_by_hand_are_no_news():
    run(datetime.now(UTC) - timedelta(days=40), "failed")
    run(datetime.now(UTC), "failed", scheduled=False)
    assert schedule.notify_admins() == []


def test_a_failed_run_is_queued_again_a_day_later_and_only_once():
    run(DUE, "failed")  # it ended two hours later
    assert schedule.queue_retries(DUE + timedelta(hours=25)) == []
    (again,) = schedule.queue_retries(DUE + timedelta(hours=26))
    assert (again.mode, again.state, again.is_scheduled) == ("incremental", "queued", True)
    assert again.requested_by == "schedule, tried again"
    assert schedule.queue_retries(NOW) == []
    assert states()["incremental"] == "waiting"


def test_what_is_not_scheduled_is_not_watched(settings):
    settings.CRONJOBS = settings.CRONJOBS[2:]
    assert schedule.schedule_health(NOW) == []


def test_the_portals_own_schedule_is_read(settings):
    from config.schedule import cronjobs

    settings.CRONJOBS = cronjobs()
    assert set(states()) == {"incremental", "full"}
    assert all(
        "--scheduled" in job[2] for job in settings.CRONJOBS if job[2][0] == schedule.COMMAND
    )
