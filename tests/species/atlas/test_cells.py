"""Whatever changes published observations changes what is derived from them: the check finds nothing to say."""

import pytest
from django.core.management import call_command

from species.atlas.check import complaints
from species.models import Density
from tests.refreshing import full, upstream
from tests.replay.records import EDNA, MUSEUM, REEF, SMALL, TRAWL

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def low_thresholds(settings):
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 40, 100, 120


def assert_atlas_is_true() -> None:
    assert list(complaints()) == []


def test_refreshes_keep_densities_counts_and_sample_true(upstream):
    full()
    assert_atlas_is_true()
    call_command("rebuild_atlas")
    assert Density.objects.exists()
    assert_atlas_is_true()
    upstream.world.withdraw(TRAWL, 9)
    upstream.world.change(REEF, 70, locality="Elsewhere", eventDate="1971")
    upstream.world.reissue(MUSEUM)
    upstream.world.add(EDNA, 12)
    upstream.world.change(SMALL, 1, decimalLongitude=0, decimalLatitude=0)
    full()
    assert Density.objects.filter(layer__gt=0).exists()
    assert_atlas_is_true()
