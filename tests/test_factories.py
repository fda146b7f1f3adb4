"""The rows that tests make are rows that the portal could hold."""

from datetime import date

import pytest

from species.models import CuratedObservation, Taxon
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_observation_needs_nothing_said_and_is_published():
    made = factories.observation()
    assert CuratedObservation.objects.published().get() == made
    made.dataset.refresh_from_db()
    assert made.dataset.published_count == 1


def test_ordinals_follow_the_order_of_the_tree_whatever_the_order_of_making():
    root = factories.taxon("Animalia", aphia_id=2)
    late = factories.taxon("Mollusca", aphia_id=51, parent=root)
    early = factories.taxon("Chordata", aphia_id=1821, parent=root)
    factories.taxon("Mola", aphia_id=126_233, parent=early)
    by_path, by_ordinal = Taxon.objects.order_by("path"), Taxon.objects.order_by("ordinal")
    assert list(by_path) == list(by_ordinal)
    assert set(Taxon.objects.below(root)) == set(Taxon.objects.all())
    assert late.ordinal_range()[0] == late.ordinal


def test_a_start_alone_is_one_day_and_none_is_no_date():
    assert factories.observation(date_start=date(1999, 5, 4)).date_end == date(1999, 5, 4)
    assert factories.observation(date_start=None).date_precision == ""
