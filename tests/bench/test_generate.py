"""The benchmark's observations go into the tables as they are today."""

import pytest
from django.db import connection

from bench import generate
from species.models import CuratedObservation, Dataset, Taxon

ROWS = 300


@pytest.fixture
def small_world(monkeypatch):
    monkeypatch.setattr(generate, "SIZES", (60, 12, 6, 5, 4, 3, 2, 1))
    monkeypatch.setattr(generate, "CHUNK", ROWS)


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'species_curatedobservation'"
        )
        return {definition for (definition,) in cursor.fetchall()}


@pytest.mark.django_db
def test_observations_of_known_taxa_and_datasets_are_filled_in_and_the_indexes_are_kept(
    small_world,
):
    before = indexes()
    with connection.cursor() as cursor:
        # the test is one transaction, unlike the benchmark
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    generate.fill(ROWS)
    assert CuratedObservation.objects.published().count() == ROWS
    assert Taxon.objects.count() == sum(generate.SIZES)
    assert sum(Taxon.objects.values_list("observation_count", flat=True)) == ROWS
    assert sum(Dataset.objects.values_list("published_count", flat=True)) == ROWS
    assert indexes() == before
