"""The pages of datasets: found, cited, licensed, counted, and honest about what is held back or
gone.
"""

import json
import re
import uuid
from datetime import UTC, datetime

import pytest

from species.terms import License
from tests import factories

pytestmark = pytest.mark.django_db


def linked_data(text):
    """The page's JSON-LD, read back."""
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])


def test_the_list_shows_the_largest_first_in_pages_each_with_its_citation(client):
    for number in range(30):
        factories.dataset(
            f"Set {number}", published_count=number + 1, citation=f"Doe {number}, jane@example.org"
        )
    first, second = client.get("/datasets/"), client.get("/datasets/?page=2")
    assert [dataset.published_count for dataset in first.context["datasets"]] == list(
        range(30, 5, -1)
    )
    assert len(second.context["datasets"]) == 5
    assert "Doe 29, [e-mail address removed]" in first.content.decode()


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1.5", "²", "9" * 5000])
def test_a_page_that_does_not_exist_is_404(client, number):
    assert client.get(f"/datasets/?page={number}").status_code == 404


@pytest.mark.parametrize("asked", ["north sea", "DOE", "{uuid}"])
def test_a_dataset_is_found_by_title_citation_or_id(client, asked):
    wanted = factories.dataset("Fish of the North Sea", citation="Doe J (2020).", published_count=1)
    factories.dataset("Corals", citation="Roe R (2021).", published_count=1)
    page = client.get("/datasets/", {"q": asked.format(uuid=wanted.uuid)})
    assert list(page.context["datasets"]) == [wanted]


def test_words_that_no_dataset_has_say_so_and_stay_in_the_field(client):
    factories.dataset(published_count=1)
    text = client.get("/datasets/", {"q": '<b>"nothing"'}).content.decode()
    assert "No datasets found" in text
    assert 'value="&lt;b&gt;&quot;nothing&quot;"' in text


@pytest.mark.parametrize("datasets", [1, 20])
def test_the_list_costs_few_queries(client, django_assert_num_queries, datasets):
    for number in range(datasets):
        factories.dataset(published_count=number + 1)
    with django_assert_num_queries(3):  # their number, the page, the banner
        client.get("/datasets/")


def test_a_dataset_shows_licence_link_node_and_counts(client):
    row = factories.dataset(
        "Soundings",
        license=License.CC_BY_NC,
        license_uri=(by_nc := "https://creativecommons.org/licenses/by-nc/3.0/"),
        license_as_given="Creative Commons Attribution Non Commercial",
        node="EurOBIS",
        url="https://ipt.example.org/soundings",
        absent_count=7,
        rejected_count=3,
    )
    factories.observation(dataset=row)
    text = client.get(row.get_absolute_url()).content.decode()
    for told in (
        *(
            ">CC BY-NC</a>",
            by_nc,
            "Creative Commons Attribution Non Commercial",
            "EurOBIS",
            str(row.uuid),
        ),
        *(
            f"https://obis.org/dataset/{row.uuid}",
            "https://ipt.example.org/soundings",
            f"?dataset={row.uuid}",
        ),
    ):
        assert told in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"held_back": "40 of 50 records would vanish."}, "40 of 50 records would vanish."),
        (
            {"missing_since": datetime(2026, 5, 6, tzinfo=UTC)},
            "has not listed this dataset since 6 May 2026",
        ),
        (
            {"unpublished_at": datetime(2026, 5, 6, tzinfo=UTC)},
            "removed its records on 6 May 2026",
        ),
    ],
)
def test_what_is_held_back_missing_or_gone_is_said(client, state, words):
    assert words in client.get(factories.dataset(**state).get_absolute_url()).content.decode()


def test_linked_data_name_licence_and_citation_and_cannot_break_out_of_the_page(client):
    uri = "https://creativecommons.org/publicdomain/zero/1.0/"
    title, citation = "</script><b>&\u2028", "Doe J, jane@example.org"
    row = factories.dataset(title, license=License.CC0, license_uri=uri, citation=citation)
    text = client.get(row.get_absolute_url()).content.decode()
    assert "</script><b>" not in text
    data = linked_data(text)
    assert data["@type"] == "Dataset"
    assert data["name"] == "</script><b>&\u2028"
    assert data["license"] == uri
    assert data["creditText"] == "Doe J, [e-mail address removed]"
    assert f'<link rel="canonical" href="{data["url"]}">' in text


def test_search_engines_leave_out_a_dataset_without_records(client):
    row = factories.dataset()
    assert (
        '<meta name="robots" content="noindex">'
        in client.get(row.get_absolute_url()).content.decode()
    )
    factories.observation(dataset=row)
    assert "noindex" not in client.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize("address", [f"/datasets/{uuid.UUID(int=1)}/", "/datasets/no-id/"])
def test_a_dataset_that_does_not_exist_is_404(client, address):
    assert client.get(address).status_code == 404


def test_the_pages_only_read(client):
    assert client.post("/datasets/").status_code == 405
    assert client.post(factories.dataset().get_absolute_url()).status_code == 405
