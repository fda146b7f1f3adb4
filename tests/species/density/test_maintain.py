"""Whatever changes published observations changes what is derived from them: the check finds
nothing to say.
"""

import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from species.density import columns, compaction
from species.density import rebuild as building
from species.density.check import find_errors
from species.density.compaction import compact_densities
from species.density.maintain import maintain_densities
from species.density.rebuild import rebuild
from species.models import Dataset, Density, Face, FacetCount, SampledObservation, Stratum
from species.models.density import KEY_ZOOMS
from tests.refreshing import assert_counts_are_true, full, upstream
from tests.replay.records import EDNA, MUSEUM, REEF, SMALL, TRAWL
from tests.species.density.small_world import SmallWorld

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db

ACTS = [
    "add", "change", "withdraw", "move a taxon", "accept", "change a rank", "change a licence", "erase", "compact",
    "tend", "rebuild",
]  # fmt: skip


@pytest.fixture(autouse=True)
def low_thresholds(settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 20, 25, 20


def assert_atlas_is_true() -> None:
    assert list(find_errors()) == []


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a shorter example would cost minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), acts=st.lists(st.sampled_from(ACTS), min_size=6, max_size=14))
def test_after_whatever_happened_all_equals_the_observations(seed, acts):
    with transaction.atomic():
        world = SmallWorld(random.Random(seed))
        world.add(most=80)
        maintain_densities()
        for act in acts:
            world.acts[act]()
        assert_counts_are_true()
        assert_atlas_is_true()
        compact_densities()
        assert not Density.objects.filter(layer__gt=0).exists()
        assert_atlas_is_true()
        transaction.set_rollback(True)


