"""Whatever happens upstream, in whatever order: after a refresh the portal mirrors it, and every
count is true.
"""

from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.models import CuratedObservation, Dataset
from tests.refreshing import ABSENT, PUBLISHED, WITHDRAWN, assert_all_is_true, full, refresh
from tests.replay.records import MUSEUM, SMALL

pytestmark = pytest.mark.django_db
DATASETS = [SMALL, MUSEUM]
SMALL_PAGES = ("--page-size", "20")

events = st.tuples(
    st.sampled_from(DATASETS),
    st.sampled_from(
        [
            "withdraw",
            "give_back",
            "change",
            "add",
            "reissue",
            "rename",
            "empty",
            "refuse",
            "drop twins",
        ]
    ),
    st.integers(1, 30),
)
runs = st.sampled_from(
    ["full", "incremental", "bounded", "part", "by event", "failing", "dry", "mid-walk"]
)
stories = st.lists(st.tuples(st.lists(events, max_size=3), runs), min_size=2, max_size=4)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(story=stories)
def test_after_any_story_a_full_refresh_mirrors_upstream(upstream, story):
    with transaction.atomic():
        upstream.reset()
        for happenings, run in story:
            for dataset, event, n in happenings:
                happen(upstream.world, dataset, event, n)
            RUNS[run](upstream)
            upstream.faults.clear()
            assert_all_is_true(at_rest=False)
        full(*DATASETS)
        for dataset in Dataset.objects.exclude(held_back=""):
            refresh("--accept-withdrawals", str(dataset.uuid))
        assert_all_is_true()
        assert mirrored() == served(upstream.world)
        transaction.set_rollback(True)


def happen(world, dataset: str, event: str, n: int) -> None:
    if event == "refuse":
        world.change(dataset, n, decimalLongitude=0, decimalLatitude=0)
    elif event == "drop twins":
        world.change(dataset, n, occurrenceID="one-for-all")
    elif event in ("withdraw", "change", "add"):
        getattr(world, event)(dataset, n)
    else:
        getattr(world, event)(dataset)


def failing(upstream) -> None:
    """A run that OBIS leaves alone after two pages, if it has any more to ask."""
    upstream.fault("503", "/v3/occurrence", skip=2, times=99)
    with suppress(CommandError):
        call_command(
            "refresh_obis_data", "--mode", "full", "--datasetid", ",".join(DATASETS), *SMALL_PAGES
        )


def reissued_in_mid_walk(upstream) -> None:
    upstream.world.in_mid_walk(MUSEUM, 2, "reissue")
    full(*DATASETS, more=("--page-size", "20", "--no-resume"))


RUNS = {
    "full": lambda upstream: full(*DATASETS),
    "incremental": lambda upstream: refresh("--datasetid", ",".join(DATASETS)),
    "bounded": lambda upstream: full(*DATASETS, more=(*SMALL_PAGES, "--pages", "3")),
    "part": lambda upstream: refresh(
        "--taxonid", "2", "--datasetid", ",".join(DATASETS), *SMALL_PAGES
    ),
    "by event": lambda upstream: refresh(
        "--by", "event", "--start-date", "2018-01-01", "--datasetid", ",".join(DATASETS)
    ),
    "failing": failing,
    "dry": lambda upstream: full(*DATASETS, more=("--dry-run",)),
    "mid-walk": reissued_in_mid_walk,
}


def served(world) -> list[tuple[str, str]]:
    rows = [row for key in DATASETS for row in world.by_dataset[key]]
    return sorted(
        (row["id"], row["dataset_id"])
        for row in rows
        if row["decimalLongitude"] or row["decimalLatitude"]
    )


def mirrored() -> list[tuple[str, str]]:
    rows = CuratedObservation.objects.filter(PUBLISHED | ABSENT).exclude(WITHDRAWN)
    return sorted(
        (str(obis_id), str(dataset))
        for obis_id, dataset in rows.values_list("obis_id", "dataset__uuid")
    )
