"""Names are found by their indexes, however many taxa there are."""

import pytest
from django.db import connection

from species.models import Taxon
from tests import factories

pytestmark = pytest.mark.django_db


def plan_of(rows) -> str:
    """The plan where every index that a condition can use is cheaper than reading the table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    return rows.explain()


def test_parts_of_names_are_found_by_trigrams_of_both_tables():
    factories.vernacular(factories.taxon("Mola mola"), "ocean sunfish")
    plan = plan_of(Taxon.objects.mentioning("mola"))
    assert "taxon_name_part" in plan
    assert "vernacular_name_part" in plan


def test_whole_names_are_found_by_the_indexes_of_both_tables():
    factories.vernacular(factories.taxon("Mola mola"), "ocean sunfish")
    plan = plan_of(Taxon.objects.named("Mola mola"))
    assert "taxon_name" in plan
    assert "vernacular_name" in plan
