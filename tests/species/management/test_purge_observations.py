"""What a person asked to be forgotten is gone in every form, and does not come back."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from species.demonstration.loading import load_survey
from species.demonstration.surveys import SURVEYS
from species.models import (
    BlockedKey,
    ChangeKind,
    CuratedObservation,
    DataVersion,
    ObservationChange,
    RecordAsReceived,
    RejectedRecord,
    VernacularName,
)
from tests import factories
from tests.refreshing import full, upstream
from tests.replay.records import TRAWL

__all__ = ["upstream"]

pytestmark = pytest.mark.django_db(transaction=True)


def purge(*arguments: str) -> str:
    out = StringIO()
    call_command("purge_observations", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def known():
    """An observation with all that hangs on it, and a neighbour that must stay."""
    row = factories.observation()
    RecordAsReceived.objects.create(observation=row, payload=b"\x01")
    ObservationChange.objects.create(observation=row, at=timezone.now(), kind=ChangeKind.CHANGED)
    now = timezone.now()
    RejectedRecord.objects.create(
        dataset=row.dataset, key=row.key, reason="no_taxon", record_hash=uuid4(), payload=b"\x01",
        occurrence_id=row.occurrence_id, first_seen=now, last_seen=now,
    )  # fmt: skip
    factories.observation(dataset=row.dataset, taxon=row.taxon)
    return row


def test_it_erases_row_record_history_and_rejected_copy_and_keeps_the_counts_true(known):
    version = DataVersion.current()
    said = purge(str(known.key), "--yes")
    assert "Erased 1 observations" in said
    assert "1 rejected copies; 1 keys are new on the block list" in said
    assert CuratedObservation.objects.count() == 1
    assert not RecordAsReceived.objects.exists()
    assert not ObservationChange.objects.exists()
    assert not RejectedRecord.objects.exists()
    known.dataset.refresh_from_db()
    known.taxon.refresh_from_db()
    assert (known.dataset.published_count, known.taxon.observation_count) == (1, 1)
    assert DataVersion.current() > version


def test_an_observation_is_found_by_its_occurrence_id(known):
    purge("--dataset", str(known.dataset.uuid), "--occurrence-id", known.occurrence_id, "--yes")
    assert not CuratedObservation.objects.filter(key=known.key).exists()
    # the key as it stands, and the one its occurrenceID makes
    assert BlockedKey.objects.count() == 2


def test_without_yes_nothing_is_erased(known):
    with pytest.raises(CommandError, match="Nothing was deleted") as refusal:
        purge(str(known.key))
    assert refusal.value.returncode == 2
    assert CuratedObservation.objects.filter(key=known.key).exists()
    assert not BlockedKey.objects.exists()


def test_a_purged_record_does_not_come_back_with_the_next_refresh():
    survey = SURVEYS[0]
    load_survey(survey, 30)
    victim = CuratedObservation.objects.first()
    purge(str(victim.key), "--yes")
    books = load_survey(survey, 30)
    assert (books["unchanged"], books["rejected"]) == (29, 1)
    assert not CuratedObservation.objects.filter(key=victim.key).exists()
    assert not RejectedRecord.objects.filter(key=victim.key).exists()


@pytest.mark.parametrize("kept", [True, False], ids=["records kept", "no records kept"])
def test_a_common_name_that_only_a_purged_record_used_is_erased_everywhere(
    upstream, settings, kept
):
    settings.KEEP_RECORDS_AS_RECEIVED, settings.VERNACULAR_LANGUAGE = kept, "und"
    upstream.world.change(TRAWL, 20, vernacularName="Net filler")
    upstream.world.change(TRAWL, 1, vernacularName="Old Tom of Hook Bay")
    full(TRAWL)
    rows = upstream.world.by_dataset[TRAWL]
    call_command(
        "purge_observations",
        "--dataset",
        TRAWL,
        "--occurrence-id",
        rows[0]["occurrenceID"],
        "--yes",
    )
    names = VernacularName.objects.filter(taxon=rows[0]["aphiaID"])
    assert not names.filter(name__startswith="Old Tom").exists()
    others = sum(row["aphiaID"] == rows[0]["aphiaID"] for row in rows[1:20])
    assert list(names.values_list("name", "record_count")) == (
        [("Net filler", others)] if kept else []
    )
    assert not CuratedObservation.objects.filter(common_name__startswith="Old Tom").exists()


def test_the_block_list_does_not_say_whom_it_blocks(known):
    purge(str(known.key), "--yes")
    assert known.key.bytes not in bytes(BlockedKey.objects.get().key_hash)


def test_a_key_that_is_not_held_is_blocked_in_advance():
    assert "no record has this key" in purge(str(uuid4()), "--yes")
    assert BlockedKey.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Give a key"),
        (["no-key"], "is no key"),
        (["--dataset", "x", "--occurrence-id", "1"], "is no dataset id"),
        (["--dataset", str(uuid4())], "--dataset and --occurrence-id together"),
        (["--occurrence-id", "1"], "--dataset and --occurrence-id together"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, reason):
    with pytest.raises(CommandError, match=reason) as refusal:
        purge(*arguments, "--yes")
    assert refusal.value.returncode == 2
