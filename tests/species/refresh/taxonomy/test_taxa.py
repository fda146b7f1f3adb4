"""The tree that records plant: ancestors from OBIS's own rank ids, one row per AphiaID, names as
published beside.
"""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from species.models import CuratedObservation, DataVersion, Taxon
from species.refresh.records import TaxonLink, TaxonRow
from species.refresh.taxonomy.taxa import ensure_taxa, facts_of, plant_taxa, resolve_synonyms
from tests import factories
from tests.refreshing import assert_all_is_true, full
from tests.replay.records import QUIRKS, REEF, SMALL
from tests.replay.taxa import COLD_WATER_CORAL, LOGGERHEAD, LOPHELIA, TURTLE, links
from tests.species.refresh.taxonomy.test_ordinals import assert_ranges_are_subtrees, row

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
    plant_taxa(
        [TaxonRow(801, "Chlorophyta", "", "Phylum (Division)", chain, None, None, None, None, "")]
    )
    assert Taxon.objects.get(pk=801).phylum == "Chlorophyta"


def test_a_name_as_published_stands_beside_the_accepted_taxon(upstream):
    full(QUIRKS)
    coral = CuratedObservation.objects.get(taxon=COLD_WATER_CORAL)
    assert (coral.species_name, coral.name_as_published) == (
        "Desmophyllum pertusum",
        "Lophelia pertusa",
    )
    assert coral.aphia_id_as_published == LOPHELIA
    synonym = Taxon.objects.get(pk=LOPHELIA)
    assert (synonym.scientific_name, synonym.accepted_id, synonym.path) == (
        "Lophelia pertusa",
        COLD_WATER_CORAL,
        None,
    )


def test_known_taxa_are_looked_up_and_not_planted_again(upstream):
    full(REEF)
    before = list(Taxon.objects.order_by("pk").values_list("pk", "path", "ordinal"))
    full(REEF, QUIRKS)
    after = {
        pk: (path, ordinal)
        for pk, path, ordinal in Taxon.objects.values_list("pk", "path", "ordinal")
    }
    assert all(after[pk] == (path, ordinal) for pk, path, ordinal in before)
    assert_all_is_true()


def test_two_lineages_that_disagree_make_one_tree():
    ensure_taxa([row(2, 10, 30, 100)])
    ensure_taxa([row(2, 20, 30, 101), row(2, 30, 20, 102)])
    assert Taxon.objects.get(pk=101).path == "1/2/10/30/101/"
    assert_ranges_are_subtrees()


def test_a_synonym_known_by_name_gets_its_place_when_a_record_hangs_on_it():
    ensure_taxa([row(2, 30)])
    Taxon.objects.create(
        pk=31, scientific_name="Known by name", status="unaccepted", accepted_id=30
    )
    facts = ensure_taxa([row(2, 31)])
    assert facts[31].taxon_id == 30
    assert Taxon.objects.get(pk=31).path == "1/2/31/"


def test_a_chain_of_synonyms_ends_at_its_last_name():
    last = factories.taxon("Last")
    middle = factories.taxon("Middle", accepted=last)
    first = factories.taxon("First", accepted=middle)
    assert resolve_synonyms([first.pk, last.pk]) == {first.pk: last.pk, last.pk: last.pk}
    assert facts_of([first.pk])[first.pk].species_name == "Last"


@pytest.mark.parametrize("length", [1, 2, 3])
def test_taxa_that_are_synonyms_in_a_circle_keep_their_own_records(length):
    circle = [factories.taxon(f"Name {n}") for n in range(length)]
    outside = factories.taxon("Outside", accepted=circle[0])
    for taxon, after in zip(circle, circle[1:] + circle[:1], strict=True):
        Taxon.objects.filter(pk=taxon.pk).update(accepted=after)
    everyone = [taxon.pk for taxon in (*circle, outside)]
    assert resolve_synonyms(everyone) == {pk: pk for pk in everyone}
    facts = facts_of([taxon.pk for taxon in circle])
    assert {pk: found.taxon_id for pk, found in facts.items()} == {
        taxon.pk: taxon.pk for taxon in circle
    }


def test_many_chains_of_synonyms_are_resolved_together():
    last = factories.taxon("Last")
    synonyms = [factories.taxon(f"Synonym {n}", accepted=last) for n in range(20)]
    with CaptureQueriesContext(connection) as queries:
        resolve_synonyms([taxon.pk for taxon in synonyms])
    assert len(queries) == 2


def test_later_records_complete_a_taxon_that_was_created_without_habitat_or_category():
    ensure_taxa([row(2, 30)])
    ensure_taxa(
        [
            replace(row(2, 30), is_marine=True),
            replace(row(2, 30), is_brackish=False, iucn_category="EN"),
        ]
    )
    taxon = Taxon.objects.get(pk=30)
    assert (taxon.is_marine, taxon.is_brackish, taxon.is_freshwater, taxon.iucn_category) == (
        True,
        False,
        None,
        "EN",
    )


def test_what_is_known_of_a_taxon_is_not_replaced_by_what_a_later_record_states():
    ensure_taxa([replace(row(2, 30), is_marine=False, iucn_category="EN")])
    version = DataVersion.current()
    ensure_taxa([replace(row(2, 30), is_marine=True, iucn_category="LC")])
    taxon = Taxon.objects.get(pk=30)
    assert (taxon.is_marine, taxon.iucn_category) == (False, "EN")
    assert DataVersion.current() == version


def test_many_new_taxa_cost_no_query_each():
    ensure_taxa([row(2, 3)])
    with CaptureQueriesContext(connection) as few:
        ensure_taxa([row(2, 3, 10)])
    with CaptureQueriesContext(connection) as many:
        ensure_taxa([row(2, 3, 100 + n) for n in range(200)])
    assert len(many) == len(few)
