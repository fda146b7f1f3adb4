"""Held records follow the rules of today: recorded as ours, no news for anybody, and nothing is
lost on the way.
"""

import json
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from species.models import (
    CuratedObservation,
    Dataset,
    DataVersion,
    ObservationChange,
    RecordAsReceived,
    RejectedRecord,
)
from species.refresh import hashes, payload, recurate
from species.refresh.lock import LOCK
from species.refresh.write.erase import block_keys
from species.rules import RULE_SET_VERSION
from species.terms import Evidence, Finding, License
from tests.refreshing import WITHDRAWN, assert_all_is_true, books, everything, full, upstream
from tests.replay.records import QUIRKS, REEF, SMALL, TRAWL
from users.models import AuditEntry

__all__ = ["upstream"]

EARLIER = RULE_SET_VERSION - 1
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command("recurate_observations", "--json", *arguments, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def made_by_earlier_rules(rows, **values) -> None:
    """Let held rows look as if earlier rules had made them, which read some columns otherwise."""
    for row in rows.select_related("received"):
        fingerprint = hashes.fingerprint(payload.unpack_record(row.received.payload))
        row.content_hash, row.rule_set_version = hashes.content_hash(fingerprint, EARLIER), EARLIER
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    call_command("rebuild_atlas", stdout=StringIO())


def received(row: CuratedObservation) -> dict:
    return payload.unpack_record(RecordAsReceived.objects.get(observation=row).payload)


def receive(row: CuratedObservation, **changes) -> None:
    raw = received(row) | changes
    RecordAsReceived.objects.filter(observation=row).update(payload=payload.pack_record(raw))


def rows_of(dataset: str):
    return CuratedObservation.objects.filter(dataset__uuid=dataset).order_by("pk")


def told(rows) -> list[tuple]:
    columns = (
        "key",
        "content_hash",
        "evidence",
        "license",
        "findings",
        "first_seen",
        "last_changed",
        "obis_id",
        "sst",
    )
    return list(rows.order_by("key").values_list(*columns))


def test_held_records_get_the_current_rules_as_a_change_of_ours_that_is_no_news(client):
    full(SMALL, TRAWL)
    before, version = told(rows_of(SMALL)), DataVersion.current()
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA, findings=Finding.DATE_REVERSED)
    made_by_earlier_rules(rows_of(TRAWL))
    counts = run()
    assert counts["examined"] == 8 + rows_of(TRAWL).count()
    assert (counts["changed"], counts["confirmed"], counts["withdrawn"]) == (
        8,
        counts["examined"] - 8,
        0,
    )
    assert counts["columns"] == {"evidence": 8, "findings": 8}
    assert told(rows_of(SMALL)) == before
    assert set(CuratedObservation.objects.values_list("rule_set_version", flat=True)) == {
        RULE_SET_VERSION
    }
    assert DataVersion.objects.get().number > version
    entries = set(ObservationChange.objects.values_list("kind", "old_values__evidence", "run"))
    assert entries == {("rules", "dna", None)}
    assert ObservationChange.objects.count() == 8
    assert_all_is_true()
    page = client.get(
        reverse("species:observation-detail", args=[rows_of(SMALL)[0].key])
    ).content.decode()
    assert "Our data checks changed" in page
    assert books(full(SMALL, TRAWL)) == {"unchanged": counts["examined"]}
    assert run()["examined"] == 0


def test_a_changed_record_keeps_what_was_received_byte_for_byte(monkeypatch):
    monkeypatch.setattr(payload, "LEVEL", 1)
    full(SMALL)
    monkeypatch.undo()
    received_before = list(RecordAsReceived.objects.order_by("pk").values_list("pk", "payload"))
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA)
    assert run()["changed"] == 8
    after = list(RecordAsReceived.objects.order_by("pk").values_list("pk", "payload"))
    assert [(pk, bytes(kept)) for pk, kept in after] == [
        (pk, bytes(kept)) for pk, kept in received_before
    ]
    assert payload.pack_record(received(rows_of(SMALL)[0])) != bytes(after[0][1])


def test_columns_are_counted_only_where_a_record_changed():
    full(SMALL)
    made_by_earlier_rules(rows_of(SMALL))
    with CaptureQueriesContext(connection) as captured:
        assert run()["confirmed"] == 8
    assert not [query for query in captured if "FILTER (WHERE (o." in query["sql"]]


def test_the_uri_of_a_licence_is_filled_in_without_an_entry_in_the_history():
    full(REEF)
    licensed = rows_of(REEF).exclude(record_license_uri="")
    uris = dict(licensed.values_list("pk", "record_license_uri"))
    assert uris
    made_by_earlier_rules(rows_of(REEF), record_license_uri="")
    assert run()["columns"] == {"record_license_uri": len(uris)}
    assert dict(licensed.values_list("pk", "record_license_uri")) == uris
    assert not ObservationChange.objects.exists()


