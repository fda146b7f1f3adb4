"""Writing pages: what is kept of a record, what is refused with its reason, and how few queries
that takes.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from species.models import (
    CuratedObservation,
    Dataset,
    ObservationChange,
    RecordAsReceived,
    RejectedRecord,
)
from species.refresh import publish_dataset
from species.refresh.payload import unpack_record
from species.refresh.write.erase import block_keys, erase_observations
from species.rules import RULE_SET_VERSION
from tests.refreshing import WITHDRAWN, assert_all_is_true, books, full, held
from tests.replay.records import QUIRKS, REEF, SMALL, TRAWL

# Queries of a page, whatever its size. A higher number wants a reason; a query for each record
# never has one. Two are the savepoint round a page; one completes taxa that were created without
# habitat or category.
UNCHANGED_PAGE, CHANGED_PAGE = 17, 26

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upstream")]


def test_every_record_is_kept_exactly_as_it_was_served(upstream):
    full(QUIRKS, TRAWL)
    served = {row["id"]: row for key in (QUIRKS, TRAWL) for row in upstream.world.by_dataset[key]}
    accepted = {
        str(r.observation.obis_id): unpack_record(r.payload) for r in RecordAsReceived.objects.all()
    }
    refused = {str(r.obis_id): unpack_record(r.payload) for r in RejectedRecord.objects.all()}
    assert accepted | refused == served
    assert not accepted.keys() & refused.keys()


def test_a_row_says_by_which_version_of_the_rules_it_was_made(upstream):
    full(SMALL)
    assert set(CuratedObservation.objects.values_list("rule_set_version", flat=True)) == {
        RULE_SET_VERSION
    }


def test_the_database_knows_how_large_a_walk_is_before_it_compares_with_it(upstream, monkeypatch):
    monkeypatch.setattr(publish_dataset, "MANY_WALKED", 100)
    full(TRAWL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'species_walkedrecord'")
        assert cursor.fetchone() == (120,)


def test_a_changed_record_is_kept_as_it_is_now(upstream):
    full(SMALL)
    upstream.world.change(SMALL, 8, locality="Elsewhere")
    full(SMALL)
    kept = sorted(
        (unpack_record(r.payload) for r in RecordAsReceived.objects.all()),
        key=lambda row: row["id"],
    )
    assert kept == upstream.world.by_dataset[SMALL]


def test_a_portal_short_of_disk_keeps_no_record_as_received_nor_an_outdated_one(upstream, settings):
    full(SMALL)
    settings.KEEP_RECORDS_AS_RECEIVED = False
    upstream.world.change(SMALL, 3)
    full(SMALL, TRAWL)
    assert RecordAsReceived.objects.count() == 5
    assert not RecordAsReceived.objects.filter(observation__changes__isnull=False).exists()


def test_a_refused_record_is_one_row_with_its_first_and_last_run(upstream):
    first = full(QUIRKS)
    count = RejectedRecord.objects.count()
    last = full(QUIRKS)
    assert RejectedRecord.objects.count() == count == first.rejected == last.rejected
    assert set(RejectedRecord.objects.values_list("first_run", "last_run")) == {(first.pk, last.pk)}


def test_a_held_record_that_is_now_refused_is_withdrawn_in_the_same_run_with_that_reason(upstream):
    full(TRAWL)
    upstream.world.change(TRAWL, 2, decimalLongitude=0, decimalLatitude=0)
    run = full(TRAWL)
    assert books(run) == {"unchanged": 118, "rejected": 2, "withdrawn": 2}
    assert run.reasons == {"zero_coordinates": 2, "withdrawn: zero_coordinates": 2}
    gone = CuratedObservation.objects.filter(WITHDRAWN)
    assert set(gone.values_list("withdrawal_reason", flat=True)) == {"zero_coordinates"}
    assert Dataset.objects.get(uuid=TRAWL).rejected_count == 2
    assert_all_is_true()


def test_a_record_that_obis_drops_is_withdrawn_as_dropped(upstream):
    full(TRAWL)
    upstream.world.change(TRAWL, 1, dropped=True)
    assert full(TRAWL).reasons == {"dropped_by_obis": 1, "withdrawn: dropped_by_obis": 1}


def test_what_was_purged_on_request_stays_away_and_leaves_no_trace(upstream):
    full(SMALL)
    dataset = Dataset.objects.get(uuid=SMALL)
    keys = list(CuratedObservation.objects.values_list("key", flat=True)[:2])
    erase_observations(dataset, keys)
    block_keys(keys)
    upstream.world.change(SMALL, 8)
    run = full(SMALL)
    assert books(run) == {"changed": 6, "rejected": 2}
    assert run.reasons == {"purged_on_request": 2}
    assert not CuratedObservation.objects.filter(key__in=keys).exists()
    assert not RejectedRecord.objects.exists()
    assert_all_is_true()


def test_what_obis_looks_up_on_grids_follows_it_without_being_a_change(upstream):
    full(SMALL)
    upstream.world.change(SMALL, 8, sst=21.123456789, bathymetry=None, shoredistance=1e300)
    assert books(full(SMALL)) == {"unchanged": 8}
    rows = set(CuratedObservation.objects.values_list("sst", "bathymetry", "shore_distance"))
    assert [(round(sst, 4), *rest) for sst, *rest in rows] == [(21.1235, None, None)]
    assert not ObservationChange.objects.exists()
    assert books(full(SMALL)) == {"unchanged": 8}


def test_the_same_record_with_other_node_ids_or_nulls_is_unchanged(upstream):
    full(SMALL)
    upstream.world.change(SMALL, 8, node_id=["another"], sex=None)
    assert books(full(SMALL)) == {"unchanged": 8}


def queries(dataset: str, size: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        full(dataset, more=("--page-size", str(size), "--no-resume"))
    return len(captured)


def test_a_page_costs_the_same_number_of_queries_however_many_records_it_has(upstream):
    full(REEF)
    assert (queries(REEF, 50) - queries(REEF, 300)) / 5 == UNCHANGED_PAGE
    upstream.world.change(REEF, 300, locality="Elsewhere")
    small = queries(REEF, 50)
    upstream.world.change(REEF, 300, locality="Elsewhere again")
    assert (small - queries(REEF, 300)) / 5 == CHANGED_PAGE
    assert held(REEF) == 300
