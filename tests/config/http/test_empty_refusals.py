"""No refusal is an empty page: pages explain it, programs get a problem document."""

import pytest

OLD = {"If-Match": '"old"'}
PROGRAMS = [
    *("/api/v1/schema/", "/api/v1/schema/?format=json", "/api/v1/taxa/", "/api/v1/statistics/"),
    *("/ogc/collections", "/ogc/collections/observations/items", "/tiles/observations/0/0/0.mvt"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PROGRAMS)
def test_a_version_that_is_not_current_is_a_problem_document_for_programs(client, address):
    response = client.get(address, headers=OLD)
    assert (response.status_code, response.headers["Content-Type"]) == (
        412,
        "application/problem+json",
    )
    assert response.json()["status"] == 412
    assert "If-Match" in response.json()["detail"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/v1/schema/", "/api/v1/taxa/"])
def test_a_version_that_is_current_is_answered(client, address):
    current = client.get(address).headers["ETag"]
    held = client.get(address, headers={"If-Match": current})
    # weak ones never match (RFC 9110, 13.1.1)
    assert held.status_code == (412 if current.startswith("W/") else 200)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/species/", "/data/", "/observations/"])
def test_a_page_that_takes_no_form_says_so_in_the_visitors_language(client, address):
    response = client.post(address, headers={"Accept-Language": "de"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "Das geht hier nicht" in response.content.decode()


@pytest.mark.django_db
def test_a_method_that_a_program_may_not_use_is_a_problem_document(client):
    response = client.post("/api/v1/docs/")
    assert (response.status_code, response.headers["Content-Type"]) == (
        405,
        "application/problem+json",
    )
