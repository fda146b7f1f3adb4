"""The audit log in the admin: who reads it, what it says, and that nothing there writes it."""

import pytest
from django.urls import reverse

from tests.users.people import person, staff, superuser
from users.audit import Action, record
from users.models import AuditEntry

pytestmark = pytest.mark.django_db
LIST = "/admin/users/auditentry/"


def test_it_is_read_by_who_may_and_by_nobody_else(client):
    client.force_login(staff("clerk", "users.view_user"))
    assert client.get(LIST).status_code == 403
    client.force_login(staff("auditor", "users.view_auditentry"))
    assert client.get(LIST).status_code == 200


def test_it_says_who_did_what_even_of_accounts_that_are_gone(client):
    ada, number = person("ada"), None
    record(Action.ROLE_CHANGED, actor=ada, target=ada, role="researcher")
    record(Action.OBSERVATIONS_PURGED, erased=3)
    number = ada.pk
    ada.delete()
    client.force_login(superuser())
    text = client.get(LIST).content.decode()
    assert f"deleted account {number}" in text
    assert "(command line)" in text
    assert "role: researcher" in text
    assert (
        client.get(f"{LIST}?action=role_changed&q=user:{number}")
        .content.decode()
        .count('class="field-at')
        == 1
    )


def test_not_even_a_superuser_writes_or_deletes_there(client):
    entry = record(Action.LOG_IN)
    client.force_login(superuser())
    change = reverse("admin:users_auditentry_change", args=[entry.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"action": "nothing"}).status_code == 403
    assert (
        client.post(
            reverse("admin:users_auditentry_delete", args=[entry.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert client.get(reverse("admin:users_auditentry_add")).status_code == 403
    doomed = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    client.post(LIST, doomed)
    assert AuditEntry.objects.get(pk=entry.pk).action == "log_in"


def test_the_pages_that_could_take_over_an_account_are_not_there(client):
    client.force_login(superuser())
    for page in ("account/emailaddress", "mfa/authenticator", "usersessions/usersession"):
        assert client.get(f"/admin/{page}/").status_code == 404
