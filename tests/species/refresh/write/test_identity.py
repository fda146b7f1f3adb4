"""Who a record is: told over whole refreshes, since identity is what survives from one to the next."""

import json
from uuid import UUID

import pytest

from species.models import CuratedObservation, Dataset
from species.refresh.clean.clean_record import clean_record
from species.refresh.clean.incoming import read_incoming
from species.refresh.payload import unpack_record
from species.terms import Finding
from tests.refreshing import WITHDRAWN, assert_all_is_true, books, full, held, table
from tests.replay.records import SMALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upstream")]
FIRST, LAST = "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-8fff-ffffffffffff"


def put(upstream, *new: dict) -> None:
    """Add these records, each made of the first turtle, to the small dataset."""
    rows = upstream.world.by_dataset[SMALL]
    rows += [rows[0] | {"occurrenceID": "one-for-all"} | said for said in new]
    rows.sort(key=lambda row: row["id"])


def swap(upstream, *ids: str) -> None:
    """Let OBIS list these records in the other order."""
    other = dict(zip(ids, reversed(ids), strict=True))
    rows = upstream.world.by_dataset[SMALL]
    rows[:] = sorted(
        (row | {"id": other.get(row["id"], row["id"])} for row in rows), key=lambda row: row["id"]
    )


def sharing() -> list[CuratedObservation]:
    return list(CuratedObservation.objects.exclude(WITHDRAWN).filter(occurrence_id="one-for-all"))


@pytest.mark.parametrize("size", ["1", "100"])
@pytest.mark.parametrize(
    "said", [{"locality": "another place"}, {}], ids=["other content", "equal content"]
)
def test_one_occurrence_id_under_two_obis_ids_is_two_records_whatever_their_order(
    upstream, size, said
):
    put(upstream, {"id": FIRST}, {"id": LAST} | said)
    more = ("--page-size", size)
    full(SMALL, more=more)
    before = table()
    assert len(sharing()) == 2
    assert all(row.findings & Finding.OCCURRENCE_ID_SHARED for row in sharing())
    assert Dataset.objects.get(uuid=SMALL).shares_occurrence_ids
    for _ in range(2):
        assert books(full(SMALL, more=more)) == {"unchanged": 10}
        assert table() == before
        swap(upstream, FIRST, LAST)
    assert_all_is_true()


def test_three_equal_records_under_one_occurrence_id_stay_three(upstream):
    put(upstream, {"id": FIRST}, {"id": LAST}, {"id": "88888888-0000-4000-8000-000000000000"})
    full(SMALL)
    before = table()
    assert books(full(SMALL, more=("--page-size", "1"))) == {"unchanged": 11}
    assert table() == before


def test_whoever_no_longer_shares_an_occurrence_id_says_so_no_longer(upstream):
    put(upstream, {"id": FIRST}, {"id": LAST, "locality": "another place"})
    full(SMALL)
    upstream.world.withdraw(SMALL, 1)
    assert books(full(SMALL)) == {"unchanged": 9, "withdrawn": 1}
    assert [bool(row.findings & Finding.OCCURRENCE_ID_SHARED) for row in sharing()] == [False]


def test_the_same_obis_id_met_twice_is_repeated(upstream):
    rows = upstream.world.by_dataset[SMALL]
    rows.insert(0, rows[0])
    run = full(SMALL)
    assert books(run) == {"added": 8, "repeated": 1}
    assert held(SMALL) == 8


def test_a_number_is_an_occurrence_id_as_good_as_its_text(upstream):
    put(upstream, {"id": FIRST, "occurrenceID": 4711})
    full(SMALL)
    upstream.world.by_dataset[SMALL][0]["occurrenceID"] = "4711"
    assert books(full(SMALL)) == {"unchanged": 8, "changed": 1}


@pytest.mark.parametrize("nothing", [None, "", "  ", True, ["a"], {"a": 1}])
def test_what_is_no_identifier_counts_as_missing(upstream, nothing):
    put(upstream, {"id": FIRST, "occurrenceID": nothing}, {"id": LAST, "occurrenceID": nothing})
    run = full(SMALL)
    assert run.added == 10
    assert books(full(SMALL)) == {"unchanged": 10}


def test_records_with_unusable_ids_are_refused_and_not_confused(upstream):
    put(
        upstream,
        {"id": "not-a-uuid-1", "occurrenceID": "a"},
        {"id": "not-a-uuid-2", "occurrenceID": "b"},
    )
    run = full(SMALL)
    assert (run.added, run.reasons) == (8, {"no_obis_id": 2})


def test_a_record_nested_too_deeply_to_be_kept_is_refused_with_what_can_be_kept():
    nested = {
        "id": FIRST,
        "occurrenceID": "deep",
        "dynamicProperties": json.loads("[" * 300 + "]" * 300),
    }
    rejection = clean_record(read_incoming(nested, UUID(SMALL)), keep=True)
    assert (rejection.reason, rejection.occurrence_id) == ("nested_too_deeply", "deep")
    assert "(nested too deeply)" in str(unpack_record(rejection.payload)["dynamicProperties"])
