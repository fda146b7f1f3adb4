"""The API describes itself completely, and the description is shown without a third party or an
inline script.
"""

from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from species.api.schema import document, rendered
from species.filters import PARAMETERS, SELECTION, ObservationFilter
from tests import factories


@pytest.fixture(scope="module")
def schema():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def test_the_schema_is_valid_and_without_a_warning(schema):
    assert {path for path in schema["paths"] if not path.startswith("/api/v1/auth/")} == {
        "/api/v1/observations/",
        "/api/v1/observations/count/",
        "/api/v1/observations/histogram/",
        "/api/v1/observations/summary/",
        "/api/v1/observations/{key}/",
        "/api/v1/datasets/",
        "/api/v1/datasets/{uuid}/",
        "/api/v1/taxa/",
        "/api/v1/taxa/{aphia_id}/",
        "/api/v1/taxa/{aphia_id}/tree/",
        "/api/v1/taxa/tree/",
        "/api/v1/taxa/suggest/",
        "/api/v1/refresh-runs/",
        "/api/v1/refresh-runs/{id}/",
        "/api/v1/statistics/",
        "/api/v1/selections/{name}/",
    }


def test_every_filter_is_described_with_an_example_and_no_other_is(schema):
    described = {
        each["name"]: each for each in schema["paths"]["/api/v1/observations/"]["get"]["parameters"]
    }
    assert set(described) - {"limit", "after", "format"} == {*PARAMETERS, SELECTION}
    for name in PARAMETERS:
        assert described[name]["description"]
        assert described[name]["examples"]


def test_every_example_of_a_filter_is_a_legal_question(schema):
    for each in schema["paths"]["/api/v1/observations/"]["get"]["parameters"]:
        for example in (shown for shown in each.get("examples", {}).values() if shown["value"]):
            question = {"from": "2010", "depth": "0,5"} | {each["name"]: example["value"]}
            understood = ObservationFilter.from_query(question).canonical
            assert example["value"] in understood.get(each["name"], each["schema"].get("default"))


@pytest.mark.django_db
def test_what_is_answered_is_what_the_schema_names(client, schema):
    factories.observation()
    (feature,) = client.get("/api/v1/observations/").json()["features"]
    named = schema["components"]["schemas"]["Observation"]["properties"]
    assert set(feature) == set(named)
    assert set(feature["properties"]) == set(named["properties"]["properties"])


@pytest.mark.django_db
def test_the_schema_and_the_docs_are_served_without_cookies(client):
    for address in ("/api/v1/schema/", "/api/v1/schema/?format=json", "/api/v1/docs/"):
        response = client.get(address)
        assert response.status_code == 200
        assert not response.cookies
    assert client.get("/api/v1/schema/").headers["Access-Control-Allow-Origin"] == "*"
    assert b"<script>" not in client.get("/api/v1/docs/").content


def test_the_schema_is_generated_once_for_all_formats_and_languages(client, monkeypatch):
    document.cache_clear()
    rendered.cache_clear()
    generated = []
    generate = SchemaGenerator.get_schema
    monkeypatch.setattr(
        SchemaGenerator,
        "get_schema",
        lambda *_, **named: generated.append(1) or generate(*_, **named),
    )
    first = client.get("/api/v1/schema/", {"format": "json"})
    for question in (
        {"format": "json"},
        {"format": "json", "lang": "de"},
        {"format": "json", "version": "9"},
    ):
        again = client.get("/api/v1/schema/", question, headers={"Accept-Language": "de"})
        assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert yaml.safe_load(client.get("/api/v1/schema/").content) == first.json()
    assert len(generated) == 1
    assert client.get("/api/v1/schema/", {"format": "xml"}).status_code == 400
    held = client.get(
        "/api/v1/schema/", {"format": "json"}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert held.status_code == 304


def test_every_operation_has_a_sentence_an_example_its_errors_and_who_may_ask(schema):
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert "security" in operation, path
            answers = {
                status: answer
                for status, answer in operation["responses"].items()
                if "content" in answer
            }
            assert {"414", "503"} <= answers.keys(), path
            assert {"400", "406", "429"} <= answers.keys() or path.startswith("/api/v1/auth/"), path
            for status, answer in answers.items():
                if status != "200":
                    assert "application/problem+json" in answer["content"] or status < "400", path
                kinds = {
                    kind: told
                    for kind, told in answer["content"].items()
                    if kind != "application/json"
                }
                for told in (kinds or answer["content"]).values():
                    assert told["examples"], (path, status)


def test_headers_of_answers_are_described(schema):
    told = schema["paths"]["/api/v1/taxa/"]["get"]["responses"]["200"]["headers"]
    assert set(told) == {"ETag", "Last-Modified", "Link", "RateLimit", "RateLimit-Policy"}


@pytest.mark.django_db
def test_whatever_may_be_null_has_a_type(client):
    """OpenAPI 3.0 reads `nullable` only beside a type in the same schema."""
    document = client.get("/api/v1/schema/", {"format": "json"}).json()
    assert document["openapi"].startswith("3.0")
    for body in (document, client.get("/ogc/api").json()):
        untyped = [
            path
            for path, schema in schemas_in(body)
            if schema.get("nullable") and "type" not in schema
        ]
        assert not untyped
    source = document["components"]["schemas"]["Dataset"]["properties"]["source"]
    assert (source["type"], source["nullable"]) == ("string", True)


def schemas_in(value, path=""):
    """Every mapping of a document with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, member in value.items():
            yield from schemas_in(member, f"{path}/{name}")
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from schemas_in(member, f"{path}/{number}")
