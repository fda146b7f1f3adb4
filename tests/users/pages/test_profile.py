"""The own profile, what others see of it, and everything kept of a person."""

import json

import pytest
from django.test import Client

from species.models import SavedSelection
from tests.users.people import person
from users.audit import Action, record
from users.models import PersonalAccessToken, RoleRequest, User

pytestmark = pytest.mark.django_db
URL = "/accounts/me/"
FORM = {
    "display_name": "Ada L.",
    "units": "imperial",
    "vernacular_language": "nld",
    "is_public": "on",
}


def test_a_person_says_how_the_pages_should_be(client, ada):
    assert client.post(URL, FORM)["location"] == URL
    ada.refresh_from_db()
    assert (ada.display_name, ada.units, ada.vernacular_language, ada.is_public) == (
        "Ada L.",
        "imperial",
        "nld",
        True,
    )
    assert "<h1>Ada L.</h1>" in client.get(URL).content.decode()


def test_a_chosen_language_goes_with_the_person(client, ada, settings):
    settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
    assert client.post(URL, FORM | {"language": "nl"}).cookies["django_language"].value == "nl"
    assert client.post(URL, FORM | {"language": "xx"}).status_code == 200
    assert client.post(URL, FORM | {"language": ""}).cookies["django_language"].value == ""


@pytest.mark.parametrize(
    "form",
    [
        {"units": "furlongs"},
        {"units": ""},
        {"vernacular_language": "dutch"},
        {"vernacular_language": "NLD"},
        {"display_name": "x" * 101},
        {"display_name": "a\x00b"},
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(client, ada, form):
    answer = client.post(URL, FORM | form)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    # the name that is saved, not the one that was refused
    assert "<h1>ada</h1>" in answer.content.decode()
    assert User.objects.get().units == "metric"


def test_a_forged_form_changes_nothing_that_gives_rights(client, ada):
    before = User.objects.values(
        "role", "email", "username", "is_staff", "is_superuser", "password"
    ).get()
    rights = {
        "role": "moderator",
        "is_staff": "on",
        "is_superuser": "on",
        "email": "x@example.org",
        "username": "x",
    }
    client.post(
        URL,
        FORM
        | rights
        | {"password": "x", "groups": "1", "user_permissions": "1", "id": "99", "pk": "99"},
    )
    assert User.objects.values(*before).get() == before


def test_the_page_belongs_to_who_is_logged_in():
    assert Client().get(URL)["location"] == f"/accounts/login/?next={URL}"
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(person("eve"))
    assert stranger.post(URL, FORM).status_code == 403
    assert stranger.delete(URL).status_code in {403, 405}


def test_saved_selections_are_listed_to_their_owner_alone(client, ada):
    for owner, name in ((ada, "Cod of the nineties"), (person("bob"), "Secret seamounts")):
        SavedSelection.objects.create(
            owner=owner, name=name, hash="0123456789abcdef0123", query="taxon=126436"
        )
    text = client.get(URL).content.decode()
    assert '<a href="/q/0123456789abcdef0123/">Cod of the nineties</a>' in text
    assert "<code>taxon=126436</code>" in text
    assert "Secret seamounts" not in text


def test_saved_selections_are_renamed_and_deleted_where_they_are_listed(client, ada):
    form = {"query": "depth=0,50", "name": "Shallow"}
    client.post("/q/", form)
    saved = SavedSelection.objects.get()
    renamed = client.post(
        f"/q/{saved.hash}/name/", {"name": "Very\x00 shallow", "next": URL}, follow=True
    )
    assert renamed.redirect_chain == [(URL, 302)]
    assert f'<a href="/q/{saved.hash}/">Very shallow</a>' in renamed.content.decode()
    stranger = Client()
    stranger.force_login(person("eve"))
    assert stranger.post(f"/q/{saved.hash}/delete/").status_code == 404
    gone = client.post(f"/q/{saved.hash}/delete/", {"next": URL}, follow=True)
    assert "No saved searches yet." in gone.content.decode()
    assert not SavedSelection.objects.exists()


def test_many_saved_selections_stand_on_pages(client, ada, django_assert_max_num_queries):
    rows = (
        SavedSelection(owner=ada, hash=f"{number:020x}", query=f"depth=0,{number}")
        for number in range(51)
    )
    SavedSelection.objects.bulk_create(rows)
    with django_assert_max_num_queries(8):
        first = client.get(URL).content.decode()
    assert (first.count(">depth=0,"), 'href="?page=2"' in first) == (50, True)
    assert client.get(URL, {"page": 2}).content.decode().count(">depth=0,") == 1


def test_the_menu_leads_to_the_account_and_the_log_in_leads_back(client):
    assert 'href="/accounts/login/?next=/data/"' in client.get("/data/").content.decode()
    client.force_login(person("ada"))
    text = client.get("/data/").content.decode()
    assert 'href="/accounts/me/"' in text
    assert 'href="/admin/"' not in text
    assert 'href="/moderation/requests/"' not in text


def test_pages_are_kept_by_nobody_but_the_reader_and_vary_on_who_asks(client, ada):
    answer = client.get(URL)
    assert answer["Cache-Control"] == "private, no-cache, no-store"
    assert {"Cookie", "Accept-Language", "HX-Request"} <= {
        part.strip() for part in answer["Vary"].split(",")
    }
    assert "no-store" in client.get("/accounts/login/", follow=False).get(
        "Cache-Control", "no-store"
    )


def test_a_profile_is_public_only_if_its_owner_wishes(client):
    ada = person("ada", display_name="Ada L.")
    assert client.get("/people/ada/").status_code == 404
    User.objects.update(is_public=True)
    text = client.get("/people/ADA/").content.decode()
    assert "Ada L." in text
    assert ada.email not in text
    User.objects.update(is_active=False)
    assert client.get("/people/ada/").status_code == 404
    assert client.get("/people/nobody/").status_code == 404


def test_a_person_downloads_everything_that_is_kept_of_them_and_no_secret(client, ada):
    bob = person("bob")
    RoleRequest.objects.create(
        user=ada, institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
    )
    RoleRequest.objects.create(
        user=bob, institution="Elsewhere", orcid="0000-0002-1825-0097", reason="squid"
    )
    PersonalAccessToken.issue(ada, "laptop", ["profile:read"])
    record(Action.ROLE_CHANGED, actor=bob, target=ada, role="observer")
    answer = client.get("/accounts/me/data/")
    kept = json.loads(answer.content)
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in answer["Cache-Control"]
    assert kept["account"]["email"] == "ada@example.org"
    assert [one["institution"] for one in kept["role_requests"]] == ["NIOZ"]
    assert [one["name"] for one in kept["access_tokens"]] == ["laptop"]
    assert {entry["action"] for entry in kept["log"]} == {"data_downloaded", "role_changed"}
    for secret in (ada.password, "digest", "session_key", "bob@example.org", "Elsewhere"):
        assert secret not in answer.content.decode()


def test_nobody_downloads_somebody_else_s_data():
    assert Client().get("/accounts/me/data/").status_code == 302
