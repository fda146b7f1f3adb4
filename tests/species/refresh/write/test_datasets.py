"""Datasets as OBIS lists them: what is kept, what is cleaned, and what is left out for the sake of
people.
"""

import uuid

import pytest

from species.models import CuratedObservation, Dataset, DataVersion
from species.refresh.clean.datasets import has_uuid, read_dataset
from species.refresh.write.datasets import register_datasets
from species.terms import License
from tests import factories
from tests.refreshing import everything, full
from tests.replay.records import MUSEUM, QUIRKS, TRAWL

pytestmark = pytest.mark.django_db


def listed(**said) -> dict:
    return {
        "id": str(uuid.uuid4()),
        "title": "Soundings",
        "updated": "2025-08-01T00:00:00.000Z",
    } | said


def register(listed: list[dict], *args, **options) -> list[Dataset]:
    return register_datasets(map(read_dataset, filter(has_uuid, listed)), *args, **options)


def registered(**said) -> Dataset:
    (row,) = register([listed(**said)], factories.LONG_AGO, None)
    return Dataset.objects.get(pk=row.pk)


def test_a_dataset_keeps_title_citation_licence_link_and_node_but_nobodys_address(upstream):
    full(MUSEUM)
    dataset = Dataset.objects.get()
    assert (dataset.title, dataset.license) == ("A made-up museum's wet collection", License.CC0)
    assert dataset.license_as_given.startswith("To the extent possible under law")
    assert dataset.citation.startswith("Nobody (2025)")
    assert dataset.url.startswith("https://example.org/ipt")
    assert (dataset.node, dataset.updated) == ("A made-up node", "2025-08-01T00:00:00.000Z")
    assert (dataset.refreshed_state, dataset.announced_count, dataset.published_count) == (
        dataset.updated,
        68,
        68,
    )
    assert "nobody@example.org" not in str(everything())


def test_licences_unknown_and_other_are_told_apart(upstream):
    full(TRAWL, QUIRKS)
    assert dict(Dataset.objects.values_list("uuid", "license")) == {
        uuid.UUID(TRAWL): License.UNKNOWN,
        uuid.UUID(QUIRKS): License.OTHER,
    }


def test_the_stricter_of_record_and_dataset_counts(upstream):
    full(TRAWL)
    assert set(CuratedObservation.objects.values_list("record_license", "license")) == {
        (License.CC_BY_NC, License.CC_BY_NC)
    }


@pytest.mark.parametrize("title", [None, "", "  ", "\x00"])
def test_a_dataset_without_a_title_gets_one(title):
    assert registered(title=title).title.startswith("Untitled dataset ")


@pytest.mark.parametrize("records", [None, -1, "many", 1.5, True, 2**64 - 1])
def test_a_count_that_is_none_is_not_kept(records):
    assert registered(records=records).announced_count is None


def test_strange_nodes_and_control_characters_are_no_trouble():
    row = registered(
        nodes=[None, {"name": "A\x00B"}, "x", {}], citation="See\x1b[31m here", updated=None
    )
    assert (row.node, row.updated) == ("AB", "")
    assert "\x1b" not in row.citation


@pytest.mark.parametrize("nodes", [True, 5, "a node", {"name": "A"}])
def test_nodes_that_are_no_list_are_none(nodes):
    assert registered(nodes=nodes).node == ""


@pytest.mark.parametrize("updated", ["2026\x00-01", ["2026"], {"on": 2026}, 5, "9" * 500, None])
def test_a_walk_reads_the_state_of_a_dataset_as_the_list_does(upstream, updated):
    upstream.world.datasets[MUSEUM]["updated"] = updated
    full(MUSEUM)
    dataset = Dataset.objects.get()
    assert (dataset.published_count, dataset.refreshed_state) == (68, dataset.updated)


def test_a_new_title_is_taken_and_listing_again_changes_nothing():
    raw = listed()
    register([raw], factories.LONG_AGO, None)
    register([raw | {"title": "Renamed"}], factories.LONG_AGO, None)
    before = everything()
    assert [
        row.title for row in register([raw | {"title": "Renamed"}], factories.LONG_AGO, None)
    ] == ["Renamed"]
    assert everything() == before


def test_a_new_title_of_what_is_on_show_is_news_to_whoever_keeps_a_copy():
    raw = listed()
    register([raw], factories.LONG_AGO, None)
    version = DataVersion.current()
    Dataset.objects.update(published_count=1)
    register([raw], factories.LONG_AGO, None)
    assert DataVersion.current() == version
    register([raw | {"title": "Renamed"}], factories.LONG_AGO, None)
    assert DataVersion.current() > version


def test_what_is_listed_under_no_uuid_is_left_out():
    assert register([listed(id="not-a-uuid"), listed()], factories.LONG_AGO, None) == list(
        Dataset.objects.all()
    )
    assert Dataset.objects.count() == 1
