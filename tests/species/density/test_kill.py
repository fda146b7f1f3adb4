"""kill -9 in the middle of a rebuild or of a merge leaves densities that are true; the next one
ends the work.
"""

import random

import pytest

from species.density.check import find_errors
from species.density.maintain import maintain_densities
from species.density.rebuild import rebuild
from species.models import Density
from tests.killing import kill_while_it_writes
from tests.species.density.small_world import SmallWorld


@pytest.mark.django_db(transaction=True)
def test_a_killed_rebuild_and_a_killed_merge_leave_what_is_true(settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 30, 40, 30
    world = SmallWorld(random.Random(3))
    world.publish(world.datasets[0], [world.observation(world.datasets[0]) for _ in range(120)])
    maintain_densities()
    for _ in range(3):
        world.add()
    before = Density.objects.count()
    kill_while_it_writes("species_density", "rebuild_atlas")
    assert Density.objects.count() == before
    assert list(find_errors()) == []
    kill_while_it_writes("species_density", "compact_atlas")
    assert list(find_errors()) == []
    rebuild()
    assert not Density.objects.filter(layer__gt=0).exists()
    assert list(find_errors()) == []
