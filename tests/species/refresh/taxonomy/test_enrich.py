"""What WoRMS says reaches taxa and observations once, in order of need, and never at the price of
an observation.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from species.models import DataVersion, Taxon, UpstreamSync, VernacularName
from species.refresh.taxonomy.enrich import FEED, enrich_taxa, is_waiting
from tests import factories
from tests.replay import taxa as t
from tests.species.refresh.taxonomy.enriching import hold, observed, of, run, worms
from users.languages import UNDETERMINED

pytestmark = pytest.mark.django_db


__all__ = ["worms"]


def test_each_taxon_is_asked_about_once_and_a_second_pass_asks_only_the_feed(worms, replay):
    observed(t.MOLA)
    first = run(worms)
    assert first.records == Taxon.objects.count() == len(t.links(t.LINEAGES[0][0])) + 1
    assert (first.left_records, first.left_vernaculars, first.ended_early) == (0, 0, "")
    assert not is_waiting()
    replay.log.clear()
    run(worms)
    assert {entry["path"] for entry in replay.log} == {"/rest/AphiaRecordsByDate"}


def test_what_worms_says_of_a_taxon_is_held_with_its_date(worms):
    observed(t.MOLA)
    before = timezone.now()
    run(worms)
    mola = of(t.MOLA)
    assert (mola.status, mola.rank, mola.authorship) == ("accepted", "Species", "(Linnaeus, 1758)")
    assert (mola.is_marine, mola.is_brackish, mola.worms_found) == (True, False, True)
    assert before < mola.worms_asked_at < mola.vernaculars_asked_at


def test_the_most_observed_taxa_come_first(worms, replay):
    observed(t.COD, 1)
    observed(t.BOTTLENOSE, 3)
    observed(t.MOLA, 2)
    run(worms)
    asked = [entry["path"].split("/")[-1] for entry in replay.asked("/rest/AphiaVernaculars")]
    assert asked[:3] == [str(t.BOTTLENOSE), str(t.MOLA), str(t.COD)]
    assert replay.asked("/rest/AphiaRecordsByAphiaIDs")[0]["ids"][:3] == asked[:3]


def test_none_is_told_apart_from_failed(worms, replay):
    observed(t.HERRING)
    replay.fault("503", "/rest/AphiaVernaculars", times=99)
    report = run(worms)
    assert "WoRMS at" in report.ended_early
    assert of(t.HERRING).vernaculars_asked_at is None
    assert report.left_vernaculars == Taxon.objects.count()
    replay.faults.clear()
    assert run(worms).ended_early == ""
    assert of(t.HERRING).vernaculars_asked_at is not None
    assert not VernacularName.objects.filter(taxon_id=t.HERRING).exists()


def test_an_id_that_worms_does_not_know_stays_where_its_records_put_it(worms, replay):
    [row] = observed(t.MOLA)
    del replay.world.taxa[t.MOLA]
    assert run(worms).unknown == 1
    row.refresh_from_db()
    assert (of(t.MOLA).worms_found, row.species_name) == (False, "Mola mola")
    replay.log.clear()
    run(worms)
    assert replay.asked("/rest/AphiaRecordsByAphiaIDs") == []


def test_time_that_is_up_ends_the_pass_and_the_next_one_goes_on(worms, replay):
    observed(t.MOLA)
    observed(t.COD)
    ticks = iter([0, *[1] * 12, *[100] * 99])
    report = enrich_taxa(worms, budget_seconds=50, clock=lambda: next(ticks))
    assert "time budget of 50 s" in report.ended_early
    assert 0 < report.left_vernaculars < Taxon.objects.count()
    assert f"common names of {report.left_vernaculars}" in str(report).split("Still to ask")[1]
    assert is_waiting()
    asked = len(replay.asked("/rest/AphiaVernaculars"))
    assert run(worms).vernaculars == report.left_vernaculars == Taxon.objects.count() - asked


def test_no_time_at_all_asks_nothing(worms, replay):
    observed(t.MOLA)
    assert run(worms, budget=0).left_records > 0
    assert replay.log == []


def test_an_outage_ends_the_pass_with_a_note_and_touches_nothing(worms, replay):
    [row] = observed(t.MOLA)
    replay.fault("html", times=99)
    report = run(worms)
    assert "HTML instead of JSON" in report.ended_early
    assert report.left_records == Taxon.objects.count()
    row.refresh_from_db()
    assert row.species_name == "Mola mola"


def test_the_common_name_stands_on_the_observations_the_alphabets_first_where_nothing_decides(
    worms,
):
    [row] = observed(t.COD)
    version = DataVersion.current()
    assert run(worms).observations == 1
    row.refresh_from_db()
    assert row.common_name == "Atlantic cod"
    assert DataVersion.current() > version
    assert set(
        VernacularName.objects.filter(taxon_id=t.COD, language="eng").values_list("name", flat=True)
    ) == {
        "cod",
        "Atlantic cod",
    }


def test_the_name_that_records_use_most_goes_before_the_alphabet_and_the_editors_before_both(worms):
    [taxon] = hold(t.COD)
    factories.vernacular(taxon, "cod", UNDETERMINED, record_count=7)  # records name no language
    [row] = observed(t.COD)
    run(worms)
    row.refresh_from_db()
    assert row.common_name == "cod"
    factories.vernacular(taxon, "codling", is_preferred=True)
    Taxon.objects.update(vernaculars_asked_at=None)
    run(worms)
    row.refresh_from_db()
    assert row.common_name == "codling"


def test_a_common_name_that_worms_no_longer_gives_goes_unless_somebody_uses_it(worms, replay):
    [row] = observed(t.COD)
    factories.vernacular(of(t.COD), "morue", "fra", is_preferred=True)
    run(worms)
    replay.world.vernaculars[t.COD] = [("eng", "cod")]
    replay.world.rename_taxon(t.COD, "Gadus morhua")
    run(worms)
    assert set(VernacularName.objects.filter(taxon_id=t.COD).values_list("name", flat=True)) == {
        "cod",
        "morue",
    }
    row.refresh_from_db()
    assert row.common_name == "cod"


def test_languages_are_stored_by_iso_639_3_and_a_missing_one_says_so(worms, replay):
    hold(t.MOLA)
    replay.world.vernaculars[t.MOLA] = [
        ("dut", "maanvis"),
        ("gre", "φεγγαρόψαρο"),
        (None, "x"),
        ("por", "  peixe\x00 lua "),
    ]
    run(worms)
    names = VernacularName.objects.filter(taxon_id=t.MOLA).values_list("language", "name")
    assert set(names) == {
        ("nld", "maanvis"),
        ("ell", "φεγγαρόψαρο"),
        ("und", "x"),
        ("por", "peixe lua"),
    }


def test_the_feed_is_read_from_where_it_was_last_read(worms, replay):
    hold(t.MOLA)
    run(worms)
    long_ago = timezone.now() - timedelta(days=20)
    UpstreamSync.objects.filter(name=FEED).update(synced_until=long_ago)
    replay.log.clear()
    run(worms)
    windows = [
        entry["query"]["startdate"][:10] for entry in replay.asked("/rest/AphiaRecordsByDate")
    ]
    assert windows == [
        (long_ago + timedelta(days=days)).date().isoformat() for days in (-31, 7, 14)
    ]
    assert UpstreamSync.objects.get(name=FEED).synced_until > timezone.now() - timedelta(minutes=1)


def test_a_feed_that_fails_is_read_again_from_the_same_day(worms, replay):
    [row] = observed(t.MOLA)
    run(worms)
    UpstreamSync.objects.update(synced_until=timezone.now() - timedelta(days=3))
    before = UpstreamSync.objects.get().synced_until
    replay.world.rename_taxon(t.MOLA, "Mola molla")
    replay.fault("truncate", "/rest/AphiaRecordsByDate", times=2)
    assert run(worms).changes == 0
    assert UpstreamSync.objects.get().synced_until == before
    assert run(worms).changes == 1
    row.refresh_from_db()
    assert row.species_name == "Mola molla"


def test_a_changed_taxon_is_asked_for_its_common_names_again(worms, replay):
    hold(t.MOLA)
    run(worms)
    replay.log.clear()
    replay.world.rename_taxon(t.MOLA, "Mola mola")
    run(worms)
    asked = replay.asked("/rest/AphiaVernaculars")
    assert [entry["path"].split("/")[-1] for entry in asked] == [str(t.MOLA)]


def test_a_pass_that_only_goes_on_leaves_the_feed_alone(worms, replay):
    hold(t.MOLA)
    enrich_taxa(worms, budget_seconds=60, feed=False)
    assert not is_waiting()
    assert replay.asked("/rest/AphiaRecordsByDate") == []
    assert not UpstreamSync.objects.exists()


def test_upstream_text_is_stored_as_text(worms, replay):
    hold(t.MOLA)
    replay.world.rename_taxon(t.MOLA, "Mola <i>mola</i>\x00\x1b")
    run(worms)
    assert re.fullmatch(r"Mola <i>mola</i>", of(t.MOLA).scientific_name)
