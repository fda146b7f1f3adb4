"""Forms that another site sends are refused; those of an older tab of ours explain themselves and
go on.
"""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from species.models import SavedSelection
from tests.markup import squeezed
from tests.users.people import PASSWORD, person
from users.models import User

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
ELSEWHERE = [
    {},
    {"Origin": "http://evil.example"},
    {"Origin": "http://testserver.evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://testserver"},
    {"Origin": "null"},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Referer": "http://evil.example/http://testserver/"},
    {"Referer": "http://[::"},
]


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def ada() -> User:
    return person("ada")


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form to send again."""
    form = page.partition('class="stack"')[2].partition("</form>")[0]
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }


@pytest.mark.parametrize(
    "vouched", [HERE, {"Origin": "http://testserver"}, {"Referer": "http://testserver/"}]
)
def test_a_visitor_saves_a_selection_without_any_cookie(visitor, vouched):
    assert not visitor.get("/observations/?depth=0,50").cookies
    answer = visitor.post("/q/", {"query": "depth=0,50"}, headers=vouched)
    assert (answer.status_code, answer["location"]) == (302, "/?depth=0,50")
    assert SavedSelection.objects.count() == 1


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize(
    ("address", "form"), [("/q/", {"query": "depth=0,50"}), ("/language/", {"language": "de"})]
)
def test_a_form_of_another_site_is_refused_and_offers_nothing(visitor, headers, address, form):
    answer = visitor.post(address, form, headers=headers)
    assert answer.status_code == 403
    assert "Send again" not in answer.content.decode()
    assert not SavedSelection.objects.exists()


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_of_somebody_who_is_logged_in_another_site_saves_nothing(visitor, ada, headers):
    visitor.force_login(ada)
    assert visitor.post("/q/", {"query": "depth=0,50"}, headers=headers).status_code == 403


def test_somebody_who_is_logged_in_needs_the_token_to_save(visitor, ada):
    visitor.force_login(ada)
    assert visitor.post("/q/", {"query": "depth=0,50"}, headers=HERE).status_code == 403


def test_the_language_is_changed_without_a_cookie_by_anybody(visitor, ada):
    for _ in range(2):
        answer = visitor.post("/language/", {"language": "de", "next": "/data/"}, headers=HERE)
        assert (answer.status_code, answer.cookies["django_language"].value) == (302, "de")
        visitor.force_login(ada)


def test_a_form_from_before_the_log_in_is_sent_again_with_all_that_was_typed(visitor, ada):
    visitor.force_login(ada)
    stale = {
        "display_name": 'A "quoted" <name>',
        "units": "imperial",
        "csrfmiddlewaretoken": "x" * 64,
    }
    refused = visitor.post("/accounts/me/", stale, headers=HERE)
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "You logged in as ada after opening this form" in page
    assert "no-store" in refused["Cache-Control"]
    again = fields_of(page)
    assert again["display_name"] == 'A "quoted" <name>'
    assert visitor.post("/accounts/me/", again, headers=HERE).status_code == 302
    ada.refresh_from_db()
    assert (ada.display_name, ada.units) == ('A "quoted" <name>', "imperial")


def test_a_visitor_who_has_just_logged_in_in_another_tab_saves_with_one_more_click(visitor, ada):
    visitor.get("/observations/?depth=0,50")
    visitor.force_login(ada)
    page = visitor.post("/q/", {"query": "depth=0,50"}, headers=HERE).content.decode()
    assert visitor.post("/q/", fields_of(page), headers=HERE).status_code == 302
    assert SavedSelection.objects.get().owner == ada


def test_passwords_and_codes_are_typed_again_and_stand_on_no_page(visitor, ada):
    form = {"login": "ada@example.org", "password": PASSWORD, "next": "/data/"}
    page = visitor.post("/accounts/login/", form, headers=HERE).content.decode()
    assert PASSWORD not in page
    assert 'type="password" id="again-2" name="password"' in squeezed(page)
    assert '<label for="again-2">Enter again: Password</label>' in page
    again = fields_of(page) | {"password": PASSWORD}
    assert visitor.post("/accounts/login/", again, headers=HERE)["location"] == "/data/"


def test_files_are_chosen_again(visitor, ada):
    visitor.force_login(ada)
    file = SimpleUploadedFile("bay.geojson", b"{}")
    page = visitor.post("/q/", {"query": "depth=0,50", "area": file}, headers=HERE).content.decode()
    assert 'type="file" id="file-1" name="area"' in page
    assert 'enctype="multipart/form-data"' in page


def test_a_page_to_send_again_never_leads_elsewhere(visitor, ada):
    visitor.force_login(ada)
    page = visitor.post("//evil.example/accounts/me/", {"a": "b"}, headers=HERE)
    assert b'action="//evil' not in page.content
