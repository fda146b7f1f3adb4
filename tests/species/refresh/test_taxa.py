"""The tree that records plant: ancestors from OBIS's own rank ids, one row per AphiaID, names as published beside."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from species.models import CuratedObservation, Taxon
from species.refresh.lineage import TaxonLink, TaxonRow
from species.refresh.taxa import ensure_taxa, facts_of, follow, plant
from tests import factories
from tests.refreshing import assert_all_is_true, full
from tests.replay.records import QUIRKS, REEF, SMALL
from tests.replay.taxa import COLD_WATER_CORAL, LOGGERHEAD, LOPHELIA, TURTLE, links
from tests.species.refresh.test_ordinals import assert_ranges_are_subtrees, row

pytestmark = pytest.mark.django_db


def test_a_record_plants_its_taxon_under_the_ranks_that_obis_gives(upstream):
    full(SMALL)
    turtle = Taxon.objects.get(pk=LOGGERHEAD)
    above = [aphia_id for _, _, aphia_id in links(TURTLE)]
    assert turtle.ancestor_ids == [1, *above, 137066]
    assert (turtle.scientific_name, turtle.rank, turtle.authorship) == (
        "Caretta caretta",
        "Species",
        "(Linnaeus, 1758)",
    )
    assert (turtle.kingdom, turtle.phylum, turtle.order_name, turtle.family, turtle.genus) == (
        "Animalia", "Chordata", "Testudines", "Cheloniidae", "Caretta",
    )  # fmt: skip
    assert (turtle.is_marine, turtle.iucn_category, turtle.observation_count) == (True, "VU", 8)
    assert_ranges_are_subtrees()


def test_a_division_is_the_phylum_of_a_plant():
    chain = (TaxonLink("Kingdom", "Plantae", 3), TaxonLink("Phylum (Division)", "Chlorophyta", 801))
    plant([TaxonRow(801, "Chlorophyta", "", "Phylum (Division)", chain, None, None, None, None, "")])
    assert Taxon.objects.get(pk=801).phylum == "Chlorophyta"


def test_a_name_as_published_stands_beside_the_accepted_taxon(upstream):
    full(QUIRKS)
    coral = CuratedObservation.objects.get(taxon=COLD_WATER_CORAL)
    assert (coral.species_name, coral.name_as_published) == ("Desmophyllum pertusum", "Lophelia pertusa")
    assert coral.aphia_id_as_published == LOPHELIA
    synonym = Taxon.objects.get(pk=LOPHELIA)
    assert (synonym.scientific_name, synonym.accepted_id, synonym.path) == ("Lophelia pertusa", COLD_WATER_CORAL, None)


def test_known_taxa_are_looked_up_and_not_planted_again(upstream):
    full(REEF)
    before = list(Taxon.objects.order_by("pk").values_list("pk", "path", "ordinal"))
    full(REEF, QUIRKS)
    after = {pk: (path, ordinal) for pk, path, ordinal in Taxon.objects.values_list("pk", "path", "ordinal")}
    assert all(after[pk] == (path, ordinal) for pk, path, ordinal in before)
    assert_all_is_true()


def test_two_lineages_that_disagree_make_one_tree():
    ensure_taxa([row(2, 10, 30, 100)])
    ensure_taxa([row(2, 20, 30, 101), row(2, 30, 20, 102)])
    assert Taxon.objects.get(pk=101).path == "1/2/10/30/101/"
    assert_ranges_are_subtrees()


def test_a_synonym_known_by_name_gets_its_place_when_a_record_hangs_on_it():
    ensure_taxa([row(2, 30)])
    Taxon.objects.create(pk=31, scientific_name="Known by name", status="unaccepted", accepted_id=30)
    facts = ensure_taxa([row(2, 31)])
    assert facts[31].taxon_id == 30
    assert Taxon.objects.get(pk=31).path == "1/2/31/"


def test_a_chain_of_synonyms_ends_at_its_end_and_a_circle_ends_too():
    last = factories.taxon("Last")
    middle = factories.taxon("Middle", accepted=last)
    first = factories.taxon("First", accepted=middle)
    assert follow(first.pk) == last.pk
    assert facts_of([first.pk])[first.pk].species_name == "Last"
    Taxon.objects.filter(pk=last.pk).update(accepted=first)
    assert follow(first.pk) in (middle.pk, last.pk)


def test_many_new_taxa_cost_no_query_each():
    ensure_taxa([row(2, 3)])
    with CaptureQueriesContext(connection) as few:
        ensure_taxa([row(2, 3, 10)])
    with CaptureQueriesContext(connection) as many:
        ensure_taxa([row(2, 3, 100 + n) for n in range(200)])
    assert len(many) == len(few)
