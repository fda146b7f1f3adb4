"""A record's own rank ids give its taxon a place in the tree before WoRMS is ever asked."""

import pytest

from species.refresh.clean.lineage import read_taxon
from species.refresh.records import TaxonLink
from species.rules import Rejected

SUNFISH = {
    "aphiaID": 127405, "scientificName": "Mola mola", "originalScientificName": "Mola mola", "taxonRank": "SPECIES",
    "scientificNameAuthorship": "(Linnaeus,\xa01758)", "scientificNameID": "999", "category": "VU",
    "marine": True, "brackish": False,
    "species": "Mola mola", "speciesid": 127405, "genus": "Mola", "genusid": 126233,
    "class": "Teleostei", "classid": 293496, "kingdom": "Animalia", "kingdomid": 2,
    "gigaclass": "Actinopterygii", "gigaclassid": 10194, "parvphylum": "Osteichthyes", "parvphylumid": 152352,
    "family": "Molidae", "familyid": 125609, "superdomain": "Biota", "superdomainid": 1,
}  # fmt: skip


def lineage(**changes) -> list[tuple[str, str, int]]:
    return [(link.rank, link.name, link.aphia_id) for link in read_taxon(SUNFISH | changes).lineage]


def test_a_lineage_runs_from_the_kingdom_to_the_taxon_itself():
    assert [rank for rank, _, _ in lineage()] == [
        "Kingdom", "Parvphylum", "Gigaclass", "Class", "Family", "Genus", "Species",
    ]  # fmt: skip
    assert lineage()[-1] == ("Species", "Mola mola", 127405)


def test_the_taxon_brings_what_the_record_says_of_it():
    taxon = read_taxon(SUNFISH)
    assert (taxon.aphia_id, taxon.rank, taxon.authorship) == (127405, "Species", "(Linnaeus, 1758)")
    assert (taxon.is_marine, taxon.is_brackish, taxon.is_freshwater, taxon.iucn_category) == (
        True,
        False,
        None,
        "VU",
    )


def test_the_author_of_a_synonym_is_not_the_author_of_the_accepted_name():
    assert read_taxon(SUNFISH | {"originalScientificName": "Orthragoriscus mola"}).authorship == ""
    assert read_taxon(SUNFISH | {"unaccepted": 154218}).authorship == ""


@pytest.mark.parametrize(
    ("given", "rank"), [("Especie", "Species"), ("Phylum (Division)", "Phylum"), ("swarm", "")]
)
def test_a_taxon_absent_from_its_own_ranks_ends_its_lineage_with_the_rank_as_given(given, rank):
    changes = {
        "aphiaID": 7,
        "scientificName": "Mola nova",
        "species": None,
        "speciesid": None,
        "taxonRank": given,
    }
    assert lineage(**changes)[-2:] == [("Genus", "Mola", 126233), (rank, "Mola nova", 7)]


def test_a_taxon_named_at_two_ranks_stands_once():
    keys = [key for _, _, key in lineage(genusid=125609)]
    assert keys.count(125609) == 1


def test_what_stands_below_the_accepted_taxon_is_not_its_lineage():
    assert lineage(aphiaID=126233, scientificName="Mola")[-1] == ("Genus", "Mola", 126233)


def test_pairs_that_lack_a_half_are_passed_over():
    assert "Family" not in [rank for rank, _, _ in lineage(familyid=None)]
    assert "Genus" not in [rank for rank, _, _ in lineage(genus="")]


def test_a_section_lies_above_the_family_of_a_crab_and_below_the_genus_of_an_alga():
    section = {"section": "Eubrachyura", "sectionid": 106760}
    crab = [rank for rank, _, _ in lineage(**section)]
    alga = [rank for rank, _, _ in lineage(**section, kingdom="Plantae")]
    assert crab.index("Section") < crab.index("Family")
    assert alga.index("Section") > alga.index("Genus")


def test_the_name_of_the_record_is_the_name_of_its_last_link():
    taxon = read_taxon(SUNFISH | {"scientificName": "<script>alert(1)</script>"})
    assert taxon.lineage[-1] == TaxonLink("Species", "<script>alert(1)</script>", 127405)


@pytest.mark.parametrize(
    "changes",
    [{"aphiaID": None}, {"aphiaID": "Mola"}, {"aphiaID": -3}, {"aphiaID": True},
     {"aphiaID": 7, "scientificName": "\x00 ", "originalScientificName": None}],
)  # fmt: skip
def test_a_record_without_a_taxon_is_refused(changes):
    with pytest.raises(Rejected) as refusal:
        read_taxon(SUNFISH | changes)
    assert refusal.value.reason == "no_taxon"


def test_a_list_where_a_name_should_be_is_passed_over():
    assert "Family" not in [rank for rank, _, _ in lineage(family=["Molidae"])]


def test_a_record_without_an_accepted_name_stands_under_the_published_one_and_says_so():
    unnamed = {
        "aphiaID": 7,
        "scientificName": None,
        "originalScientificName": "Mola\xa0nova",
        "speciesid": None,
    }
    taxon = read_taxon(SUNFISH | unnamed)
    assert (taxon.scientific_name, taxon.is_named_as_published) == ("Mola nova", True)
    assert not read_taxon(SUNFISH).is_named_as_published


@pytest.mark.parametrize("published", [None, "", " NA ", "unknown", "n" * 501])
def test_what_is_no_name_names_no_taxon(published):
    unnamed = {
        "aphiaID": 7,
        "scientificName": " ",
        "originalScientificName": published,
        "speciesid": None,
    }
    with pytest.raises(
        Rejected, match="name_too_long" if published and len(published) > 500 else "no_taxon"
    ):
        read_taxon(SUNFISH | unnamed)


def test_a_name_too_long_for_the_index_is_refused_and_of_a_higher_rank_passed_over():
    with pytest.raises(Rejected, match="name_too_long"):
        read_taxon(SUNFISH | {"scientificName": "Mola " + "x" * 2_800})
    assert "Genus" not in [rank for rank, _, _ in lineage(genus="G" * 2_800)]
