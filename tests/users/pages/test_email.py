"""Another address: it counts once its owner has proved it."""

import pytest
from django.test import Client

from tests.users.pages.answers import link_in, seen
from tests.users.people import PASSWORD, person
from users.models import AuditEntry, User

pytestmark = pytest.mark.django_db
URL = "/accounts/email/"


def change(client, email="ada@new.example"):
    return client.post(URL, {"action_add": "", "email": email})


def test_the_old_address_counts_until_the_new_one_is_proved(client, proved_ada, mailoutbox):
    change(client)
    proved_ada.refresh_from_db()
    assert (proved_ada.email, mailoutbox[0].to) == ("ada@example.org", ["ada@new.example"])
    assert "click the link that we sent" in client.get(URL).content.decode()
    client.post(link_in(mailoutbox[0]))
    proved_ada.refresh_from_db()
    assert proved_ada.email == "ada@new.example"
    assert mailoutbox[1].to == ["ada@example.org"]  # the old address hears of it
    assert "email_changed" in AuditEntry.objects.values_list("action", flat=True)


def test_a_change_that_was_not_meant_is_taken_back(client, proved_ada, mailoutbox):
    change(client)
    client.post(URL, {"action_remove": "", "email": "ada@new.example"})
    assert "used or has expired" in client.get(link_in(mailoutbox[0])).content.decode()


def test_an_address_of_somebody_else_is_asked_for_like_any_other_and_never_given(
    client, proved_ada, mailoutbox
):
    person("bob")
    fresh, known = seen(change(client)), seen(change(client, "bob@example.org"))
    assert fresh == known == (302, URL)
    client.post(link_in(mailoutbox[1]))
    assert User.objects.get(username="ada").email == "ada@example.org"


def test_an_address_that_somebody_took_meanwhile_is_not_given(client, proved_ada, mailoutbox):
    change(client)
    User.objects.create_user("ada@new.example", "quick", PASSWORD)  # has not proved it yet
    answer = client.post(link_in(mailoutbox[0]), follow=True)
    assert answer.status_code == 200
    assert User.objects.get(username="ada").email == "ada@example.org"


def test_the_password_is_asked_once_more_and_then_the_change_goes_on(client, mailoutbox):
    client.force_login(person("bob"))
    asked = change(client)["location"]
    assert asked == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert mailoutbox == []
    client.post(asked, {"password": PASSWORD, "next": URL})
    assert mailoutbox[0].to == ["ada@new.example"]


@pytest.mark.parametrize(
    "email", ["", "no", "a\x00@example.org", "ADA@example.org", "x" * 300 + "@example.org"]
)
def test_nonsense_and_the_present_address_get_the_form_again(client, proved_ada, mailoutbox, email):
    assert change(client, email).status_code == 200
    assert mailoutbox == []


def test_strangers_are_sent_to_the_log_in():
    assert change(Client())["location"].startswith("/accounts/login/")
