"""Error pages stand in the portal's frame, and the last one needs nothing."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import path

from config.urls import handler400
from config.urls import urlpatterns as portal


def refuse(error):
    def view(request) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("suspicious/", refuse(SuspiciousOperation("no"))),
    path("denied/", refuse(PermissionDenied())),
    path("broken/", refuse(RuntimeError("a secret"))),
    *portal,
]
__all__ = ["handler400"]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/suspicious/", 400, "We couldn't understand that request"),
        ("/denied/", 403, "You don't have access to this page"),
        ("/nothing/", 404, "Page not found"),
    ],
)
def test_a_refusal_stands_in_the_frame_with_a_way_out(client, address, status, told):
    response = client.get(address)
    text = response.content.decode()
    assert response.status_code == status
    assert told in text
    assert "Marine Species Tracker" in text
    assert "Back to the map" in text


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_the_frame():
    from django.views.csrf import csrf_failure

    request = RequestFactory().post("/admin/login/")
    response = csrf_failure(request)
    assert response.status_code == 403
    assert "You don't have access to this page" in response.content.decode()


@pytest.mark.urls(__name__)
def test_a_fault_of_ours_is_told_without_the_database_and_without_details(client):
    client.raise_request_exception = False
    response = client.get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
    assert "a secret" not in response.content.decode()


def test_the_page_for_faults_needs_no_context():
    assert "Back to the map" in render_to_string("500.html")


HOSTS = ("evil.example", "localhost:abc", "a b", "[::1", "testserver@evil.example", "testserver/x")


@pytest.mark.django_db
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_ours_is_a_bad_request_everywhere(client, host):
    for address in ("/", "/healthz", "/accounts/password/reset/", "/nothing/", "/admin/"):
        answer = client.get(address, headers={"Host": host})
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            400,
            "text/html; charset=utf-8",
        ), address
        assert "use that host name" in answer.content.decode()
        assert "evil" not in answer.content.decode()
    for address in (
        "/api/v1/taxa/",
        "/api/v1/auth/csrf/",
        "/tiles/observations/0/0/0.mvt",
        "/ogc/collections",
    ):
        answer = client.get(address, headers={"Host": host})
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            400,
            "application/problem+json",
        ), address
        assert answer.json()["status"] == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/people/%00/", "/?" + "&".join(["p=1"] * 1_500), "/?q=" + "x" * 9_000]
)
def test_a_request_with_two_faults_is_refused_for_one_of_them(client, address):
    assert client.get(address, headers={"Host": "evil.example"}).status_code in (400, 414)


@pytest.mark.django_db
def test_too_many_parameters_are_a_problem_where_programs_ask(client):
    query = "&".join(["p=1"] * 1_500)
    for address in (
        "/api/v1/observations/",
        "/tiles/observations/0/0/0.mvt",
        "/ogc/collections/observations/items",
    ):
        answer = client.get(f"{address}?{query}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            400,
            "application/problem+json",
        ), address
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (
        client.get(f"/observations/?{query}").headers["Content-Type"] == "text/html; charset=utf-8"
    )