def test_the_audit_log_says_that_it_was_done():
    full(SMALL)
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA)
    run()
    assert AuditEntry.objects.get(action="observations_recurated").details["changed"] == 8


def test_a_refresh_records_what_only_our_rules_changed_as_ours_too(upstream):
    full(SMALL)
    before = told(rows_of(SMALL))
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA)
    upstream.world.change(SMALL, 1, locality="Elsewhere")
    assert books(full(SMALL)) == {"unchanged": 7, "changed": 1}
    kinds = ObservationChange.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["changed", *["rules"] * 7]
    assert len(set(before) & set(told(rows_of(SMALL)))) == 7
    assert_all_is_true()


def test_a_row_that_the_rules_leave_as_it_is_has_no_entry_in_the_history():
    full(SMALL)
    made_by_earlier_rules(rows_of(SMALL))
    assert books(full(SMALL)) == {"unchanged": 8}
    assert not ObservationChange.objects.exists()


def test_records_that_the_rules_now_refuse_are_withdrawn_with_that_reason_and_kept_as_received():
    full(SMALL)
    row = rows_of(SMALL)[0]
    receive(row, decimalLongitude=0, decimalLatitude=0)
    made_by_earlier_rules(rows_of(SMALL))
    counts = run()
    assert (counts["withdrawn"], counts["confirmed"], counts["reasons"]) == (
        1,
        7,
        {"zero_coordinates": 1},
    )
    gone = CuratedObservation.objects.get(WITHDRAWN)
    assert (gone.pk, gone.withdrawal_reason) == (row.pk, "zero_coordinates")
    assert ObservationChange.objects.get().kind == "rules"
    assert payload.unpack_record(RejectedRecord.objects.get().payload) == received(row)
    assert Dataset.objects.get(uuid=SMALL).rejected_count == 1
    assert_all_is_true()
    assert run()["examined"] == 0


@pytest.fixture
def refused_by_earlier_rules(upstream):
    """Two records of which earlier rules had published one, and refused the other from the
    beginning.
    """
    full(SMALL)
    upstream.world.change(SMALL, 1, decimalLongitude=0, decimalLatitude=0)
    upstream.world.by_dataset[SMALL].append({**upstream.world.by_dataset[SMALL][0], "occurrenceID": "another",
                                             "id": "ffffffff-0000-4000-8000-000000000000", "decimalLongitude": 0,
                                             "decimalLatitude": 0})  # fmt: skip
    full(SMALL)
    for row in RejectedRecord.objects.all():
        row.payload = payload.pack_record(
            payload.unpack_record(row.payload) | {"decimalLongitude": 3, "decimalLatitude": 54}
        )
        row.save()
    assert RejectedRecord.objects.count() == 2
    return RejectedRecord.objects


def test_refused_records_that_the_rules_now_accept_come_back_without_being_news(
    refused_by_earlier_rules,
):
    seen = refused_by_earlier_rules.get(occurrence_id="another").first_seen
    assert run()["restored"] == 2
    assert not RejectedRecord.objects.exists()
    assert not CuratedObservation.objects.filter(WITHDRAWN).exists()
    new = CuratedObservation.objects.get(occurrence_id="another")
    assert new.first_seen == new.last_changed == seen
    assert ObservationChange.objects.order_by("-pk")[0].kind == "rules"
    assert Dataset.objects.get(uuid=SMALL).rejected_count == 0
    assert_all_is_true()
    assert run()["restored"] == 0


def test_what_was_purged_or_is_gone_from_the_dataset_does_not_come_back(
    refused_by_earlier_rules, upstream
):
    block_keys([refused_by_earlier_rules.get(occurrence_id="another").key])
    upstream.world.by_dataset[SMALL] = upstream.world.by_dataset[SMALL][:-2]
    upstream.world.change(SMALL, 1)
    full(SMALL)
    assert run()["restored"] == 0
    assert RejectedRecord.objects.count() == 2


def test_records_that_were_not_kept_as_received_are_counted_and_wait(settings):
    full(SMALL)
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA)
    RecordAsReceived.objects.filter(observation__in=rows_of(SMALL)[:3]).delete()
    RecordAsReceived.objects.filter(observation=rows_of(SMALL)[3]).update(payload=b"no record")
    counts = run()
    assert (counts["changed"], counts["not_kept"], counts["unusable"]) == (4, 3, 1)
    assert rows_of(SMALL).filter(evidence=Evidence.DNA, rule_set_version=EARLIER).count() == 4
    full(SMALL)
    assert not rows_of(SMALL).filter(evidence=Evidence.DNA).exists()


