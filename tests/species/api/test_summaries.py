"""The API in numbers: counts, histograms and summaries, cached by the version of the data."""

from datetime import date

import pytest

from species.models import DataVersion
from tests import factories

pytestmark = pytest.mark.django_db

COUNT, HISTOGRAM, SUMMARY = (
    f"/api/v1/observations/{what}/" for what in ("count", "histogram", "summary")
)


@pytest.fixture
def held():
    seal = factories.taxon("Phoca vitulina", aphia_id=137084)
    pup = factories.taxon("Phoca vitulina parva", parent=seal, rank="Subspecies")
    dataset = factories.dataset("Seals, write to seals@example.org")
    depths = {"minimum_depth_in_meters": 5.0, "maximum_depth_in_meters": 5.0}
    factories.observation(taxon=seal, dataset=dataset, date_start=date(2019, 6, 1), **depths)
    factories.observation(
        taxon=pup, dataset=dataset, date_start=date(2020, 1, 1), date_end=date(2021, 12, 31)
    )
    factories.observation(taxon=pup, dataset=dataset, date_start=None, at=(0.0, 89.0))
    DataVersion.advance()


def test_a_count_is_exact_and_says_what_no_map_shows(client, held):
    answer = client.get(COUNT, {"taxon": "137084"})
    amount = {"number": 3, "low": 3, "high": 3, "isExact": True, "basis": "raw"}
    assert answer.json() == {
        "count": amount,
        "notDrawn": amount | {"number": 1, "low": 1, "high": 1},
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_bars_and_buckets_add_up(client, held):
    told = client.get(HISTOGRAM).json()
    assert [(bar["key"], bar["number"]) for bar in told["years"]] == [("2019", 1), ("", 1), ("", 1)]
    matrix = told["seasonByDepth"]
    assert [band["key"] for band in matrix["bands"]][:2] == [",<0", "0,<10"]
    assert matrix["cells"][1][5] == 1
    assert {bucket["label"]: bucket["number"] for bucket in matrix["buckets"]}["no date"] == 1
    assert told["shownBox"] is None


def test_a_summary_of_a_view_says_to_what_it_was_rounded_out(client, held):
    told = client.get(SUMMARY, {"view": "7,54,8,55"}).json()
    west, south, east, north = told["shownBox"]
    assert west <= 7 < 8 <= east
    assert south <= 54 < 55 <= north
    assert told["count"]["number"] == 2
    assert told["topSpecies"] == [
        {"aphiaID": 137084, "scientificName": "Phoca vitulina", "number": 2}
    ]
    assert told["richness"] == {"species": 1, "records": 2, "basis": "raw"}
    (dataset,) = told["topDatasets"]
    assert dataset["number"] == 2
    assert "@" not in dataset["title"]
    assert sum(cell["number"] for cell in told["densestCells"]) == 2


@pytest.mark.parametrize("address", [COUNT, HISTOGRAM, SUMMARY])
def test_what_has_not_changed_is_304_before_any_record_is_read(
    client, held, address, django_assert_num_queries
):
    etag = client.get(address).headers["ETag"]
    with django_assert_num_queries(1):
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(address, {"from": "2000"}, headers={"If-None-Match": etag}).status_code == 200
    DataVersion.advance()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("query", ["view=1,2,3", "view=0,60,10,50", "colour=blue", "taxon=Nobody"])
def test_a_bad_question_is_400_with_the_reason(client, query):
    answer = client.get(f"{SUMMARY}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] in query


def test_a_view_is_no_filter_of_counts(client):
    assert client.get(COUNT, {"view": "0,0,1,1"}).status_code == 400


def test_a_list_where_no_index_helps_looks_through_so_many_records_and_goes_on(
    client, held, settings
):
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 2
    first = client.get("/api/v1/observations/?maxUncertainty=1").json()
    assert (first["numberReturned"], first["searched"]) == (0, 2)
    last = client.get(first["next"]).json()
    assert (last["numberReturned"], last["searched"], last["next"]) == (0, None, None)
    assert client.get("/api/v1/observations/").json()["searched"] is None
