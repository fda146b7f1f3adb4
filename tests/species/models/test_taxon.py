"""Names are found by their indexes, however many taxa there are."""

import pytest

from species.models import Taxon

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "rows", [Taxon.objects.named("Mola mola"), Taxon.objects.mentioning("mola")]
)
def test_a_name_is_looked_up_once_and_not_compared_with_every_taxon(rows):
    assert "SubPlan" not in rows.explain()
