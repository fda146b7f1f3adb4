"""What makes two records the same content, and what does not."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species import rules
from species.refresh import hashes

DATASET = UUID("573654c1-4ce7-4ea2-b2f1-e4d42f8f9c31")
RECORD = {
    "id": "a",
    "node_id": ["n"],
    "sst": 14.2,
    "occurrenceID": "x",
    "scientificName": "Mola mola",
    "depth": 3,
}
any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", sorted(hashes.NOT_CONTENT))
def test_obis_ids_nodes_and_look_ups_are_no_content(name):
    assert hashes.fingerprint(RECORD | {name: "another"}) == hashes.fingerprint(RECORD)


@pytest.mark.parametrize(
    "name", ["occurrenceID", "scientificName", "depth", "flags", "anything else"]
)
def test_everything_else_is_content(name):
    assert hashes.fingerprint(RECORD | {name: "another"}) != hashes.fingerprint(RECORD)


@given(st.dictionaries(st.text(min_size=1), any_json, max_size=6))
def test_neither_order_nor_nulls_matter_and_the_record_is_left_alone(record):
    before = dict(record)
    turned = dict(reversed(record.items())) | {"nothing at all": None}
    assert hashes.fingerprint(turned) == hashes.fingerprint(record)
    assert record == before


def test_the_version_of_the_rules_is_part_of_the_content_hash(monkeypatch):
    print_of_record = hashes.fingerprint(RECORD)
    before = hashes.content_hash(print_of_record)
    monkeypatch.setattr(hashes, "RULE_SET_VERSION", rules.RULE_SET_VERSION + 1)
    assert hashes.content_hash(print_of_record) != before


def test_keys_differ_by_dataset_occurrence_id_content_and_ordinal():
    other = UUID(int=1)
    base = hashes.base_of_content(hashes.fingerprint(RECORD))
    keys = [
        hashes.key_of_occurrence(DATASET, "x"),
        hashes.key_of_occurrence(other, "x"),
        hashes.key_of_occurrence(DATASET, "y"),
        hashes.key_of_replicate(DATASET, base, 0),
        hashes.key_of_replicate(DATASET, base, 1),
        hashes.key_of_replicate(other, base, 0),
        hashes.key_of_replicate(
            DATASET, hashes.base_of_content(hashes.fingerprint(RECORD), "x"), 0
        ),
    ]
    assert len(set(keys)) == len(keys)


def test_keys_are_the_same_for_ever():
    """Addresses of observations are made of them: a change here breaks every link to the portal."""
    assert (
        str(hashes.key_of_occurrence(DATASET, "urn:catalog:1"))
        == "6ebd46e6-ac77-6aae-36ad-30ece644d87b"
    )
    assert (
        str(hashes.key_of_replicate(DATASET, hashes.base_of_content(DATASET), 2))
        == "592742a9-3c34-8b77-c24b-9611824928d4"
    )
