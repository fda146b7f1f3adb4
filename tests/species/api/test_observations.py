"""The API's observations: GeoJSON to the letter, Darwin Core's names, honest pages, clear refusals."""

from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.filters import PARAMETERS
from species.models import CuratedObservation
from species.terms import Finding, ObisFlag
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/api/v1/observations/"


def detail(observation):
    return f"{LIST}{observation.key}/"


def test_a_list_is_a_feature_collection_with_darwin_core_names(client):
    mola = factories.taxon("Mola mola", aphia_id=127_405, family="Molidae", class_name="Teleostei")
    made = factories.observation(
        taxon=mola,
        at=(-9.5, 38.25),
        common_name="ocean sunfish",
        date_start=date(2020, 5, 1),
        date_end=date(2020, 5, 31),
        individual_count=2,
        minimum_depth_in_meters=0,
        obis_flags=ObisFlag.ON_LAND | ObisFlag.NO_DEPTH,
        findings=Finding.DEPTH_ZERO,
        sst=17.5,
    )
    response = client.get(LIST)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/geo+json"
    body = response.json()
    assert body["type"] == "FeatureCollection"
    assert "crs" not in body
    assert (body["numberReturned"], body["next"]) == (1, None)
    assert body["bbox"] == [-9.5, 38.25, -9.5, 38.25]
    assert "OBIS" in body["attribution"]
    (feature,) = body["features"]
    assert feature["type"] == "Feature"
    assert feature["id"] == str(made.key)
    assert feature["geometry"] == {"type": "Point", "coordinates": [-9.5, 38.25]}
    expected = {
        "occurrenceID": made.occurrence_id,
        "scientificName": "Mola mola",
        "vernacularName": "ocean sunfish",
        "aphiaID": 127_405,
        "taxonID": "urn:lsid:marinespecies.org:taxname:127405",
        "family": "Molidae",
        "class": "Teleostei",
        "kingdom": None,
        "dateStart": "2020-05-01",
        "dateEnd": "2020-05-31",
        "datePrecision": "range",
        "individualCount": 2,
        "minimumDepthInMeters": 0,
        "maximumDepthInMeters": None,
        "basisOfRecord": "HumanObservation",
        "sex": None,
        "license": "cc-by",
        "datasetID": str(made.dataset.uuid),
        "datasetName": made.dataset.title,
        "flags": ["ON_LAND", "NO_DEPTH"],
        "findings": ["DEPTH_ZERO"],
        "lookedUpSst": 17.5,
    }
    assert {name: feature["properties"][name] for name in expected} == expected


def test_a_list_of_nothing_is_an_empty_collection(client):
    body = client.get(LIST).json()
    assert (body["features"], body["numberReturned"]) == ([], 0)
    assert "bbox" not in body


def test_one_record_says_also_what_is_too_long_for_lists(client):
    made = factories.observation(as_given={"sex": "Macho"}, footprint_wkt="LINESTRING (0 1, 2 3)")
    properties = client.get(detail(made)).json()["properties"]
    assert properties["asGiven"] == {"sex": "Macho"}
    assert properties["footprintWKT"] == "LINESTRING (0 1, 2 3)"
    assert properties["bibliographicCitation"] == made.dataset.citation
    assert properties["references"] == f"http://testserver/observations/{made.key}/"
    assert "footprintWKT" not in client.get(LIST).json()["features"][0]["properties"]


