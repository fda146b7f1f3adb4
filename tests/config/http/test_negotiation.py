"""Formats and encodings are chosen by quality values, and the address outranks the header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.http.negotiation import preferred, quality
from tests import factories

OFFERED = ("application/geo+json", "application/json", "text/csv")
LIST = "/api/v1/observations/"
ITEMS = "/ogc/collections/observations/items"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", 0),
        ("*/*", 0),
        ("text/csv", 2),
        ("text/csv;q=0.5, application/json", 1),
        ("application/json;q=0.5, text/csv;q=0.9", 2),
        ("text/*;q=0.9, */*;q=0.1", 2),
        ("*/*;q=0.1, application/json;q=0", 0),
        ("application/*;q=0, */*;q=0.1", 2),
        ("application/json; charset=utf-8", 1),
        ("APPLICATION/JSON", 1),
        ("application/geo+json;q=0, application/json;q=0", None),
        ("*/*;q=0", None),
        ("image/png", None),
        ("text/csv;q=nonsense", 2),
        ("text/csv;q=7", 2),
        (",;,", None),
    ],
)
def test_the_type_with_the_greatest_quality_is_chosen(header, chosen):
    assert preferred(header, OFFERED) == chosen


@given(st.text(alphabet="*/;,=.q0159 -textcsvjaplion", max_size=200))
def test_any_header_has_an_answer(header):
    assert preferred(header, OFFERED) in {None, 0, 1, 2}
    assert 0 <= quality(header, "gzip") <= 1


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/geo+json", "*/*;q=0"])
def test_a_format_in_the_address_outranks_the_header(client, accept):
    for path, name, media_type in (
        (LIST, "format=json", "application/json"),
        (LIST, "format=csv", "text/csv"),
        ("/api/v1/datasets/", "format=json", "application/json"),
        ("/api/v1/schema/", "format=json", "application/vnd.oai.openapi+json"),
        (ITEMS, "f=json", "application/geo+json"),
        (ITEMS, "f=html", "text/html"),
    ):
        answer = client.get(f"{path}?{name}", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (
            200,
            media_type,
        ), path


@pytest.mark.django_db
def test_qualities_count_in_both_apis_and_what_fits_nothing_is_a_problem(client):
    for path in (LIST, ITEMS, "/api/v1/datasets/", "/api/v1/schema/", "/ogc/conformance"):
        for accept in ("image/png", "*/*;q=0"):
            refused = client.get(path, headers={"Accept": accept})
            assert (refused.status_code, refused.headers["Content-Type"]) == (
                406,
                "application/problem+json",
            ), path
            assert refused.json()["status"] == 406
    likes = "application/geo+json;q=0.2, application/json;q=0.9, */*;q=0.1"
    assert client.get(LIST, headers={"Accept": likes}).headers["Content-Type"] == "application/json"
    prefers_text = {"Accept": "application/json;q=0.3, text/html;q=0.4"}
    assert client.get(ITEMS, headers=prefers_text).headers["Content-Type"].startswith("text/html")
    assert (
        client.get(ITEMS, headers={"Accept": "text/html;q=0, */*"}).headers["Content-Type"]
        == "application/geo+json"
    )


@pytest.mark.django_db
def test_an_unknown_format_is_named_as_the_fault(client):
    factories.observation()
    for path, parameter in ((LIST, "format"), ("/api/v1/schema/", "format"), (ITEMS, "f")):
        answer = client.get(path, {parameter: "xml"})
        assert answer.status_code == 400, path
        assert [each["parameter"] for each in answer.json()["errors"]] == [parameter]
