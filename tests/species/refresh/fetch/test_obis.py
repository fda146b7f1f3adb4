"""Walks over OBIS as it is: sparse, paged by id, hiding what it can, and now and then not there."""

import orjson
import pytest

from species.refresh.fetch import envelope
from species.refresh.fetch.errors import UnusableAnswer
from species.refresh.fetch.obis import Obis, UnknownTerm, UpstreamError
from tests.replay.records import EDNA, MUSEUM, QUIRKS, REEF, SMALL, TRAWL


@pytest.fixture
def obis(replay):
    with Obis(replay.obis_url, timeout=(5, 1.5), sleep=lambda _: None) as obis:
        yield obis


def walk(obis: Obis, dataset: str, size: int) -> list[dict]:
    rows, after = [], None
    while page := obis.occurrences(dataset, after=after, size=size):
        rows += page.records
        after = page.last_id
    return rows


@pytest.mark.parametrize("size", [7, 100, 300, 10_000])
def test_a_walk_sees_every_record_once_whatever_the_page_size(obis, replay, size):
    assert walk(obis, REEF, size) == replay.world.by_dataset[REEF]


def test_absent_and_dropped_records_are_asked_for(obis, replay):
    assert sum(r["absence"] for r in walk(obis, TRAWL, 50)) == 30
    assert any(r["dropped"] for r in walk(obis, QUIRKS, 50))
    assert {(e["query"]["absence"], e["query"]["dropped"]) for e in replay.log} == {
        ("include", "include")
    }


def test_a_page_says_its_total_its_size_and_where_it_ends(obis, replay):
    page = obis.occurrences(REEF, size=10)
    assert (page.total, len(page), page.last_id) == (
        300,
        10,
        replay.world.by_dataset[REEF][9]["id"],
    )
    assert page.bytes > 5_000


def test_an_empty_page_is_no_error_and_ends_the_walk(obis):
    page = obis.occurrences(SMALL, after="ffffffff", size=10)
    assert (page.records, page.last_id, page.total) == ([], None, 8)


def test_a_scope_narrows_the_walk_and_the_count(obis):
    assert obis.count(REEF, {"taxonid": "127405"}) == len(walk_in(obis, {"taxonid": "127405"}))
    assert obis.count(REEF) == 300


def walk_in(obis: Obis, scope: dict) -> list[dict]:
    return obis.occurrences(REEF, size=1_000, scope=scope).records


def test_dates_and_places_narrow_too_and_a_walk_may_be_over_all_datasets(obis):
    scope = {
        "startdate": "2016-01-01",
        "enddate": "2016-12-31",
        "geometry": "POLYGON((-30 30, 0 30, 0 60, -30 60, -30 30))",
    }
    page = obis.occurrences(None, size=1_000, scope=scope)
    assert 0 < len(page) == page.total < 200
    assert {r["date_year"] for r in page.records if "/" not in r["eventDate"]} == {2016}
    assert all(r["decimalLongitude"] < 0 for r in page.records)


@pytest.mark.parametrize("size", [0, 10_001, -1])
def test_a_page_size_that_obis_refuses_is_never_sent(obis, replay, size):
    with pytest.raises(ValueError, match="1 to 10,000"):
        obis.occurrences(REEF, size=size)
    assert replay.log == []


@pytest.mark.parametrize(
    "kind", ["400", "503", "truncate", "cut", "hang", "reset", "html", "error200", "other", "empty"]
)
def test_a_walk_through_an_outage_loses_and_doubles_nothing(obis, replay, kind):
    replay.fault(kind, "/v3/occurrence", times=2, skip=1)
    assert walk(obis, REEF, 100) == replay.world.by_dataset[REEF]


def test_an_error_inside_a_200_that_stays_fails_with_its_words(obis, replay):
    replay.fault("error200", times=99)
    with pytest.raises(UpstreamError, match="TEMPORARILY_UNAVAILABLE"):
        obis.occurrences(REEF, size=10)


def test_a_term_that_obis_does_not_know_is_named_and_not_asked_again(obis, replay):
    with pytest.raises(UnknownTerm, match="taxonid=mola") as caught:
        obis.occurrences(REEF, size=10, scope={"taxonid": "mola"})
    assert caught.value.terms == ("taxonid=mola",)
    assert len(replay.log) == 1


def test_of_several_terms_the_unknown_one_is_found(obis):
    with pytest.raises(UnknownTerm) as caught:
        obis.count(None, {"taxonid": "127405,mola,126436"})
    assert caught.value.terms == ("taxonid=mola",)


def test_a_service_that_is_not_obis_is_called_so(obis, replay):
    replay.fault("other", times=99)
    with pytest.raises(
        UpstreamError,
        match=rf"OBIS at http://127.0.0.1:{replay.port}/v3/occurrence.*list of results",
    ):
        obis.occurrences(REEF, size=10)