def test_addresses_and_numbers_of_people_are_masked_wherever_text_comes_from_upstream(client):
    owner = "Jo Roe <jo.roe@example.org> tel +44 131 555 0101"
    dataset = factories.dataset(
        f"Soundings of {owner}", citation=owner, url="https://example.org/?m=jo.roe@example.org"
    )
    cod = factories.taxon("Gadus morhua", authorship=owner)
    factories.vernacular(cod, owner)
    texts = (
        "recorded_by",
        "locality",
        "information_withheld",
        "data_generalizations",
        "name_as_published",
        "event_date",
        "common_name",
    )
    made = factories.observation(
        taxon=cod,
        dataset=dataset,
        license_as_given=owner,
        as_given={"n": [owner]},
        occurrence_id="jo.roe@example.org/1",
        footprint_wkt="POINT jo.roe@example.org",
        **dict.fromkeys(texts, owner),
    )
    addresses = (
        LIST,
        detail(made),
        "/api/v1/datasets/",
        f"/api/v1/datasets/{dataset.uuid}/",
        f"/api/v1/taxa/{cod.pk}/",
    )
    for address in addresses:
        body = client.get(address).content.decode()
        assert "removed]" in body
        assert "jo.roe" not in body
        assert "131 555" not in body and "555 0101" not in body  # 555 alone may be in a UUID


def test_names_credited_to_algaebase_go_out_as_name_id_and_link_only(client):
    ulva = factories.taxon(
        "Ulva lactuca",
        aphia_id=145_984,
        credits_algaebase=True,
        kingdom="Plantae",
        family="Ulvaceae",
    )
    factories.vernacular(ulva, "sea lettuce")
    made = factories.observation(taxon=ulva, common_name="sea lettuce")
    properties = client.get(detail(made)).json()["properties"]
    assert properties["scientificName"] == "Ulva lactuca"
    assert properties["taxonLink"].endswith("id=145984")
    for name in ("kingdom", "family", "vernacularName", "taxonRank", "scientificNameAuthorship"):
        assert properties[name] is None
    taxon = client.get("/api/v1/taxa/145984/").json()
    told = {name for name, value in taxon.items() if value is not None}
    assert told == {"aphiaID", "scientificName", "taxonLink", "observations"}


def test_a_withdrawn_record_is_gone_with_dataset_date_and_reason_only(client):
    made = factories.observation(withdrawn_at=datetime(2026, 7, 1, 9, tzinfo=UTC))
    response = client.get(detail(made))
    assert response.status_code == 410
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "This record has been withdrawn.",
        "datasetID": str(made.dataset.uuid),
        "datasetName": made.dataset.title,
        "withdrawn": "2026-07-01",
        "reason": "gone_from_source",
    }
    assert client.get(LIST).json()["numberReturned"] == 0


def test_an_absence_is_no_sighting(client):
    made = factories.observation(occurrence_status="absent")
    assert client.get(detail(made)).status_code == 404
    assert client.get(LIST).json()["numberReturned"] == 0


def test_every_answer_may_be_read_anywhere_says_whom_to_cite_and_sets_no_cookie(client):
    made = factories.observation()
    for address in (LIST, detail(made), LIST + "?bbox=1", "/api/v1/datasets/", "/api/v1/taxa/"):
        response = client.get(address)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert (
            '<https://creativecommons.org/licenses/by-nc/4.0/>; rel="license"'
            in response.headers["Link"]
        )
        assert '<http://testserver/data/>; rel="describedby"' in response.headers["Link"]
        assert not response.cookies


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", LIST + "?bbox=1,2,3", 400),
        ("get", LIST + "?colour=blue", 400),
        ("get", LIST + "?taxon=Nobody", 400),
        ("get", LIST + "?limit=0", 400),
        ("get", LIST + "?limit=1001", 400),
        ("get", LIST + "?limit=ten", 400),
        ("get", LIST + "?after=%00", 400),
        ("get", LIST + "?after=!!", 400),
        ("get", LIST + "?after=" + "9" * 300, 400),
        ("get", LIST + "?" + "&".join(["p=1"] * 1_500), 400),
        ("get", LIST + "?" + "&".join(f"p{n}=1" for n in range(2_000)), 414),
        ("get", LIST + "?format=shapefile", 400),
        ("get", "/api/v1/taxa/?q=x", 400),
        ("get", "/api/v1/taxa/?family=Molidae", 400),
        ("get", LIST + "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00/", 404),
        ("get", LIST + "17/", 404),
        ("get", "/api/v1/taxa/99999999999999999999/", 404),
        ("get", "/api/v1/nowhere/", 404),
        ("post", LIST, 405),
        ("delete", LIST + "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00/", 405),
    ],
)
def test_every_error_is_a_problem_with_its_status(client, method, address, status):
    response = getattr(client, method)(address)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if status == 400 and address.count("=") < 3:
        parameter = address.partition("?")[2].partition("=")[0]
        assert [error["parameter"] for error in response.json()["errors"]] == [parameter]


