"""Sparse ordinals: a subtree is one range of them, whatever is planted where, and when there is no
room left.
"""

import random

import pytest

from species.models import CuratedObservation, Taxon
from species.refresh.records import TaxonLink, TaxonRow
from species.refresh.taxonomy import ordinals
from species.refresh.taxonomy.taxa import ensure_taxa
from tests import factories
from tests.refreshing import assert_tree_is_true

pytestmark = pytest.mark.django_db


def row(*chain: int) -> TaxonRow:
    """A taxon under the ones named before it, kingdom first."""
    links = tuple(TaxonLink("Genus", f"Taxon {aphia_id}", aphia_id) for aphia_id in chain)
    return TaxonRow(
        chain[-1], f"Taxon {chain[-1]}", "", "Species", links, True, None, None, None, ""
    )


def assert_ranges_are_subtrees() -> None:
    """Each taxon's range of ordinals holds exactly the taxa that its children, and theirs, lead to."""
    assert_tree_is_true()
    tree = list(Taxon.objects.filter(path__isnull=False).with_ordinal_end())
    children: dict[int | None, list[int]] = {}
    for taxon in tree:
        children.setdefault(taxon.parent_id, []).append(taxon.pk)
    for taxon in tree:
        end = taxon.ordinal_end or ordinals.LAST_ORDINAL
        assert {other.pk for other in tree if taxon.ordinal <= other.ordinal < end} == below(
            taxon.pk, children
        )


def below(aphia_id: int, children: dict[int | None, list[int]]) -> set[int]:
    return {aphia_id}.union(*(below(child, children) for child in children.get(aphia_id, [])))


def random_rows(chance: random.Random, count: int) -> list[TaxonRow]:
    """Taxa with prefixes that look alike (2, 20, 200 ...) at random places of one growing tree."""
    chains = [(2,)]
    for _ in range(count):
        number = int(f"{chance.choice([2, 20, 3])}{chance.randrange(10_000)}")
        if all(number not in chain for chain in chains):
            chains.append((*chance.choice(chains), number))
    return [row(*chain) for chain in chains]


@pytest.mark.parametrize("last", [2**62, 2_000, 400], ids=["roomy", "tight", "crowded"])
def test_ranges_of_ordinals_are_subtrees_even_where_gaps_are_used_up(monkeypatch, last):
    monkeypatch.setattr(ordinals, "LAST_ORDINAL", last)
    monkeypatch.setattr(ordinals, "ROOM_PER_TAXON", 4)
    rows = random_rows(random.Random(7), 90)
    for some in (rows[:5], rows[5:9], rows[9:60], *([one] for one in rows[60:])):
        ensure_taxa(some)
    assert Taxon.objects.count() == len(rows) + 1
    assert_ranges_are_subtrees()


def test_many_newcomers_into_one_crowded_gap_find_room(monkeypatch):
    """More of them than the room that a spreading leaves to each: it must look further up, not
    spread for ever.
    """
    monkeypatch.setattr(ordinals, "LAST_ORDINAL", 4_000)
    monkeypatch.setattr(ordinals, "ROOM_PER_TAXON", 4)
    ensure_taxa([row(2, 3, 4), row(2, 9)])
    for batch in range(3):
        ensure_taxa([row(2, 3, 4, 400 + 20 * batch + n) for n in range(20)])
    assert_ranges_are_subtrees()


def test_observations_follow_when_a_subtree_is_spread_anew(monkeypatch):
    monkeypatch.setattr(ordinals, "LAST_ORDINAL", 500)
    monkeypatch.setattr(ordinals, "ROOM_PER_TAXON", 2)
    ensure_taxa([row(2, 3, 4), row(2, 5)])
    seen = factories.observation(taxon=Taxon.objects.get(pk=4))
    before = seen.taxon_ordinal
    for n in range(40):
        ensure_taxa([row(2, 3, 30 + n)])
    seen.refresh_from_db()
    assert seen.taxon_ordinal != before
    assert_ranges_are_subtrees()
    first, end = Taxon.objects.get(pk=3).ordinal_range()
    assert (
        CuratedObservation.objects.filter(taxon_ordinal__gte=first, taxon_ordinal__lt=end).get()
        == seen
    )


def test_more_newcomers_between_two_taxa_than_a_spreading_leaves_room_for_look_further_up(
    monkeypatch,
):
    monkeypatch.setattr(ordinals, "ROOM_PER_TAXON", 4)
    ensure_taxa([row(2, 3, 4), row(2, 3, 9), row(2, 90)])
    crowded = {2: 999, 3: 1000, 4: 1001, 9: 1002, 90: 1100}
    for aphia_id, ordinal in crowded.items():
        Taxon.objects.filter(pk=aphia_id).update(ordinal=ordinal)
    ensure_taxa([row(2, 3, 500 + n) for n in range(20)])
    assert_ranges_are_subtrees()