def test_html_for_ever_is_called_so(obis, replay):
    replay.fault("html", times=99)
    with pytest.raises(UpstreamError, match="HTML instead of JSON"):
        obis.count(REEF)


def test_a_cursor_that_is_ignored_does_not_walk_for_ever(obis, replay):
    replay.fault("no-skip", times=99, skip=1)
    with pytest.raises(UpstreamError, match="does not go on"):
        walk(obis, REEF, 100)


def test_records_of_another_dataset_are_refused(obis, replay):
    replay.world.by_dataset[SMALL] = [
        r | {"dataset_id": REEF} for r in replay.world.by_dataset[SMALL]
    ]
    with pytest.raises(UpstreamError, match="another dataset"):
        obis.occurrences(SMALL, size=10)


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b'{"results": {}}', b'{"results": null, "total": 1}']
)
def test_json_of_another_shape_is_unusable(body):
    with pytest.raises(UnusableAnswer):
        envelope.read_envelope(body, lambda _: None)


def test_every_dataset_is_listed_once_though_the_total_is_wrong(obis, replay, monkeypatch):
    monkeypatch.setattr("species.refresh.fetch.obis.DATASETS_PER_PAGE", 4)
    assert [d["id"] for d in obis.datasets()] == sorted([REEF, MUSEUM, TRAWL, EDNA, QUIRKS, SMALL])
    assert [e["query"]["skip"] for e in replay.log] == ["0", "4", "6"]


def test_an_unlisted_dataset_still_answers_by_its_id_and_a_removed_one_does_not(obis, replay):
    replay.world.unlist(SMALL)
    replay.world.remove_dataset(TRAWL)
    assert {SMALL, TRAWL}.isdisjoint(d["id"] for d in obis.datasets())
    assert obis.dataset(SMALL)["id"] == SMALL
    assert obis.dataset(TRAWL) is None


def test_a_dataset_that_is_not_there_is_told_apart_from_an_outage(obis, replay):
    replay.fault("503", times=99)
    with pytest.raises(UpstreamError):
        obis.dataset(SMALL)


def nasty(n: int) -> dict:
    """A record whose text and nesting try to look like the end of a record."""
    text = ['}, {"id": "x"', "]}", '\\"},{', "{[", "\\", 'a\\\\"', "}]}\n", "é🐟\x00"][n % 8]
    return {"id": f"{n:08}", "text": text, text: [{"a": [{"b": text}, {}]}, {}], "none": None}


def as_answer(records: list[dict], **tail) -> bytes:
    return orjson.dumps({"total": len(records), "results": records} | tail)


@pytest.fixture
def large_pages(monkeypatch):
    monkeypatch.setattr(envelope, "WHOLE_BYTES", 0)
    monkeypatch.setattr(envelope, "SLICE_RECORDS", 3)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 20])
@pytest.mark.parametrize("spaces", [False, True])
def test_a_large_page_is_cut_between_records_and_nowhere_else(large_pages, count, spaces):
    records = [nasty(n) for n in range(count)]
    body = as_answer(records, error=[])
    body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2) if spaces else body
    said, pieces, text = envelope.read_envelope(bytearray(body), lambda _: None)
    page = envelope.Page(said["total"], len(body), count, None, pieces, text)
    assert said == {"total": count, "error": []}
    assert page.records == records
    assert [len(piece) for piece in page.slices()] == [
        min(3, count - n) for n in range(0, count, 3)
    ]


def test_a_large_page_cut_off_anywhere_is_unusable(large_pages):
    body = as_answer([nasty(n) for n in range(8)])
    # An answer of no announced length that breaks off within a text, behind what might be the
    # envelope's end, could as well hold a damaged record.
    ends = [end for end in range(len(body)) if not body[:end].endswith(b"]}")]
    assert len(ends) > len(body) - 40
    for end in ends:
        with pytest.raises(UnusableAnswer):
            envelope.read_envelope(body[:end], lambda _: None)


@pytest.mark.parametrize("end", [b'"' + rb"\"" * 200_000, b"x" * 1_000_000, b"[" * 200_000])
def test_a_large_page_that_breaks_off_in_something_long_is_read_only_once(large_pages, end):
    with pytest.raises(UnusableAnswer):
        envelope.read_envelope(b'{"total": 1, "results": [' + end, lambda _: None)


def test_a_large_page_with_half_a_surrogate_pair_is_mended(large_pages):
    body = as_answer([nasty(n) for n in range(5)]).replace(b'"00000003"', rb'"0000\ud83d3"')
    _, pieces, text = envelope.read_envelope(body, lambda _: None)
    assert envelope.Page(5, 0, 5, None, pieces, text).records[3]["id"] == "0000\ufffd3"


def test_a_large_page_is_walked_over_the_wire_like_a_small_one(obis, replay, large_pages):
    assert walk(obis, REEF, 100) == replay.world.by_dataset[REEF]
