"""Files of observations: CSV and newline-delimited GeoJSON tell what the list tells, to the last
record.
"""

import csv
import io
import re
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.api import exports
from species.darwincore import tables
from species.darwincore.tables import HEAD
from species.models import CuratedObservation
from species.terms import ObisFlag
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/api/v1/observations/"
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "geojsonseq": "application/geo+json-seq",
    "ndjson": "application/x-ndjson",
}


def read(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return response, b"".join(response.streaming_content).decode()


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("name", "media_type"), FORMATS.items())
def test_a_file_is_agreed_on_by_accept_or_named_in_the_address(client, name, media_type):
    factories.observation()
    named = client.get(LIST, {"format": name})
    agreed = client.get(LIST, headers={"Accept": media_type})
    assert named.headers["Content-Type"] == agreed.headers["Content-Type"] == media_type
    assert b"".join(named.streaming_content) == b"".join(agreed.streaming_content) != b""
    assert named.headers["Content-Disposition"].startswith('attachment; filename="observations.')
    assert "Accept" in named.headers["Vary"]
    assert 'rel="license"' in named.headers["Link"]
    assert 'rel="next"' not in named.headers["Link"]
    assert b"".join(client.head(LIST, {"format": name}).streaming_content) == b""


def test_lines_and_sequences_are_the_features_of_the_list(client):
    for _ in range(3):
        factories.observation(event_date="2020\n05")
    features = client.get(LIST).json()["features"]
    _, lines = read(client, format="ndjson")
    assert [orjson.loads(line) for line in lines.splitlines()] == features
    _, sequence = read(client, format="geojsonseq")
    assert re.fullmatch(r"(\x1e[^\x1e\n]+\n){3}", sequence)
    assert [orjson.loads(text) for text in sequence.split("\x1e")[1:]] == features


def test_a_row_says_what_the_feature_says_with_licence_dataset_and_citation(client):
    dataset = factories.dataset(citation='Roe, J.: "Soundings", jo.roe@example.org')
    made = factories.observation(
        dataset=dataset,
        at=(-9.5, 38.25),
        date_start=date(2020, 5, 1),
        obis_flags=ObisFlag.ON_LAND | ObisFlag.NO_DEPTH,
        minimum_depth_in_meters=-1.5,
    )
    _, text = read(client, format="csv")
    assert text.endswith("\r\n")
    (row,) = rows_of(text)
    (feature,) = client.get(LIST).json()["features"]
    assert tuple(row) == HEAD
    assert HEAD[3:-1] == tuple(feature["properties"])
    assert (row["id"], row["decimalLongitude"], row["decimalLatitude"]) == (
        str(made.key),
        "-9.5",
        "38.25",
    )
    assert (row["license"], row["datasetID"]) == ("cc-by", str(dataset.uuid))
    assert row["bibliographicCitation"] == 'Roe, J.: "Soundings", [e-mail address removed]'
    assert (row["flags"], row["minimumDepthInMeters"], row["sex"]) == (
        "ON_LAND | NO_DEPTH",
        "-1.5",
        "",
    )


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20"]
)
def test_no_text_of_a_table_is_a_formula(client, start):
    factories.observation(
        locality=f'{start}HYPERLINK("http://example.org")', minimum_depth_in_meters=-3
    )
    _, text = read(client, format="csv")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["locality"].startswith(f"'{start}")
    assert row["minimumDepthInMeters"] == "-3"


BLANKS = [" ", "  ", "\t", "\r", "\n", "\xa0", "\ufeff", "\u200b", "\u200d", "\u2060", "\u2003", "\u3000", "\u2028",
          "\x85", "\xad", "\u202e", "\u3164", "\u2800", "\ufe0f", "\x00"]  # fmt: skip
SIGNS = ["=", "+", "-", "@", *"\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"]


@given(
    st.lists(st.sampled_from(BLANKS), max_size=5).map("".join),
    st.sampled_from(SIGNS),
    st.text(max_size=5),
)
def test_no_sign_behind_blanks_begins_a_cell(blanks, sign, rest):
    assert tables.cell(f"{blanks}{sign}{rest}") == f"'{blanks}{sign}{rest}"
    assert tables.cell([f"{blanks}{sign}{rest}", "b"]) == f"'{blanks}{sign}{rest} | b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "North Sea",
        " North = Sea",
        "\xa0Nordsee",
        "Ærø - west",
        "12",
        "é=1",
        "m = 3",
        "'=1",
    ],
)
def test_other_text_stays_as_it_is(text):
    assert tables.cell(text) == text