def test_what_nobody_prints_is_not_acceptable(client):
    response = client.get(LIST, headers={"Accept": "image/png"})
    assert (response.status_code, response.headers["Content-Type"]) == (
        406,
        "application/problem+json",
    )
    assert (
        client.get(LIST, headers={"Accept": "application/json"}).headers["Content-Type"]
        == "application/json"
    )


def test_a_list_costs_one_query_however_long_it_is(client, django_assert_num_queries):
    taxon = factories.taxon()
    for _ in range(5):
        factories.observation(taxon=taxon)
    with django_assert_num_queries(2):  # and the data's version
        assert client.get(LIST).json()["numberReturned"] == 5
    address = detail(CuratedObservation.objects.first())
    with django_assert_num_queries(2):
        client.get(address)


def test_pages_name_the_next_one_in_the_body_and_in_the_link_header(client):
    taxon, dataset = factories.taxon(), factories.dataset()
    made = [factories.observation(taxon=taxon, dataset=dataset) for _ in range(3)]
    first = client.get(LIST, {"limit": "2", "evidence": "seen"})
    address = first.json()["next"]
    assert f'<{address}>; rel="next"' in first.headers["Link"]
    assert "evidence=seen" in address
    second = client.get(address)
    assert [feature["id"] for feature in second.json()["features"]] == [str(made[2].key)]
    assert second.json()["next"] is None
    assert 'rel="next"' not in second.headers["Link"]


def test_datasets_and_taxa_are_listed_and_read(client, django_assert_num_queries):
    made = factories.observation(taxon=factories.taxon("Mola mola", aphia_id=127_405))
    factories.dataset("Nothing published")
    factories.vernacular(made.taxon, "ocean sunfish")
    (dataset,) = client.get("/api/v1/datasets/").json()["results"]
    assert dataset == client.get(f"/api/v1/datasets/{made.dataset.uuid}/").json()
    assert (dataset["title"], dataset["license"], dataset["observations"]) == (
        made.dataset.title,
        "cc-by",
        1,
    )
    (taxon,) = client.get("/api/v1/taxa/", {"q": "SUNFISH"}).json()["results"]
    assert (taxon["aphiaID"], taxon["observations"]) == (127_405, 1)
    with django_assert_num_queries(3):
        names = client.get("/api/v1/taxa/127405/").json()["vernacularNames"]
    assert names == [{"vernacularName": "ocean sunfish", "language": "eng"}]


NASTY = st.text(max_size=20) | st.sampled_from(
    [
        "\x00",
        "nan,nan,nan,nan",
        "1e400,0,1,1",
        "9999999999",
        "' OR 1=1 --",
        "%",
        "٣",
        "\ud7ff",
        "-" * 190,
        ",,,,",
        "-0",
    ]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from([*PARAMETERS, "after", "limit", "format", "x"]), NASTY),
        max_size=5,
    )
)
def test_no_query_whatever_makes_the_api_or_a_tile_fail(db, query):
    client = Client(raise_request_exception=True)
    for address in (LIST, "/tiles/observations/3/4/2.mvt", "/api/v1/taxa/", "/api/v1/datasets/"):
        response = client.get(f"{address}?{urlencode(query, errors='replace')}")
        assert response.status_code in {200, 204, 400, 404}
