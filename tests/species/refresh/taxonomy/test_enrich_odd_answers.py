"""One answer of WoRMS that cannot be used keeps no other taxon, and no later pass, waiting; and it
is reported.
"""

import json

import pytest
from django.core.management import CommandError, call_command

from species.models import RefreshRun, Taxon, VernacularName
from species.pages.freshness import problems
from tests.replay.records import SMALL
from tests.replay.taxa import COD, HERRING, LOGGERHEAD, MOLA
from tests.species.refresh.taxonomy.enriching import hold, observed, of, run, worms

__all__ = ["worms"]
pytestmark = pytest.mark.django_db

ODD = [
    "text", 7, True, [], {}, {"AphiaID": None}, {"AphiaID": "137205"}, {"AphiaID": 10**15}, {"AphiaID": -1},
    [[{"AphiaID": LOGGERHEAD}]],
]  # fmt: skip


@pytest.mark.parametrize("status", ["deleted", "quarantined", None])
def test_a_record_without_a_name_is_applied_and_the_taxon_keeps_the_name_it_has(
    worms, replay, status
):
    hold(LOGGERHEAD, COD, MOLA)
    replay.world.odd_records[LOGGERHEAD] = {
        "AphiaID": LOGGERHEAD,
        "status": status,
        "scientificname": None,
    }
    done = run(worms)
    turtle = of(LOGGERHEAD)
    assert (turtle.scientific_name, turtle.status) == ("Caretta caretta", status or "")
    assert (done.left_records, done.unusable, of(COD).worms_found) == (0, 0, True)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_element_that_is_no_record_keeps_none_of_its_batch_waiting(worms, replay, odd):
    observed(LOGGERHEAD, 5)
    hold(COD, MOLA)
    replay.world.odd_records[LOGGERHEAD] = odd
    done = run(worms)
    assert of(COD).worms_found and of(MOLA).worms_found
    # nothing was said of it: neither found nor unknown
    assert of(LOGGERHEAD).worms_asked_at is None
    assert (done.unusable, done.left_records, done.is_stuck) == (1, 1, False)
    assert f"AphiaID {LOGGERHEAD}" in str(done)
    replay.world.odd_records.clear()
    assert run(worms).left_records == 0


@pytest.mark.parametrize(
    "names", [[{"vernacular": None}], ["x"], [7, None], [{}], [{"vernacular": ["a"]}]], ids=str
)
def test_a_common_name_that_is_none_keeps_no_other_waiting_and_removes_none(worms, replay, names):
    hold(LOGGERHEAD, COD)
    run(worms)
    before = set(VernacularName.objects.values_list("taxon_id", "language", "name"))
    Taxon.objects.update(vernaculars_asked_at=None)
    replay.world.odd_vernaculars[LOGGERHEAD] = [
        *names,
        {"vernacular": "testudo", "language_code": "lat"},
    ]
    done = run(worms)
    after = set(VernacularName.objects.values_list("taxon_id", "language", "name"))
    assert done.left_vernaculars == 0
    assert after >= before | {(LOGGERHEAD, "lat", "testudo")}


def test_texts_longer_than_the_tables_allow_are_left_out(worms, replay):
    hold(LOGGERHEAD, COD)
    long = dict.fromkeys(
        ("scientificname", "authority", "rank", "status", "modified", "unacceptreason"), "x" * 5000
    )
    replay.world.odd_records[LOGGERHEAD] = {"AphiaID": LOGGERHEAD, **long}
    replay.world.odd_vernaculars[LOGGERHEAD] = [
        {"vernacular": "y" * 5_000, "language_code": "z" * 50}
    ]
    done = run(worms)
    assert (done.left_records, done.left_vernaculars, of(LOGGERHEAD).scientific_name) == (
        0,
        0,
        "Caretta caretta",
    )


@pytest.mark.parametrize(
    "odd", [*ODD, {"AphiaID": LOGGERHEAD, "scientificname": None, "modified": "2030"}], ids=str
)
def test_the_feed_goes_on_behind_an_element_that_is_no_record(worms, replay, odd):
    hold(LOGGERHEAD, COD)
    run(worms)
    for taxon in (LOGGERHEAD, COD):
        replay.world.rename_taxon(taxon, "Nomen novum")
    replay.world.odd_records[LOGGERHEAD] = odd
    done = run(worms)
    assert (of(COD).scientific_name, done.ended_early) == ("Nomen novum", "")


@pytest.mark.parametrize("path", ["AphiaClassificationByAphiaID", "AphiaVernacularsByAphiaID"])
def test_an_address_that_fails_for_one_taxon_is_passed_over(worms, replay, path):
    hold(LOGGERHEAD, COD)
    hold(HERRING)
    replay.fault("500", f"/rest/{path}/{LOGGERHEAD}", times=99)
    done = run(worms)
    assert (done.left_records, done.ended_early) == (0, "")
    assert of(COD).vernaculars_asked_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_pass_without_progress_is_reported_everywhere(upstream, capsys):
    for taxon in list(upstream.world.taxa):
        upstream.world.odd_records[taxon] = "text"
    with pytest.raises(CommandError, match="no response from WoRMS could be") as ended:
        call_command("refresh_obis_data", "--mode", "full", "--datasetid", SMALL, "--json")
    assert ended.value.returncode == 1
    summary = json.loads(capsys.readouterr().out)
    assert (summary["added"], summary["enrichment"]["is_stuck"]) == (8, True)
    refresh = RefreshRun.objects.get()
    assert refresh.state == "done"
    assert any("NO PROGRESS" in note for note in refresh.notes)
    assert any("couldn't get names from WoRMS" in sentence for sentence in problems([]))
