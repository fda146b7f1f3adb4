"""While the database is gone each address says so in its own format, with the time to come back."""

import pytest
from django.core import mail
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from config.http.unavailable import refusal_of
from config.logs import error_mails
from species.models import CuratedObservation
from tests.wall.endpoints import AUTH

KEY = "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00"
PAGES = [
    *(
        "/",
        "/observations/",
        "/observations/?flag=ON_LAND",
        f"/observations/{KEY}/",
        "/species/",
        "/species/1/",
    ),
    *(
        "/datasets/",
        f"/datasets/{KEY}/",
        "/data/",
        "/data/rules/",
        "/summary/",
        "/suggest/?q=gadus",
        "/absences/",
    ),
    *("/q/abc/", "/people/ada/", "/sitemap.xml", "/sitemap-pages.xml"),
]
PROGRAMS = [
    *(
        "/tiles/observations/0/0/0.mvt",
        "/tiles/observations/3/2/2.mvt?flag=ON_LAND",
        "/api/v1/observations/",
    ),
    *(
        "/api/v1/observations/?format=csv",
        "/api/v1/observations/count/",
        f"/api/v1/observations/{KEY}/",
    ),
    *("/api/v1/datasets/", "/api/v1/taxa/", "/api/v1/taxa/suggest/?q=gadus", "/api/v1/statistics/"),
    *("/api/v1/refresh-runs/", "/ogc/collections", "/ogc/collections/observations/items"),
    *(
        "/ogc/collections/datasets/items",
        "/ogc/collections/observations/tiles/WebMercatorQuad/0/0/0",
    ),
]


@pytest.fixture
def no_database(transactional_db, settings):
    """The database's port leads nowhere; as in production, faults are mailed and a view's exception
    is a response.
    """
    settings.ADMINS = [("Operator", "operator@example.org")]
    connection.close()
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], "1"
    yield
    connection.settings_dict["PORT"] = port
    connection.close()


@pytest.fixture
def stranger():
    return Client(raise_request_exception=False)


def holds_for(response) -> bool:
    return response.status_code == 503 and int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("address", PROGRAMS)
def test_programs_get_a_problem_document(no_database, stranger, address):
    response = stranger.get(address)
    if response.status_code == 200:
        assert address == "/ogc/collections"  # it describes the server and counts nothing
        return
    assert holds_for(response), response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json()["status"] == 503
    assert "database" in response.json()["detail"]


def test_every_page_is_an_explanation(no_database, stranger):
    answers = {address: stranger.get(address) for address in PAGES}
    assert {
        address: each.status_code
        for address, each in answers.items()
        if each.status_code not in {200, 503}
    } == {}
    gone = [each for each in answers.values() if each.status_code == 503]
    assert len(gone) > 10
    for each in gone:
        assert holds_for(each)
        assert each.headers["Cache-Control"] == "no-store"
        assert "reach our database" in each.content.decode()


def test_a_page_explains_itself_in_the_visitors_language(no_database, stranger):
    response = stranger.get("/observations/", headers={"Accept-Language": "de"})
    assert holds_for(response)
    assert 'lang="de"' in response.content.decode()


def test_logging_in_is_unavailable_on_pages_and_in_the_api(no_database, stranger):
    form = {"login": "ada@example.org", "password": "nine dusky groupers"}
    assert holds_for(stranger.post("/accounts/login/", form))
    stranger.cookies["sessionid"] = "a" * 32
    assert holds_for(stranger.get("/accounts/me/"))
    response = stranger.get(
        f"{AUTH}profiles/me/", headers={"Authorization": "Bearer mst_" + "a" * 40}
    )
    assert holds_for(response)
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_stopped_database_mails_no_operator(no_database, stranger, mailoutbox):
    stranger.get("/observations/")
    stranger.get("/api/v1/observations/")
    error_mails.OUTBOX.wait()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_ends_in_the_middle_of_a_request_is_no_fault_of_ours(
    stranger, monkeypatch
):
    def cut(*words, **more):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(CuratedObservation.objects, "published", cut)
    monkeypatch.setattr("species.atlas.lists.newest_first", cut)
    assert holds_for(stranger.get("/observations/"))
    connection.close()
    assert stranger.get("/readyz").status_code == 200


def test_only_what_passes_by_itself_is_unavailable():
    assert refusal_of(OperationalError("server closed the connection unexpectedly"))
    assert refusal_of(InterfaceError("connection already closed"))
    assert refusal_of(ValueError("a fault")) is None
