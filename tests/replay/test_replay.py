"""The stand-in itself: its controls, over HTTP as a test in another process uses them."""

import requests

from tests.replay.records import REEF, SMALL
from tests.replay.taxa import CETACEA, COMMON_DOLPHIN, MOLA, WHALE, links
from tests.replay.world import World


def page(replay, dataset=SMALL, **more):
    return requests.get(
        replay.obis_url + "occurrence", {"datasetid": dataset, "size": 100} | more, timeout=5
    ).json()


def order(replay, **order):
    answer = requests.post(f"http://127.0.0.1:{replay.port}/_replay/world", json=order, timeout=5)
    assert answer.status_code == 200, answer.text


def test_two_worlds_are_equal():
    assert World().by_dataset == World().by_dataset


def test_what_is_withdrawn_comes_back(replay):
    before = page(replay)
    order(replay, dataset=SMALL, do="withdraw", n=3)
    assert page(replay)["total"] == 5
    order(replay, dataset=SMALL, do="empty")
    assert page(replay)["total"] == 0
    order(replay, dataset=SMALL, do="give_back")
    assert page(replay) == before


def test_a_reissue_changes_every_id_and_nothing_else(replay):
    before = page(replay)["results"]
    order(replay, dataset=SMALL, do="reissue")
    after = page(replay)["results"]
    assert {r["id"] for r in before}.isdisjoint(r["id"] for r in after)
    assert sorted(r["occurrenceID"] for r in before) == sorted(r["occurrenceID"] for r in after)


def test_a_reissue_can_wait_for_the_middle_of_a_walk(replay):
    before = [r["id"] for r in page(replay, REEF, size=300)["results"]]
    replay.reset()
    order(replay, dataset=REEF, do="reissue", after_pages=2)
    for n in range(2):
        assert page(replay, REEF, after=before[100 * n])["results"][0]["id"] == before[100 * n + 1]
    assert page(replay, REEF)["results"][0]["id"] not in before


def test_each_change_stamps_the_dataset(replay):
    stamp = replay.world.datasets[SMALL]["updated"]
    for do in ("change", "rename", "add", "withdraw"):
        order(replay, dataset=SMALL, do=do)
        assert replay.world.datasets[SMALL]["updated"] > stamp
        stamp = replay.world.datasets[SMALL]["updated"]


def test_fields_can_be_changed_to_anything(replay):
    order(replay, dataset=SMALL, do="change", n=2, eventDate="1758")
    assert [r["eventDate"] for r in page(replay)["results"][:3]].count("1758") == 2


def test_a_taxon_moves_with_all_below_it(replay):
    order(replay, taxon=CETACEA, do="move", under=2)
    chain = [step.aphia_id for step in replay.world.lineage(COMMON_DOLPHIN)]
    assert chain[:3] == [1, 2, CETACEA]
    assert len(chain) < len(links(WHALE)) + 3


def test_an_order_that_is_none_is_refused(replay):
    for order in (
        {},
        {"dataset": SMALL, "do": "explode"},
        {"taxon": MOLA, "do": "reset"},
        {"dataset": "x", "do": "empty"},
    ):
        assert (
            requests.post(
                f"http://127.0.0.1:{replay.port}/_replay/world", json=order, timeout=5
            ).status_code
            == 400
        )


def test_bulk_is_made_on_demand_and_pages_by_id(replay):
    replay.world.__init__(bulk_records=1_000_003, bulk_datasets=4)
    key = next(iter(replay.world.datasets))
    first = page(replay, key, absence="include", dropped="include", size=1_000)
    assert first["total"] == 250_001
    assert len({r["id"] for r in first["results"]}) == 1_000
    last = replay.world.by_dataset[key][-3]["id"]
    assert len(page(replay, key, absence="include", dropped="include", after=last)["results"]) == 2
