"""The API on the tree of taxa, branch by branch, and on names as somebody types them."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db

ROOTS, SUGGEST = "/api/v1/taxa/tree/", "/api/v1/taxa/suggest/"


@pytest.fixture
def tree():
    animals = factories.taxon("Animalia", aphia_id=2, rank="Kingdom")
    plants = factories.taxon("Plantae", aphia_id=3, rank="Kingdom", credits_algaebase=True)
    seals = factories.taxon("Phoca", aphia_id=20, rank="Genus", parent=animals)
    cod = factories.taxon("Gadus morhua", aphia_id=21, parent=animals)
    seal = factories.taxon("Phoca vitulina", aphia_id=30, parent=seals)
    factories.vernacular(cod, "Kabeljau", "deu")
    for taxon, number in ((seal, 3), (cod, 2), (plants, 1)):
        for _ in range(number):
            factories.observation(taxon=taxon)


def test_the_tree_begins_at_its_roots_and_withholds_what_is_credited_to_algaebase(client, tree):
    told = client.get(ROOTS).json()
    assert (told["taxon"], told["lineage"], told["records"], told["withheld"]) == (None, [], 6, 1)
    assert [
        (branch["scientificName"], branch["records"], branch["species"])
        for branch in told["branches"]
    ] == [("Animalia", 5, 2)]


def test_below_a_taxon_stand_its_children_with_all_below_them(client, tree):
    told = client.get("/api/v1/taxa/2/tree/", {"language": "deu"}).json()
    assert told["taxon"] == {"aphiaID": 2, "scientificName": "Animalia", "taxonRank": "Kingdom"}
    assert [(each["aphiaID"], each["records"], each["vernacularName"]) for each in told["branches"]] == [
        (20, 3, None), (21, 2, "Kabeljau")
    ]  # fmt: skip
    assert [
        above["aphiaID"] for above in client.get("/api/v1/taxa/30/tree/").json()["lineage"]
    ] == [2, 20]


def test_branches_are_paged(client, tree):
    first = client.get("/api/v1/taxa/2/tree/", {"limit": 1})
    assert first.headers["Link"].startswith(f'<{first.json()["next"]}>; rel="next"')
    last = client.get(first.json()["next"]).json()
    assert ([branch["aphiaID"] for branch in last["branches"]], last["next"]) == ([21], None)


def test_a_name_is_found_as_typed_and_similar_names_are_listed_apart(client, tree):
    (found,) = client.get(SUGGEST, {"q": "kabel"}).json()["results"]
    assert (found["aphiaID"], found["matched"], found["language"], found["records"]) == (
        21,
        "Kabeljau",
        "deu",
        2,
    )
    answer = client.get(SUGGEST, {"q": "Gadus mohrua"}).json()
    assert answer["results"] == []
    assert [each["aphiaID"] for each in answer["didYouMean"]] == [21]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{ROOTS}?language=d1", 400), (f"{ROOTS}?colour=blue", 400), (f"{ROOTS}?limit=0", 400),
        (f"{ROOTS}?after=x", 400), (SUGGEST, 400), (f"{SUGGEST}?q=x", 400), (f"{SUGGEST}?q={'x' * 151}", 400),
        ("/api/v1/taxa/99/tree/", 404),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_a_problem(client, address, status):
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )


def test_datasets_are_found_by_title(client):
    made = factories.observation(dataset=factories.dataset("Trawls of the Dogger Bank"))
    factories.observation()
    (found,) = client.get("/api/v1/datasets/", {"q": "dogger"}).json()["results"]
    assert found["datasetID"] == str(made.dataset.uuid)
