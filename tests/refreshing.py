"""Words for tests of the refresh: run the real command against the replay, and look at what stands
in the tables.
"""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Q

from species.density.check import find_errors
from species.models import (
    CuratedObservation,
    Dataset,
    DatasetWalk,
    RefreshRun,
    StagedObservation,
    Taxon,
)

PUBLISHED = Q(withdrawn_at=None, occurrence_status="present")
ABSENT = Q(withdrawn_at=None, occurrence_status="absent")
WITHDRAWN = Q(withdrawn_at__isnull=False)


@pytest.fixture
def upstream(replay, settings):
    """The replay as OBIS and WoRMS, asked once and without pauses."""
    settings.OBIS_API_URL, settings.WORMS_API_URL = replay.obis_url, replay.worms_url
    settings.OBIS_PACE_SECONDS = settings.WORMS_PACE_SECONDS = 0
    settings.UPSTREAM_RETRIES = 0
    for key, dataset in replay.world.datasets.items():
        dataset["records"] = len(replay.world.by_dataset[key])
    return replay


def refresh(*arguments: str, status: int = 0) -> RefreshRun:
    """One run of the command, which must end with this exit status."""
    ended = 0
    try:
        call_command("refresh_obis_data", "--no-enrich", *arguments)
    except CommandError as error:
        ended = error.returncode
        print(f"exit {ended}: {error}")
    assert ended == status
    return RefreshRun.objects.latest("pk")


def full(*datasets: str, more: tuple[str, ...] = (), status: int = 0) -> RefreshRun:
    """A full run over these datasets, or over all."""
    chosen = ("--datasetid", ",".join(datasets)) if datasets else ()
    return refresh("--mode", "full", *chosen, *more, status=status)


def refused(*arguments: str) -> tuple[int, str]:
    """Exit status and message of a run that must not succeed."""
    with pytest.raises(CommandError) as caught:
        call_command("refresh_obis_data", "--no-enrich", *arguments)
    return caught.value.returncode, str(caught.value)


def books(run: RefreshRun) -> dict[str, int]:
    """What a run counted, zeros left out."""
    names = (*RefreshRun.OUTCOMES, "withdrawn")
    return {name: n for name in names if (n := getattr(run, name))}


def held(dataset: str, condition: Q = PUBLISHED) -> int:
    return CuratedObservation.objects.filter(condition, dataset__uuid=dataset).count()


def table() -> list[tuple]:
    """Every row by what makes it up, whichever run wrote it and when."""
    columns = (
        "key",
        "content_hash",
        "taxon_id",
        "species_name",
        "license",
        "findings",
        "withdrawal_reason",
    )
    return list(CuratedObservation.objects.order_by("key").values_list("dataset__uuid", *columns))


def everything() -> dict[str, list[tuple]]:
    """The rows of every table but the books, to show that something wrote nothing."""
    tables = [
        name for name in connection.introspection.table_names() if name.startswith("species_")
    ]
    books_of_runs = {"species_refreshrun", "species_datasetvisit"}
    rows = {}
    with connection.cursor() as cursor:
        for name in sorted(set(tables) - books_of_runs):
            cursor.execute(f"SELECT t::text FROM {name} t ORDER BY 1")
            rows[name] = cursor.fetchall()
    return rows


def assert_all_is_true(*, at_rest: bool = True) -> None:
    """What must hold after every run: derived counts, the atlas, books, the tree, and (at rest)
    nothing left over.
    """
    assert_counts_are_true()
    assert list(find_errors()) == []
    assert_tree_is_true()
    for run in RefreshRun.objects.all():
        assert run.balanced, run
        assert all(visit.balanced for visit in run.visits.all())
    if at_rest:
        assert not DatasetWalk.objects.exists()
        assert not StagedObservation.objects.exists()


def assert_counts_are_true() -> None:
    """Dataset and Taxon counts equal the raw rows."""
    conditions = {
        "published_count": PUBLISHED,
        "absent_count": ABSENT,
        "withdrawn_count": WITHDRAWN,
    }
    counted = {name: counts_by("dataset_id", condition) for name, condition in conditions.items()}
    for dataset in Dataset.objects.all():
        for name, counts in counted.items():
            assert getattr(dataset, name) == counts.get(dataset.pk, 0), (dataset.title, name)
    kept = {pk: n for pk, n in Taxon.objects.values_list("pk", "observation_count") if n}
    assert kept == counts_by("taxon_id", PUBLISHED)


def counts_by(column: str, condition: Q) -> dict[Any, int]:
    rows = (
        CuratedObservation.objects.filter(condition)
        .values(column)
        .order_by(column)
        .annotate(n=Count("pk"))
    )
    return {row[column]: row["n"] for row in rows}


def assert_tree_is_true() -> None:
    """Paths follow the parents, ordinals follow the paths, and observations carry their taxon's."""
    tree = {taxon.pk: taxon for taxon in Taxon.objects.filter(path__isnull=False)}
    for taxon in tree.values():
        above = tree[taxon.parent_id].path if taxon.parent_id else ""
        assert taxon.path == f"{above}{taxon.pk}/"
    by_path = sorted(tree.values(), key=lambda taxon: taxon.path.encode())
    ordinals = [taxon.ordinal for taxon in by_path]
    assert ordinals == sorted(set(ordinals))
    for model in (CuratedObservation, StagedObservation):
        carried = set(model.objects.values_list("taxon_id", "taxon_ordinal").distinct())
        assert carried == {(taxon, tree[taxon].ordinal) for taxon, _ in carried}
