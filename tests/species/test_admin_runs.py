"""Runs in the admin: queued by those who may, seen while they work, red when they failed."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from species.models import RefreshRun, RunnerHeartbeat
from tests import factories
from tests.markup import squeezed
from tests.refreshing import upstream
from tests.replay.records import SMALL
from tests.users.people import staff, superuser

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db
LIST, QUEUE, HOME = (
    "admin:species_refreshrun_changelist",
    "admin:species_refreshrun_add",
    "admin:index",
)


@pytest.fixture
def operator(client):
    account = staff(
        "operator",
        "species.add_refreshrun",
        "species.view_refreshrun",
        "species.view_dataset",
        "species.change_dataset",
    )
    client.force_login(account)
    return account


def queue(client, **form):
    return client.post(reverse(QUEUE), {"mode": "incremental"} | form)


def page(client, name: str, *arguments) -> str:
    return squeezed(client.get(reverse(name, args=arguments)).content.decode())


def test_a_refresh_is_queued_with_who_asked_for_it(client, operator):
    dataset = factories.dataset()
    answer = queue(
        client,
        mode="full",
        dataset_ids=f" {dataset.uuid} ",
        taxon_ids="137205, 2",
        dry_run="on",
        yes="on",
    )
    run = RefreshRun.objects.get()
    assert answer["location"] == reverse("admin:species_refreshrun_change", args=[run.pk])
    assert (run.state, run.mode, run.requested_by, run.is_dry_run) == (
        "queued",
        "full",
        "operator",
        True,
    )
    assert run.options["dataset_ids"] == [str(dataset.uuid)]
    assert (run.options["taxon_ids"], run.options["yes"]) == ([137205, 2], True)
    assert LogEntry.objects.get().user == operator


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"mode": "sideways"}, "Select a valid choice"),
        ({"mode": "accept"}, "Select a valid choice"),
        ({"dataset_ids": "not-a-uuid"}, "is no dataset id"),
        ({"taxon_ids": "cod"}, "must be a whole number"),
        ({"taxon_ids": "-5"}, "must be between 1"),
        ({"taxon_ids": "0"}, "must be between 1"),
        ({"taxon_ids": "137205, 1.5"}, "must be a whole number"),
        ({"taxon_ids": "9" * 400}, "must be"),
        ({"dataset_ids": SMALL[:-1]}, "is no dataset id"),
        ({"pages": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_said_in_the_form(client, operator, form, said):
    answer = queue(client, **form)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not RefreshRun.objects.exists()


def test_a_dataset_id_in_capitals_is_queued_as_obis_writes_it(client, operator):
    queue(client, mode="full", dataset_ids=SMALL.upper())
    assert RefreshRun.objects.get().options["dataset_ids"] == [SMALL]


def test_a_second_click_queues_nothing(client, operator):
    queue(client)
    assert "This refresh is already queued." in queue(client).content.decode()
    assert RefreshRun.objects.count() == 1


def test_a_forged_form_sets_nothing_but_the_options(client, operator):
    queue(client, state="done", requested_by="somebody else", fetched="1000000", is_scheduled="on")
    run = RefreshRun.objects.get()
    assert (run.state, run.requested_by, run.fetched, run.is_scheduled) == (
        "queued",
        "operator",
        0,
        False,
    )


def test_who_may_only_look_queues_and_cancels_nothing(client, operator):
    queue(client)
    client.force_login(staff("reader", "species.view_refreshrun"))
    assert queue(client, mode="full").status_code == 403
    assert "Queue a refresh" not in page(client, LIST)
    client.post(
        reverse(LIST), {"action": "cancel", "_selected_action": [RefreshRun.objects.get().pk]}
    )
    assert RefreshRun.objects.get().state == "queued"


def test_queueing_needs_the_forms_token(operator):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator)
    assert strict.post(reverse(QUEUE), {"mode": "full"}).status_code == 403
    assert not RefreshRun.objects.exists()


def test_a_queued_run_can_be_cancelled_and_a_running_one_not(client, operator):
    queue(client)
    running = RefreshRun.objects.create(mode="full", state="running", started_at=timezone.now())
    chosen = list(RefreshRun.objects.values_list("pk", flat=True))
    client.post(reverse(LIST), {"action": "cancel", "_selected_action": chosen})
    running.refresh_from_db()
    cancelled = RefreshRun.objects.exclude(pk=running.pk).get()
    assert (running.state, cancelled.state) == ("running", "failed")
    assert cancelled.error == "Cancelled by operator before it began."


def test_without_a_runner_the_admin_says_since_when(client, operator):
    assert "No runner seen yet" in page(client, HOME)
    RunnerHeartbeat.objects.create(pk=1, seen_at=timezone.now() - timedelta(hours=3))
    assert "No runner seen since" in page(client, LIST)
    RunnerHeartbeat.beat()
    assert "No runner seen" not in page(client, HOME)


def test_who_may_not_see_runs_sees_no_state_of_them(client):
    client.force_login(staff("reader", "species.view_taxon"))
    assert "No runner seen" not in page(client, HOME)


def test_a_missed_scheduled_run_is_red(client, operator, settings):
    settings.CRONJOBS = [
        ("0 3 1 * *", "django.core.management.call_command", ["refresh_obis_data"])
    ]
    run = RefreshRun.objects.create(mode="incremental", state="done", is_scheduled=True)
    RefreshRun.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(days=70))
    assert re.search(
        r'<li class="portal-red">The incremental update of .* didn.*t start', page(client, HOME)
    )


def test_a_failed_run_shows_its_error_in_red_and_its_markup_as_text(client, operator):
    run = RefreshRun.objects.create(
        mode="full", state="failed", error="<b>503</b> from OBIS", notes=["<i>note</i>"]
    )
    assert '<span class="portal-red">&lt;b&gt;503&lt;/b&gt; from OBIS</span>' in page(client, LIST)
    shown = page(client, "admin:species_refreshrun_change", run.pk)
    assert '<p class="portal-red">&lt;b&gt;503&lt;/b&gt; from OBIS</p>' in shown
    assert "&lt;i&gt;note&lt;/i&gt;" in shown


def test_progress_is_asked_again_only_while_the_run_is_not_over(client, operator):
    run = RefreshRun.objects.create(
        mode="full", state="running", records_planned=100, fetched=25, added=25
    )
    shown = page(client, "admin:species_refreshrun_progress", run.pk)
    assert 'hx-trigger="every 2s"' in shown
    assert '<progress max="100" value="25">' in shown
    RefreshRun.objects.filter(pk=run.pk).update(state="done")
    assert "hx-get" not in page(client, "admin:species_refreshrun_progress", run.pk)


def test_progress_is_for_those_who_may_see_runs(client):
    run = RefreshRun.objects.create(mode="full")
    client.force_login(staff("reader"))
    assert (
        client.get(reverse("admin:species_refreshrun_progress", args=[run.pk])).status_code == 403
    )
    assert (
        client.get(reverse("admin:species_refreshrun_progress", args=[run.pk + 1])).status_code
        == 403
    )


def test_books_that_do_not_balance_are_said(client, operator):
    run = RefreshRun.objects.create(mode="full", state="failed", error="x", fetched=5, added=4)
    assert "they don't add up" in page(client, "admin:species_refreshrun_progress", run.pk)


@pytest.fixture
def held_back():
    return factories.dataset(held_back="120 of 200 records would be withdrawn.")


def test_a_held_back_dataset_is_accepted_by_a_run_that_says_who(client, operator, held_back):
    assert "120 of 200 records would be withdrawn." in page(client, HOME)
    assert "Accept withdrawals" in page(client, "admin:species_dataset_change", held_back.pk)
    client.post(reverse("admin:species_dataset_accept", args=[held_back.pk]))
    run = RefreshRun.objects.get()
    assert (run.mode, run.state, run.requested_by) == ("accept", "queued", "operator")
    assert run.options["accept"] == str(held_back.uuid)
    assert "It will publish the update on hold" in LogEntry.objects.get().change_message
    client.post(reverse("admin:species_dataset_accept", args=[held_back.pk]))
    assert RefreshRun.objects.count() == 1


def test_accepting_takes_the_right_a_post_and_something_held_back(client, operator, held_back):
    assert (
        client.get(reverse("admin:species_dataset_accept", args=[held_back.pk])).status_code == 405
    )
    assert client.post(reverse("admin:species_dataset_accept", args=[0])).status_code == 404
    client.post(reverse("admin:species_dataset_accept", args=[factories.dataset().pk]))
    client.force_login(staff("reader", "species.view_dataset"))
    assert (
        client.post(reverse("admin:species_dataset_accept", args=[held_back.pk])).status_code == 403
    )
    assert "Accept withdrawals" not in page(client, "admin:species_dataset_change", held_back.pk)
    assert not RefreshRun.objects.exists()


def test_datasets_are_filtered_by_what_needs_attention(client, operator, held_back):
    other = factories.dataset()
    shown = client.get(
        reverse("admin:species_dataset_changelist"), {"attention": "held-back"}
    ).content.decode()
    assert (held_back.title in shown, other.title in shown) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_queued_here_is_done_by_the_runner(client, upstream, settings):
    settings.CRONJOBS = []
    client.force_login(superuser())
    queue(client, mode="full", dataset_ids=SMALL, yes="on")
    call_command("run_queued_refreshes")
    run = RefreshRun.objects.get()
    assert (run.state, run.added, run.requested_by) == ("done", 8, "root")