def test_a_file_ends_where_its_bound_is_and_says_where_the_next_begins(
    client, settings, monkeypatch
):
    settings.EXPORT_BOUND = 5
    monkeypatch.setattr(exports, "WINDOW", 2)
    keys = [str(factories.observation().key) for _ in range(12)]
    assert walked(client, LIST + "?format=csv") == ([5, 5, 2], keys)
    assert walked(client, LIST + "?format=csv&limit=4") == ([4, 4, 4], keys)
    assert client.get(LIST, {"format": "csv", "limit": 6}).status_code == 400


def test_a_file_looks_through_so_many_records_and_goes_on(client, settings, monkeypatch):
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 2
    monkeypatch.setattr(exports, "SEARCHES", 2)
    made = [
        factories.observation(coordinate_uncertainty_in_meters=[None, 1][number == 8])
        for number in range(10)
    ]
    assert walked(client, LIST + "?format=csv&maxUncertainty=1") == ([0, 0, 1], [str(made[8].key)])


def walked(client, address):
    """How many records each file holds, and their keys."""
    sizes, keys = [], []
    while address:
        response = client.get(address)
        found = [row["id"] for row in rows_of(b"".join(response.streaming_content).decode())]
        sizes.append(len(found))
        keys += found
        following = re.match(r'<([^>]+)>; rel="next"', response.headers["Link"])
        address = following and following[1]
    return sizes, keys


def test_what_is_published_meanwhile_makes_no_file_endless(client, monkeypatch):
    monkeypatch.setattr(exports, "WINDOW", 1)
    for _ in range(3):
        factories.observation()
    response = client.get(LIST, {"format": "ndjson", "limit": 2})
    pieces = iter(response.streaming_content)
    first = orjson.loads(next(pieces))
    CuratedObservation.objects.order_by("pk")[1:2].get().delete()
    factories.observation()
    assert [orjson.loads(piece)["id"] for piece in pieces if piece] == []
    assert first["id"] == str(CuratedObservation.objects.order_by("pk")[0].key)


def test_a_file_without_a_next_one_is_not_cut_by_what_is_published_meanwhile(client, monkeypatch):
    monkeypatch.setattr(exports, "WINDOW", 1)
    made = [factories.observation(evidence=evidence) for evidence in ("seen", "dna", "seen")]
    response = client.get(LIST, {"format": "ndjson", "limit": 2, "evidence": "seen"})
    assert 'rel="next"' not in response.headers["Link"]
    pieces = iter(response.streaming_content)
    next(pieces)
    CuratedObservation.objects.filter(pk=made[1].pk).update(evidence="seen")
    factories.observation(evidence="seen")
    assert [orjson.loads(piece)["id"] for piece in pieces if piece] == [
        str(made[1].key),
        str(made[2].key),
    ]


def test_what_begins_to_match_meanwhile_drives_no_record_out_of_its_file(client, monkeypatch):
    monkeypatch.setattr(exports, "WINDOW", 1)
    made = [
        factories.observation(evidence=evidence) for evidence in ("seen", "dna", "seen", "seen")
    ]
    response = client.get(LIST, {"format": "ndjson", "limit": 2, "evidence": "seen"})
    pieces = iter(response.streaming_content)
    next(pieces)
    CuratedObservation.objects.filter(pk=made[1].pk).update(evidence="seen")
    assert [orjson.loads(piece)["id"] for piece in pieces] == [str(made[1].key), str(made[2].key)]
    following = re.match(r'<([^>]+)>; rel="next"', response.headers["Link"])[1]
    assert orjson.loads(b"".join(client.get(following).streaming_content))["id"] == str(made[3].key)


def test_windows_cost_a_query_each_and_citations_one(
    client, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(exports, "WINDOW", 4)
    dataset = factories.dataset()
    for _ in range(10):
        factories.observation(dataset=dataset)
    # the data's version, where it ends and all end, three windows, the citation
    with django_assert_num_queries(7):
        read(client, format="csv")


@pytest.mark.parametrize(
    "query", ["format=csv&bbox=1", "format=ndjson&taxon=Nobody", "format=csv&limit=0"]
)
def test_a_refusal_is_a_problem_whatever_was_asked_for(client, query):
    response = client.get(f"{LIST}?{query}")
    assert (response.status_code, response.headers["Content-Type"]) == (
        400,
        "application/problem+json",
    )
    assert response.json()["errors"][0]["parameter"] in query


def test_one_record_is_no_file(client):
    made = factories.observation()
    assert client.get(f"{LIST}{made.key}/", headers={"Accept": "text/csv"}).status_code == 406
