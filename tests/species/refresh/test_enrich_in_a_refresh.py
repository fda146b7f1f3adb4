"""Enrichment at the end of a whole refresh: names follow WoRMS, and a failing WoRMS fails no
refresh.
"""

import pytest
from django.core.management import call_command

from species.models import CuratedObservation, RefreshRun, Taxon
from tests.replay.records import SMALL, TRAWL
from tests.replay.taxa import COD, HERRING, LOGGERHEAD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def upstream(replay, settings):
    settings.OBIS_API_URL, settings.WORMS_API_URL = replay.obis_url, replay.worms_url
    settings.WORMS_PACE_SECONDS, settings.UPSTREAM_RETRIES = 0, 0


def refresh(*datasets: str) -> RefreshRun:
    call_command("refresh_obis_data", "--mode", "full", "--datasetid", ",".join(datasets), "--yes")
    return RefreshRun.objects.latest("id")


def test_a_refresh_ends_with_names_from_worms():
    refresh(SMALL)
    names = CuratedObservation.objects.values_list("species_name", "common_name").distinct()
    assert list(names) == [("Caretta caretta", "loggerhead turtle")]


def test_a_refresh_says_beforehand_how_many_taxa_it_asks_worms_about(capsys):
    refresh(SMALL)
    assert (
        f"WoRMS: asking about {Taxon.objects.count():,} taxa, at most 30 min;"
        in capsys.readouterr().out
    )
    refresh(SMALL)
    assert "WoRMS: asking about" not in capsys.readouterr().out


def test_an_outage_of_worms_is_a_note_and_no_failure(replay):
    replay.fault("503", "/rest/", times=999)
    run = refresh(SMALL)
    assert (run.state, run.added) == ("done", 8)
    assert any("WoRMS at" in note for note in run.notes)


def test_a_verdict_of_worms_outlasts_a_refresh_and_is_taken_back_from_new_records_too(replay):
    refresh(TRAWL)
    replay.world.synonym(HERRING, of=COD)
    refresh(TRAWL)
    replay.world.add(TRAWL, 10)
    replay.world.change(TRAWL, 10)
    refresh(TRAWL)
    assert set(CuratedObservation.objects.values_list("taxon_id", flat=True)) == {COD}
    replay.world.accept(HERRING)
    refresh(TRAWL)
    rows = CuratedObservation.objects.values_list("taxon_id", "name_as_published")
    assert set(rows) == {(COD, "Gadus morhua"), (HERRING, "Clupea harengus")}
    counts = {key: Taxon.objects.get(pk=key).observation_count for key in (COD, HERRING)}
    published = CuratedObservation.objects.published()
    assert counts == {key: published.filter(taxon_id=key).count() for key in (COD, HERRING)}


def test_a_second_refresh_asks_worms_nothing_but_the_feed(replay):
    refresh(SMALL)
    replay.log.clear()
    run = refresh(SMALL)
    assert (run.unchanged, run.changed) == (8, 0)
    assert {entry["path"] for entry in replay.asked("/rest/")} == {"/rest/AphiaRecordsByDate"}
    assert Taxon.objects.get(pk=LOGGERHEAD).worms_found
