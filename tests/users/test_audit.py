"""The log of what was done: nobody changes it, and it ends by a setting alone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import RequestFactory
from django.utils import timezone

from tests.users.people import person
from users.audit import Action, record
from users.models import AuditEntry

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    request.user = user
    return request


def test_an_entry_says_who_did_what_to_whom_and_from_where():
    ada, bob = person("ada"), person("bob")
    entry = record(Action.ROLE_CHANGED, request=request_of(ada), target=bob, role="researcher")
    entry.refresh_from_db()
    assert (entry.actor, entry.target, entry.address) == (ada, f"user:{bob.pk}", "203.0.113.7")
    assert entry.details == {"role": "researcher"}


def test_on_the_command_line_the_machine_s_user_is_named():
    entry = record(Action.OBSERVATIONS_PURGED)
    assert (entry.actor, entry.address) == (None, None)
    assert entry.actor_label.endswith("command line)")


def test_nul_bytes_and_endless_texts_do_not_stop_an_entry():
    entry = record(
        "moderated", target="x\x00" * 900, note="n\x00" * 900, deep={"a\x00": ["\x00b", {1}]}
    )
    entry.refresh_from_db()
    assert len(entry.target) == 200
    assert entry.details["note"] == "n" * 500
    assert entry.details["deep"] == {"a": ["b", [1]]}


def test_the_database_itself_refuses_to_change_or_delete_an_entry():
    entry = record(Action.LOG_IN)
    for change in (
        lambda: AuditEntry.objects.update(action="nothing"),
        lambda: entry.save(),
        lambda: AuditEntry.objects.all().delete(),
        lambda: entry.delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert AuditEntry.objects.get().action == "log_in"


def test_an_entry_outlives_the_account_and_then_says_only_its_number():
    ada = person("ada")
    record(Action.LOG_IN, actor=ada)
    number = ada.pk
    ada.delete()
    entry = AuditEntry.objects.select_related("actor").get()
    assert (entry.actor_id, entry.actor) == (number, None)


def test_a_purge_takes_only_old_entries_and_leaves_the_lock_on():
    record(Action.LOG_IN)
    old = AuditEntry.objects.create(action="log_in", at=timezone.now() - timedelta(days=40))
    assert AuditEntry.objects.older_than(30).purge() == 1
    assert not AuditEntry.objects.filter(pk=old.pk).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()