def test_a_record_that_the_database_refuses_is_left_as_it_is_and_the_others_follow_the_rules():
    full(SMALL)
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE species_curatedobservation ADD CONSTRAINT refusing"
            f" CHECK (id <> {rows_of(SMALL)[2].pk} OR evidence = 'dna')"
        )
    try:
        counts = run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE species_curatedobservation DROP CONSTRAINT refusing")
    assert (counts["examined"], counts["changed"], counts["unusable"]) == (8, 7, 1)
    assert list(rows_of(SMALL).filter(evidence=Evidence.DNA)) == [rows_of(SMALL)[2]]
    assert_all_is_true()


def test_a_record_that_was_kept_in_part_only_does_not_come_back(refused_by_earlier_rules):
    refused_by_earlier_rules.filter(occurrence_id="another").update(reason="nested_too_deeply")
    assert run()["restored"] == 1
    assert refused_by_earlier_rules.get().reason == "nested_too_deeply"


def test_shared_identifiers_and_newer_look_ups_stay_as_they_are(upstream):
    full(QUIRKS)
    upstream.world.change(QUIRKS, 200, sst=21.5)
    full(QUIRKS)
    before = told(rows_of(QUIRKS))
    made_by_earlier_rules(rows_of(QUIRKS).filter(withdrawn_at=None), evidence=Evidence.DNA)
    run()
    assert told(rows_of(QUIRKS)) == before
    assert rows_of(QUIRKS).filter(sst=21.5).exists()
    assert_all_is_true()


def test_a_datasets_licence_is_read_again_and_reaches_its_records_as_a_change_of_ours():
    full(REEF)
    dataset = Dataset.objects.get(uuid=REEF)
    changed = dict(rows_of(REEF).values_list("pk", "last_changed"))
    made_by_earlier_rules(rows_of(REEF))
    Dataset.objects.filter(pk=dataset.pk).update(
        license_as_given="not CC0, all rights reserved", license=License.CC0
    )
    counts = run()
    assert (counts["datasets_relicensed"], counts["changed"]) == (1, 0)
    assert set(rows_of(REEF).values_list("license", flat=True)) == {License.OTHER}
    assert set(ObservationChange.objects.values_list("kind", flat=True)) == {"rules"}
    assert dict(rows_of(REEF).values_list("pk", "last_changed")) == changed
    assert_all_is_true()


def test_a_dry_run_counts_the_same_and_writes_nothing(refused_by_earlier_rules):
    full(TRAWL)
    made_by_earlier_rules(rows_of(TRAWL), evidence=Evidence.DNA)
    before = everything()
    rehearsed = run("--dry-run")
    assert everything() == before
    assert not AuditEntry.objects.filter(action="observations_recurated").exists()
    done = run()
    assert rehearsed | {"dry_run": False} == done
    assert (done["changed"], done["restored"]) == (rows_of(TRAWL).count(), 2)


def test_a_run_that_was_stopped_is_gone_on_with(monkeypatch):
    full(SMALL)
    made_by_earlier_rules(rows_of(SMALL), evidence=Evidence.DNA)
    kept, batches = recurate.recurate_batch, []

    def stop_at_the_second(*arguments):
        if batches:
            raise KeyboardInterrupt
        batches.append(kept(*arguments))

    monkeypatch.setattr(recurate, "recurate_batch", stop_at_the_second)
    with pytest.raises(CommandError) as stopped:
        run("--batch-size", "3")
    assert stopped.value.returncode == 130
    monkeypatch.undo()
    assert run("--batch-size", "3")["changed"] == 5
    assert_all_is_true()


def test_one_dataset_can_be_chosen_and_nonsense_is_refused():
    full(SMALL, TRAWL)
    made_by_earlier_rules(rows_of(SMALL))
    made_by_earlier_rules(rows_of(TRAWL))
    assert run("--datasetid", SMALL.upper())["examined"] == 8
    for arguments in (
        ("--datasetid", "x"),
        ("--datasetid", str(UUID(int=1))),
        ("--batch-size", "0"),
    ):
        with pytest.raises(CommandError) as refused:
            run(*arguments)
        assert refused.value.returncode == 2


def test_it_waits_for_no_refresh_unless_told_to():
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    with pytest.raises(CommandError) as locked:
        run()
    other.close()
    assert locked.value.returncode == 75


def test_a_batch_takes_as_many_queries_whatever_its_size():
    full(TRAWL)
    numbers = []
    for size in (20, 100):
        made_by_earlier_rules(rows_of(TRAWL)[:size], evidence=Evidence.DNA)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run()
        numbers.append(len(captured))
    assert numbers[0] == numbers[1]
