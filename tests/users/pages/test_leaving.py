"""Deleting an account: with the password, for good, and without taking what others rely on."""

import pytest
from django.test import Client

from species.models import RefreshMode, RefreshRun, SavedSelection
from tests.users.people import PASSWORD, person, superuser
from users.models import AuditEntry, RoleRequest, User

pytestmark = pytest.mark.django_db
URL = "/accounts/me/delete/"
FORM = {"password": PASSWORD, "sure": "on"}
FACTS = {"institution": "NIOZ", "orcid": "0000-0002-1825-0097", "reason": "whelks"}


def test_the_person_goes_and_what_they_gave_stays_without_their_name(client, ada, mailoutbox):
    bobs = RoleRequest.objects.create(user=person("bob"), **FACTS)
    bobs.decide(ada, "refused", "No")
    RoleRequest.objects.create(user=ada, **FACTS)
    run = RefreshRun.objects.create(mode=RefreshMode.FULL, requested_by="ada")
    SavedSelection.objects.create(owner=ada, hash="0123456789abcdef0123", query="")
    assert client.post(URL, FORM)["location"] == "/"
    assert list(User.objects.values_list("username", flat=True)) == ["bob"]
    bobs.refresh_from_db()
    run.refresh_from_db()
    assert (bobs.decision, bobs.decided_by, run.requested_by) == (
        "refused",
        None,
        "a deleted account",
    )
    assert RoleRequest.objects.get() == bobs
    assert not SavedSelection.objects.exists()
    assert client.get("/accounts/me/").status_code == 302
    entry = AuditEntry.objects.select_related("actor").get(action="account_deleted")
    assert (entry.actor_id, entry.actor) == (ada.pk, None)
    assert mailoutbox[0].to == ["ada@example.org"]


def test_people_are_told_before_what_stays(client, ada):
    text = client.get(URL).content.decode()
    assert "remain, anonymously" in text
    assert 'href="/accounts/me/data/"' in text


@pytest.mark.parametrize(
    "form", [{}, {"password": "wrong", "sure": "on"}, {"password": PASSWORD}, {"password": "\x00"}]
)
def test_without_the_password_and_the_tick_nothing_happens(client, ada, form):
    assert client.post(URL, form).status_code == 200
    assert User.objects.filter(pk=ada.pk).exists()


def test_guessing_the_password_here_is_counted_like_a_log_in(client, ada):
    for _ in range(5):
        client.post(URL, {"password": "wrong", "sure": "on"})
    assert "Too many failed" in client.post(URL, FORM).content.decode()
    assert User.objects.filter(pk=ada.pk).exists()


def test_the_last_superuser_stays(client):
    root = superuser()
    client.force_login(root)
    assert "Make someone else a superuser first" in client.post(URL, FORM).content.decode()
    superuser("second")
    client.post(URL, FORM)
    assert list(User.objects.values_list("username", flat=True)) == ["second"]


def test_a_forged_or_anonymous_request_deletes_nobody(ada):
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(ada)
    assert forger.post(URL, FORM).status_code == 403
    assert Client().post(URL, FORM)["location"].startswith("/accounts/login/")
    assert User.objects.filter(pk=ada.pk).exists()
