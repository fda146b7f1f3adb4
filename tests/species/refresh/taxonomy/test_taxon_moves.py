"""What WoRMS changes in the tree reaches paths, ordinals, observations, counts and the ledger in
one go.
"""

import random

import pytest

from species.models import CuratedObservation, DataVersion, ObservationChange, Taxon
from species.refresh.taxonomy.taxa import ensure_taxa
from species.refresh.taxonomy.taxon_moves import accept_name, rename_taxon, reparent_taxon
from tests import factories
from tests.refreshing import assert_counts_are_true
from tests.species.refresh.taxonomy.test_ordinals import (
    assert_ranges_are_subtrees,
    random_rows,
    row,
)

pytestmark = pytest.mark.django_db


def sighting(aphia_id: int, **said) -> CuratedObservation:
    return factories.observation(taxon=Taxon.objects.get(pk=aphia_id), **said)


def test_a_taxon_moves_with_all_below_it_and_their_observations():
    ensure_taxa([row(2, 3, 4, 5), row(2, 9)])
    sighting(5)
    version = DataVersion.current()
    assert reparent_taxon(3, 9)
    assert Taxon.objects.get(pk=5).path == "1/2/9/3/4/5/"
    assert DataVersion.current() > version
    assert_ranges_are_subtrees()
    first, end = Taxon.objects.get(pk=9).ordinal_range()
    rows = CuratedObservation.objects.filter(taxon_ordinal__gte=first)
    assert (rows.filter(taxon_ordinal__lt=end) if end else rows).count() == 1


def test_a_taxon_never_hangs_on_itself_nor_on_what_is_below_it():
    ensure_taxa([row(2, 3, 4, 5)])
    assert not reparent_taxon(3, 5)
    assert not reparent_taxon(3, 3)
    assert not reparent_taxon(3, 2)
    assert_ranges_are_subtrees()


def test_moves_at_random_keep_the_tree_true():
    chance = random.Random(11)
    ensure_taxa(random_rows(chance, 40))
    numbers = list(Taxon.objects.exclude(pk=1).values_list("pk", flat=True))
    for number in numbers[::4]:
        sighting(number)
    for _ in range(30):
        reparent_taxon(chance.choice(numbers), chance.choice(numbers))
    assert_ranges_are_subtrees()
    assert_counts_are_true()


def test_a_synonym_takes_its_observations_along_and_a_verdict_taken_back_brings_them_home():
    ensure_taxa([row(2, 3, 4), row(2, 3, 5)])
    moved, other = sighting(4), sighting(5)
    assert accept_name(4, 5) == 1
    moved.refresh_from_db()
    assert (moved.taxon_id, moved.species_name, moved.aphia_id_as_published) == (5, "Taxon 5", 4)
    assert moved.name_as_published == "Taxon 4"
    entry = ObservationChange.objects.get()
    assert (entry.kind, entry.old_values) == ("taxon", {"taxon_id": 4, "species_name": "Taxon 4"})
    assert_counts_are_true()
    assert accept_name(4, None) == 1
    moved.refresh_from_db()
    other.refresh_from_db()
    assert (moved.taxon_id, other.taxon_id) == (4, 5)
    assert_ranges_are_subtrees()
    assert_counts_are_true()


def test_absent_and_withdrawn_rows_move_without_being_counted():
    ensure_taxa([row(2, 4), row(2, 5)])
    sighting(4, occurrence_status="absent")
    sighting(4, withdrawn_at=factories.LONG_AGO)
    assert accept_name(4, 5) == 2
    assert Taxon.objects.get(pk=5).observation_count == 0
    assert_counts_are_true()


def test_a_corrected_name_reaches_the_observations_and_the_ledger():
    ensure_taxa([row(2, 4)])
    seen = sighting(4)
    Taxon.objects.filter(pk=4).update(scientific_name="Corrected")
    assert rename_taxon(4) == 1
    assert rename_taxon(4) == 0
    seen.refresh_from_db()
    assert seen.species_name == "Corrected"
    assert ObservationChange.objects.get().old_values == {"species_name": "Taxon 4"}
