"""What WoRMS says, what it does not know, and when it does not answer: three different things."""

from datetime import UTC, datetime, timedelta

import pytest

from species.refresh.fetch.worms import UpstreamError, Worms
from tests.replay import taxa


@pytest.fixture
def worms(replay):
    with Worms(
        replay.worms_url, pace=0, retries=1, timeout=(5, 1.5), sleep=lambda _: None
    ) as worms:
        yield worms


def test_records_come_in_batches_of_fifty_and_unknown_ids_are_none(worms, replay):
    ids = [taxa.MOLA, *range(9_000_001, 9_000_075), taxa.LOPHELIA]
    found = worms.records(ids)
    assert list(found) == ids
    assert [len(entry["ids"]) for entry in replay.log] == [50, 26]
    assert found[taxa.MOLA]["scientificname"] == "Mola mola"
    assert found[taxa.LOPHELIA]["valid_AphiaID"] == taxa.COLD_WATER_CORAL
    assert found[9_000_001] is None


def test_nothing_to_ask_asks_nothing(worms, replay):
    assert worms.records([]) == {}
    assert replay.log == []


def test_a_batch_of_unknown_ids_alone_is_none_and_no_failure(worms):
    assert worms.records([9_000_001, 9_000_002]) == {9_000_001: None, 9_000_002: None}


def test_a_classification_is_flat_from_the_root_down(worms):
    chain = worms.classification(taxa.MOLA)
    assert chain[:2] == [("Superdomain", "Biota", 1), ("Kingdom", "Animalia", 2)]
    assert chain[-1] == ("Species", "Mola mola", taxa.MOLA)
    assert worms.classification(9_000_001) is None


def test_vernaculars_or_none(worms):
    assert {(v["language_code"], v["vernacular"]) for v in worms.vernaculars(taxa.BOTTLENOSE)} == {
        ("eng", "bottlenose dolphin"),
        ("fra", "grand dauphin"),
    }
    assert worms.vernaculars(taxa.HERRING) is None


@pytest.mark.parametrize("kind", ["503", "429", "html", "empty", "other", "cut", "hang"])
def test_a_failure_is_never_mistaken_for_none(worms, replay, kind):
    replay.fault(kind, times=99)
    for ask in (worms.vernaculars, worms.classification, lambda key: worms.records([key])):
        with pytest.raises(UpstreamError, match="WoRMS at"):
            ask(taxa.HERRING)


def test_the_feed_gives_each_change_once_with_offsets_from_one(worms, replay, monkeypatch):
    start = datetime.now(UTC) - timedelta(minutes=1)
    for n in range(120):
        replay.world.taxa[8_000_000 + n] = taxa.WormsTaxon(
            8_000_000 + n, f"Taxon {n}", "Species", 1, 8_000_000 + n
        )
        replay.world.rename_taxon(8_000_000 + n, f"Taxon {n}")
    changed = [
        row["AphiaID"]
        for row in worms.changed_since(start, datetime.now(UTC) + timedelta(minutes=1))
    ]
    assert changed == [8_000_000 + n for n in range(120)]
    assert [entry["query"]["offset"] for entry in replay.log] == ["1", "51", "101", "151"]


def test_a_quiet_feed_is_empty(worms):
    assert (
        list(worms.changed_since(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC))) == []
    )


def test_a_feed_that_repeats_itself_ends_in_an_error(worms, replay, monkeypatch):
    monkeypatch.setattr(
        "tests.replay.server.changes",
        lambda world, query: [{"AphiaID": 2, "scientificname": "Animalia"}],
    )
    with pytest.raises(UpstreamError, match="repeats itself"):
        list(worms.changed_since(datetime(2025, 1, 1, tzinfo=UTC), datetime.now(UTC)))


def test_a_moment_without_a_time_zone_is_refused(worms):
    with pytest.raises(ValueError, match="time zone"):
        list(worms.changed_since(datetime(2025, 1, 1), datetime(2025, 2, 1)))


def test_every_request_asks_for_all_taxa_not_marine_ones_only(worms, replay):
    worms.records([taxa.MOSQUITOFISH])
    worms.classification(taxa.MOSQUITOFISH)
    worms.vernaculars(taxa.MOSQUITOFISH)
    assert {entry["query"]["marine_only"] for entry in replay.log} == {"false"}


def test_by_default_a_second_lies_between_two_requests(replay):
    pauses = []
    with Worms(replay.worms_url, sleep=pauses.append) as worms:
        worms.vernaculars(taxa.MOLA)
        worms.vernaculars(taxa.COD)
    assert len(pauses) == 1
    assert 0.9 < pauses[0] <= 1
