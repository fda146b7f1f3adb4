"""One bad element of a page is refused with its reason and raw form; all others are loaded and the
books balance.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species.models import CuratedObservation, RejectedRecord
from species.refresh import payload, prefetch
from species.refresh.clean.clean_record import clean_slice
from species.refresh.clean.incoming import read_slices
from species.refresh.fetch import envelope
from species.refresh.fetch.elements import LONGEST_RECORD
from species.refresh.fetch.errors import UnusableAnswer
from species.refresh.fetch.page_parser import PageRequest, read_page
from species.refresh.records import CleanRecord, Rejection
from species.rules import RULES
from tests.refreshing import assert_all_is_true, books, full, held
from tests.replay.records import REEF, SMALL, TRAWL, small_world

REJECTIONS = {rule.code for rule in RULES if rule.effect == "rejected"}
TURTLES = small_world()[SMALL]


def text_of(record: dict, **changes) -> bytes:
    return orjson.dumps(
        {key: value for key, value in (record | changes).items() if value is not ...}
    )


def with_value(record: dict, value: bytes) -> bytes:
    """The record with a field that holds these bytes."""
    return orjson.dumps(record | {"depth": "HERE"}).replace(b'"HERE"', value)


# Every way in which an element of a page can be no record, or no usable one: the rule that refuses
# it.
BAD = {
    "null": (lambda r: b"null", "not_an_object"),
    "text": (lambda r: b'"text"', "not_an_object"),
    "number": (lambda r: b"7", "not_an_object"),
    "true": (lambda r: b"true", "not_an_object"),
    "list": (lambda r: b"[" + orjson.dumps(r) + b"]", "not_an_object"),
    "deep list": (lambda r: b"[" * 300 + b"]" * 300, "not_an_object"),
    "NaN": (lambda r: with_value(r, b"NaN"), "unreadable"),
    "infinity": (lambda r: with_value(r, b"-Infinity"), "unreadable"),
    "1e400": (lambda r: with_value(r, b"1e400"), "unreadable"),
    "leading zero": (lambda r: with_value(r, b"007"), "unreadable"),
    "control character": (lambda r: with_value(r, b'"a\x01b"'), "unreadable"),
    "line break": (lambda r: with_value(r, b'"a\nb"'), "unreadable"),
    "NUL": (lambda r: with_value(r, b'"a\x00b"'), "unreadable"),
    "2,000 levels": (lambda r: with_value(r, b"[" * 2_000 + b"]" * 2_000), "unreadable"),
    "single quotes": (lambda r: with_value(r, b"'x'"), "unreadable"),
    "open string": (lambda r: with_value(r, b'"x'), "unreadable"),
    "stray quote": (lambda r: with_value(r, b'"x"y"'), "unreadable"),
    "escaped end": (lambda r: with_value(r, b'"x\\"'), "unreadable"),
    "bad escape": (lambda r: with_value(r, b'"\\x"'), "unreadable"),
    "open bracket": (lambda r: with_value(r, b"["), "unreadable"),
    "open brace": (lambda r: with_value(r, b"{"), "unreadable"),
    "closing bracket": (lambda r: with_value(r, b"]"), "unreadable"),
    "closing brace": (lambda r: with_value(r, b"}"), "unreadable"),
    "cut off": (lambda r: orjson.dumps(r)[:200], "unreadable"),
    "cut off in a string": (
        lambda r: orjson.dumps(r).partition(b"scientificName")[0],
        "unreadable",
    ),
    "300 levels": (lambda r: with_value(r, b"[" * 300 + b"]" * 300), "nested_too_deeply"),
    "twice the same key": (lambda r: with_value(r, b'1,"depth":2'), "repeated_keys"),
    "large": (lambda r: text_of(r, locality="x" * LONGEST_RECORD), "record_too_large"),
    "no id": (lambda r: text_of(r, id=...), "no_obis_id"),
    "null id": (lambda r: text_of(r, id=None), "no_obis_id"),
    "number for an id": (lambda r: text_of(r, id=7), "no_obis_id"),
    "long id": (lambda r: text_of(r, id="f" * 300), "no_obis_id"),
    "no dataset": (lambda r: text_of(r, dataset_id=...), "no_dataset"),
    "null dataset": (lambda r: text_of(r, dataset_id=None), "no_dataset"),
    "list for a dataset": (lambda r: text_of(r, dataset_id=[SMALL]), "no_dataset"),
    "another dataset": (lambda r: text_of(r, dataset_id=TRAWL), "other_dataset"),
    "no longitude": (lambda r: text_of(r, decimalLongitude=...), "no_coordinates"),
    "longitude in words": (lambda r: text_of(r, decimalLongitude="east"), "unusable_coordinates"),
    "longitude 181": (lambda r: text_of(r, decimalLongitude=181), "coordinates_out_of_range"),
    "0, 0": (lambda r: text_of(r, decimalLongitude=0, decimalLatitude=0), "zero_coordinates"),
    "no AphiaID": (lambda r: text_of(r, aphiaID=...), "no_taxon"),
    "long name": (lambda r: text_of(r, scientificName="é" * 2_800), "name_too_long"),
    "dropped": (lambda r: text_of(r, dropped=True), "dropped_by_obis"),
}
READ_ALL_THE_SAME = {
    "half a surrogate pair": lambda r: with_value(r, rb'"x\ud83d"'),
    "invalid UTF-8": lambda r: with_value(r, b'"caf\xe9"'),
    "5,000 digits": lambda r: with_value(r, b"9" * 308 + b".0"),
    "200 levels": lambda r: with_value(r, b"[" * 200 + b"]" * 200),
    "a nested object": lambda r: with_value(r, b'{"dataset_id":"x","id":1}'),
    "brackets in a text": lambda r: with_value(r, b'"]},{\\"id\\":[{"'),
    "a key in a text": lambda r: with_value(r, b'"a\\":b"'),
}


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, 3, 7], ids=["first", "middle", "last"])
@pytest.mark.parametrize("name", BAD)
def test_one_bad_element_is_refused_with_its_reason_and_raw_form_and_the_rest_is_loaded(
    upstream, name, place
):
    make, reason = BAD[name]
    text = make(TURTLES[place])
    upstream.world.put_raw(SMALL, place, text)
    run = full(SMALL)
    assert (books(run), run.reasons) == ({"added": 7, "rejected": 1}, {reason: 1})
    received = payload.unpack_record(RejectedRecord.objects.get().payload)
    raw = received.get("received")
    assert raw is None or text.decode("utf-8", "replace").startswith(raw[:1_000])
    assert received.get("receivedBytes", len(text)) >= len(text) - 100
    assert_all_is_true()


@pytest.mark.django_db
@pytest.mark.parametrize("name", READ_ALL_THE_SAME)
def test_what_can_be_read_is_kept(upstream, name):
    upstream.world.put_raw(SMALL, 3, READ_ALL_THE_SAME[name](TURTLES[3]))
    assert books(full(SMALL)) == {"added": 8}


def test_every_rule_that_refuses_records_has_an_example_of_its_own():
    # Erasing on request and what only the database refuses are tested where they belong.
    assert {reason for _, reason in BAD.values()} == REJECTIONS - {
        "purged_on_request",
        "not_storable",
    }


@pytest.mark.django_db
def test_many_bad_elements_on_many_pages_are_counted_each(upstream):
    for place, name in enumerate(BAD):
        upstream.world.put_raw(
            REEF, 7 * place, BAD[name][0](upstream.world.by_dataset[REEF][7 * place])
        )
    run = full(REEF, more=("--page-size", "10"))
    assert (run.added, run.rejected) == (300 - len(BAD), len(BAD))
    assert_all_is_true()


@pytest.mark.django_db
def test_a_page_of_which_nothing_can_be_read_ends_the_walk_only_where_it_is_the_last(upstream):
    for place in range(8):
        upstream.world.put_raw(SMALL, place, b'{"n":%d}' % place)
    assert books(full(SMALL)) == {"rejected": 8}
    for place in range(10, 20):
        upstream.world.put_raw(REEF, place, b"null")
    run = full(REEF, more=("--page-size", "10"), status=1)
    assert "does not go on" in run.error


@pytest.mark.django_db
def test_a_held_record_that_can_no_longer_be_read_is_withdrawn_with_that_reason(upstream):
    full(SMALL)
    upstream.world.put_raw(SMALL, 2, BAD["NaN"][0](TURTLES[2]))
    upstream.world.change(SMALL, 0)
    upstream.world.datasets[SMALL]["updated"] = "2026-01-01"
    run = full(SMALL)
    assert books(run) == {"unchanged": 7, "rejected": 1, "withdrawn": 1}
    assert (
        CuratedObservation.objects.get(withdrawn_at__isnull=False).withdrawal_reason == "unreadable"
    )


@pytest.mark.django_db
def test_a_value_that_only_the_database_refuses_costs_its_own_record_alone(
    upstream, django_db_blocker, monkeypatch
):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE species_curatedobservation ADD CONSTRAINT odd CHECK (occurrence_id NOT LIKE '%turtle-5')"
        )
    # prepared in another process, which keeps the raw form
    monkeypatch.setattr(prefetch, "MIN_BYTES", 0)
    run = full(SMALL)
    assert (books(run), run.reasons) == ({"added": 7, "rejected": 1}, {"not_storable": 1})
    refused = RejectedRecord.objects.get()
    assert (
        payload.unpack_record(refused.payload)["decimalLatitude"] == TURTLES[0]["decimalLatitude"]
        or refused.payload
    )
    assert held(SMALL) == 7


def page_of(parts: list[bytes], head: bytes = b"") -> bytes:
    return head + b'{"total":%d,"results":[%s]}' % (len(parts), b",".join(parts))


def read(body: bytes, size: int = 5_000) -> Iterator:
    page = read_page(body, PageRequest(SMALL, None, size))
    slices = read_slices(page, UUID(SMALL))
    items = [item for part in slices for item in clean_slice(part, keep=True)]
    assert len(items) == page.count
    return items


def loaded(items) -> set[str]:
    assert all(isinstance(item.result, CleanRecord | Rejection) for item in items)
    return {str(item.obis_id) for item in items if isinstance(item.result, CleanRecord)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw) -> bytes:
    """A turtle, or any other JSON value, one of whose values is replaced, or some of whose bytes."""
    record = TURTLES[draw(st.integers(0, 7))]
    kind = draw(st.sampled_from(["value", "element", "bytes", "cut"]))
    if kind == "element":
        value = draw(json_values)
        return (
            re.sub(rb"[^\x20-\x7e]", b"?", str(value).encode("utf-8", "replace")) or b"null"
            if draw(st.booleans())
            else as_json(value)
        )
    if kind == "value":
        return as_json(record | {draw(st.sampled_from(sorted(record))): draw(json_values)})
    text = orjson.dumps(record)
    start, end = sorted((draw(st.integers(1, len(text))), draw(st.integers(1, len(text)))))
    return (
        text[:start] if kind == "cut" else text[:start] + draw(st.binary(max_size=20)) + text[end:]
    )


def as_json(value: object) -> bytes:
    import json

    return json.dumps(value, default=str).encode("utf-8", "replace")


@settings(max_examples=400, deadline=None)
@given(mutated(), st.integers(0, 7), st.booleans(), st.booleans())
def test_whatever_one_element_becomes_all_others_are_loaded(element, place, is_large, has_mark):
    parts = [orjson.dumps(record) for record in TURTLES]
    parts[place] = element
    others = {record["id"] for n, record in enumerate(TURTLES) if n != place}
    before = envelope.WHOLE_BYTES, envelope.SLICE_RECORDS
    envelope.WHOLE_BYTES, envelope.SLICE_RECORDS = (0, 3) if is_large else before
    try:
        found = loaded(read(page_of(parts, b"\xef\xbb\xbf" if has_mark else b"")))
    finally:
        envelope.WHOLE_BYTES, envelope.SLICE_RECORDS = before
    assert found >= others


@pytest.mark.parametrize("whole_bytes", [0, 16 << 20], ids=["large", "small"])
def test_a_body_that_was_cut_off_is_never_taken_for_a_damaged_one(monkeypatch, whole_bytes):
    monkeypatch.setattr(envelope, "WHOLE_BYTES", whole_bytes)
    monkeypatch.setattr(envelope, "SLICE_RECORDS", 3)
    body = page_of([orjson.dumps(record) for record in TURTLES[:3]])
    for end in range(len(body)):
        with pytest.raises(UnusableAnswer):
            read(body[:end])


@pytest.mark.parametrize("element", [b"{}", b"[]", b"null", b'""', b"0"])
def test_a_body_of_millions_of_values_is_refused_before_it_is_parsed(element):
    with pytest.raises(UnusableAnswer, match="more than 3,000,000 values"):
        read(b'{"total":1,"results":[' + (element + b",") * 4_000_000 + b"{}]}")


def test_more_records_than_were_asked_for_are_refused():
    with pytest.raises(UnusableAnswer, match="more records than were asked for"):
        read(page_of([b"{}"] * 11), size=10)


def test_damage_that_hides_every_boundary_ends_after_bounded_work():
    body = page_of([b'{"id":"x","dataset_id":"y","a":"' + b',{"dataset_id":' * 20_000])
    with pytest.raises(UnusableAnswer):
        elements_of = read(body)
        assert not elements_of