def test_refreshes_keep_densities_counts_and_sample_true(upstream, settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 150, 200, 120
    full()
    assert Density.objects.exists()
    assert SampledObservation.objects.exists()
    upstream.world.withdraw(TRAWL, 9)
    upstream.world.change(REEF, 70, locality="Elsewhere", eventDate="1971")
    upstream.world.reissue(MUSEUM)
    upstream.world.add(EDNA, 12)
    upstream.world.change(SMALL, 1, decimalLongitude=0, decimalLatitude=0)
    full()
    assert not Density.objects.filter(layer__gt=0).exists()
    assert_atlas_is_true()


@pytest.fixture
def world() -> SmallWorld:
    world = SmallWorld(random.Random(5))
    for _ in range(4):
        world.publish(world.datasets[0], [world.observation(world.datasets[0]) for _ in range(30)])
    return world


def kept() -> set[tuple]:
    return set(
        Density.objects.filter(face=Face.TOTAL, layer=0, z__in=KEY_ZOOMS).values_list(
            "subject", "z", "x", "y"
        )
    )


def test_a_portal_with_few_observations_keeps_no_densities_and_no_sample(world, settings):
    settings.DENSITY_THRESHOLD = settings.RAW_ROW_BOUND = 1_000
    maintain_densities()
    assert not Density.objects.exists()
    assert not SampledObservation.objects.exists()
    assert sum(Stratum.objects.values_list("n", flat=True)) == Dataset.objects.published_total()
    assert_atlas_is_true()


def test_changes_are_layers_and_what_cancels_out_leaves_none(world):
    maintain_densities()
    before = kept()
    assert (0, 0, 0, 0) in before and any(z == 14 for _, z, _, _ in before)
    rows = [world.observation(world.datasets[1]) for _ in range(5)]
    world.publish(world.datasets[1], rows)
    assert Density.objects.filter(layer__gt=0).exists()
    assert_atlas_is_true()
    layers = Density.objects.count()
    retold = [fields | {"locality": "Elsewhere", "content_hash": fields["key"]} for fields in rows]
    world.publish(world.datasets[1], retold)
    assert Density.objects.count() == layers, "what counts in no density adds no layer"
    compact_densities()
    assert not Density.objects.filter(layer__gt=0).exists()
    assert kept() == before
    assert_atlas_is_true()


def test_what_is_large_waits_until_its_layers_are_worth_the_rewriting(world, monkeypatch):
    """Here whatever is larger than its layers counts as large."""
    monkeypatch.setattr(compaction, "SMALL", 0)
    monkeypatch.setattr(compaction, "WORTH", 1)
    maintain_densities()
    for times in range(1, compaction.MOST_LAYERS + 1):
        one = world.observation(world.datasets[0], at=(3.0, 54.0), occurrence_status="present")
        world.publish(world.datasets[0], [one])
        compact_densities()
        whole = Density.objects.filter(subject=0, z=0, face=Face.SEASON, layer__gt=0)
        assert whole.count() == times % compaction.MOST_LAYERS
        assert_atlas_is_true()


def test_a_tile_that_becomes_crowded_is_kept_with_the_subjects_that_crowd_it(world):
    maintain_densities()
    far = (100.0, -20.0)
    assert not any(z == 6 and (x, y) == (49, 35) for _, z, x, y in kept())
    world.publish(
        world.datasets[1], [world.observation(world.datasets[1], at=far) | {} for _ in range(45)]
    )
    maintain_densities()
    assert {(0, 6, 49, 35), (-world.datasets[1].pk, 6, 49, 35)} <= kept()
    assert (-world.datasets[1].pk, 0, 0, 0) in kept()
    assert_atlas_is_true()


def test_a_subject_that_becomes_crowded_is_kept_without_what_no_map_can_draw(world):
    """The poles are beyond Mercator's map: such an observation has no tile, and counts in no
    density.
    """
    maintain_densities()
    dataset = world.datasets[1]
    assert (-dataset.pk, 0, 0, 0) not in kept()
    places = [(3.0, 88.0), *[(100.0, -20.0)] * 44]
    world.publish(
        dataset, [world.observation(dataset, at=at, occurrence_status="present") for at in places]
    )
    maintain_densities()
    assert (-dataset.pk, 0, 0, 0) in kept()
    assert_atlas_is_true()


def test_a_rebuild_in_many_small_steps_is_as_true_and_no_place_waits_with_many_layers(
    world, monkeypatch
):
    for module in (columns, building):
        monkeypatch.setattr(module, "CHUNK", 20)
    monkeypatch.setattr(building, "MOST_LAYERS", 3)
    most = []
    find_layered = compaction.find_layered
    monkeypatch.setattr(
        compaction,
        "find_layered",
        lambda *args, **named: most.append(found := find_layered(*args, **named)) or found,
    )
    rebuild()
    assert_atlas_is_true()
    assert len(most) > 2  # twice on the way, and at the end
    assert 1 < max(n for found in most for _, n, _ in found) <= 4


def test_a_rebuild_lets_go_of_pairs_that_have_become_few(world, settings):
    maintain_densities()
    many = len(kept())
    settings.DENSITY_THRESHOLD = 60
    rebuild()
    assert 0 < len(kept()) < many
    assert_atlas_is_true()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DELETE FROM species_density WHERE face = 3 AND z = 10", "SEASON"),
        ("DELETE FROM species_density WHERE face = 0 AND z = 6", "whose key tile has none"),
        ("UPDATE species_facetcount SET n = n + 1 WHERE facet = 'license'", "license"),
        ("UPDATE species_stratum SET n = 0 WHERE tile = -1", "in tile -1"),
        ("DELETE FROM species_sampledobservation", "The sample lacks"),
    ],
)
def test_the_check_says_what_is_wrong_and_a_rebuild_mends_it(world, damage, words, capsys):
    maintain_densities()
    with connection.cursor() as cursor:
        cursor.execute(damage)
        assert cursor.rowcount
    with pytest.raises(CommandError) as refused:
        call_command("check_atlas")
    assert refused.value.returncode == 1
    assert words in capsys.readouterr().out
    call_command("rebuild_atlas")
    call_command("check_atlas", "--sample", "5")
    assert "match the records" in capsys.readouterr().out
    assert FacetCount.objects.exists()
