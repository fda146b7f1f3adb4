"""Packing a record loses nothing, saves a good part, and what is no packed record is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.payload import pack_record, unpack_record
from tests.replay.records import small_world
from tests.species.refresh.test_hashes import any_json


@given(st.dictionaries(st.text(), any_json, max_size=6))
def test_any_record_comes_back_as_it_was(record):
    assert unpack_record(memoryview(pack_record(record))) == record


def test_typical_records_become_a_third():
    records = [row for rows in small_world().values() for row in rows]
    assert all(unpack_record(pack_record(row)) == row for row in records)
    packed = sum(len(pack_record(row)) for row in records)
    plain = sum(len(str(row)) for row in records)
    assert packed < plain / 3


@pytest.mark.parametrize(
    "damaged", [b"", b"{}", b"\x02abc", b"\x01\xff\xff\xff", b"\x01", pack_record({"a": 1})[:-3]]
)
def test_what_was_not_packed_here_is_refused(damaged):
    with pytest.raises(ValueError, match="not a packed record"):
        unpack_record(damaged)


def test_format_one_is_read_for_ever():
    stored = bytes.fromhex("01ab868855203bc4d0c8dcc4c014dd4b4055bef939890ab94042a91600")
    assert unpack_record(stored) == {"id": "x", "aphiaID": 127405, "scientificName": "Mola mola"}
