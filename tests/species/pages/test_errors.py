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
        ("/suspicious/", 400, "This request makes no sense here"),
        ("/denied/", 403, "This is not open to you"),
        ("/nothing/", 404, "There is no such page"),
    ],
)
def test_a_refusal_stands_in_the_frame_with_a_way_out(client, address, status, told):
    response = client.get(address)
    text = response.content.decode()
    assert response.status_code == status
    assert told in text
    assert "Marine Species Tracker" in text
    assert "To the map" in text


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_the_frame():
    from django.views.csrf import csrf_failure

    request = RequestFactory().post("/admin/login/")
    response = csrf_failure(request)
    assert response.status_code == 403
    assert "This is not open to you" in response.content.decode()


@pytest.mark.urls(__name__)
def test_a_fault_of_ours_is_told_without_the_database_and_without_details(client):
    client.raise_request_exception = False
    response = client.get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
    assert "a secret" not in response.content.decode()


def test_the_page_for_faults_needs_no_context():
    assert "To the map" in render_to_string("500.html")
