"""What WoRMS says reaches taxa and observations once, in order of need, and never at the price of an observation."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from species.models import CuratedObservation, DataVersion, ObservationChange, Taxon, UpstreamSync, VernacularName
from species.refresh.enrich import FEED, enrich, is_waiting
from species.refresh.lineage import read_taxon
from species.refresh.taxa import ensure_synonyms, ensure_taxa
from species.refresh.worms import Worms
from tests import factories
from tests.replay import taxa as t
from tests.replay.records import TAXON_FIELDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def worms(replay):
    with Worms(replay.worms_url, pace=0, retries=1, timeout=(1, 0.5), sleep=lambda _: None) as worms:
        yield worms


def hold(*aphia_ids: int) -> list[Taxon]:
    """These taxa as OBIS's records bring them, with the lineages that OBIS gives."""
    ensure_taxa(read_taxon(TAXON_FIELDS[aphia_id]) for aphia_id in aphia_ids)
    return [Taxon.objects.get(pk=aphia_id) for aphia_id in aphia_ids]


def observed(aphia_id: int, count: int = 1, **fields) -> list[CuratedObservation]:
    [taxon] = hold(aphia_id)
    dataset = fields.pop("dataset", None) or factories.dataset()
    return [factories.observation(taxon=taxon, dataset=dataset, **fields) for _ in range(count)]


def run(worms: Worms, budget: float = 60):
    return enrich(worms, budget_seconds=budget)


def of(aphia_id: int) -> Taxon:
    return Taxon.objects.get(pk=aphia_id)


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
    report = enrich(worms, budget_seconds=50, clock=lambda: next(ticks))
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


def test_the_common_name_stands_on_the_observations_the_alphabets_first_where_nothing_decides(worms):
    [row] = observed(t.COD)
    version = DataVersion.current()
    assert run(worms).observations == 1
    row.refresh_from_db()
    assert row.common_name == "Atlantic cod"
    assert DataVersion.current() > version
    assert set(VernacularName.objects.filter(taxon_id=t.COD, language="eng").values_list("name", flat=True)) == {
        "cod",
        "Atlantic cod",
    }


def test_the_name_that_records_use_most_goes_before_the_alphabet_and_the_editors_before_both(worms):
    [taxon] = hold(t.COD)
    factories.vernacular(taxon, "cod", record_count=7)
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
    assert set(VernacularName.objects.filter(taxon_id=t.COD).values_list("name", flat=True)) == {"cod", "morue"}
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
    assert set(names) == {("nld", "maanvis"), ("ell", "φεγγαρόψαρο"), ("und", "x"), ("por", "peixe lua")}


def test_observations_of_a_synonym_roll_up_under_the_accepted_taxon(worms, replay):
    rows = observed(t.BASS, 3)
    factories.observation(taxon=of(t.BASS), withdrawn_at=timezone.now())
    observed(t.COD)
    run(worms)
    version, ledger = DataVersion.current(), ObservationChange.objects.count()
    replay.world.synonym(t.BASS, of=t.COD)
    report = run(worms)
    assert (report.changes, report.observations) == (1, 4)
    assert (of(t.BASS).accepted_id, of(t.BASS).status) == (t.COD, "unaccepted")
    assert (of(t.BASS).observation_count, of(t.COD).observation_count) == (0, 4)
    row = CuratedObservation.objects.get(pk=rows[0].pk)
    assert (row.taxon_id, row.taxon_ordinal) == (t.COD, of(t.COD).ordinal)
    assert (row.species_name, row.common_name) == ("Gadus morhua", "Atlantic cod")
    assert (row.name_as_published, row.aphia_id_as_published) == ("Dicentrarchus labrax", t.BASS)
    assert ObservationChange.objects.count() == ledger + 4
    assert row.changes.latest("id").old_values["taxon_id"] == t.BASS
    assert DataVersion.current() > version


def test_new_records_of_a_synonym_hang_on_the_accepted_taxon_at_once(worms, replay):
    hold(t.BASS, t.COD)
    replay.world.synonym(t.BASS, of=t.COD)
    run(worms)
    facts = ensure_taxa([read_taxon(TAXON_FIELDS[t.BASS])])
    assert facts[t.BASS].species_name == "Gadus morhua"


def test_an_accepted_taxon_that_is_not_held_is_planted_where_worms_has_it(worms, replay):
    [row] = observed(t.COD)
    replay.world.synonym(t.COD, of=t.GREEN_TURTLE)
    assert run(worms).ended_early == ""
    row.refresh_from_db()
    assert (row.taxon_id, row.species_name) == (t.GREEN_TURTLE, "Chelonia mydas")
    turtle = of(t.GREEN_TURTLE)
    assert [of(key).scientific_name for key in turtle.ancestor_ids][-2:] == ["Cheloniidae", "Chelonia"]
    assert (turtle.worms_found, turtle.authorship, turtle.genus) == (True, "(Linnaeus, 1758)", "Chelonia")


def test_a_synonymy_that_worms_takes_back_is_taken_back(worms, replay):
    [bass] = observed(t.BASS)
    [cod] = observed(t.COD)
    replay.world.synonym(t.BASS, of=t.COD)
    run(worms)
    replay.world.accept(t.BASS)
    assert run(worms).observations == 1
    bass.refresh_from_db()
    cod.refresh_from_db()
    assert (bass.taxon_id, bass.species_name) == (t.BASS, "Dicentrarchus labrax")
    assert (cod.taxon_id, of(t.BASS).accepted_id) == (t.COD, None)
    assert (of(t.BASS).observation_count, of(t.COD).observation_count) == (1, 1)


def test_a_name_that_obis_holds_for_a_synonym_and_worms_accepts_gets_its_observations(worms, replay):
    [row] = observed(t.COLD_WATER_CORAL, aphia_id_as_published=t.LOPHELIA, name_as_published="Lophelia pertusa")
    ensure_synonyms({t.LOPHELIA: ("Lophelia pertusa", t.COLD_WATER_CORAL)})
    run(worms)
    row.refresh_from_db()
    assert (row.taxon_id, of(t.LOPHELIA).status) == (t.COLD_WATER_CORAL, "superseded combination")
    replay.world.accept(t.LOPHELIA)
    run(worms)
    row.refresh_from_db()
    assert (row.taxon_id, row.species_name, row.taxon_ordinal) == (
        t.LOPHELIA,
        "Lophelia pertusa",
        of(t.LOPHELIA).ordinal,
    )
    assert (of(t.LOPHELIA).phylum, of(t.LOPHELIA).observation_count) == ("Cnidaria", 1)


def test_a_synonym_that_gets_another_accepted_name_takes_only_its_own_observations_along(worms, replay):
    [bass] = observed(t.BASS)
    [cod] = observed(t.COD)
    hold(t.HERRING)
    replay.world.synonym(t.BASS, of=t.COD)
    run(worms)
    replay.world.synonym(t.BASS, of=t.HERRING)
    run(worms)
    bass.refresh_from_db()
    cod.refresh_from_db()
    assert (bass.taxon_id, cod.taxon_id) == (t.HERRING, t.COD)


def test_a_chain_of_synonyms_ends_at_its_accepted_name(worms, replay):
    [row] = observed(t.BASS)
    hold(t.COD, t.HERRING)
    replay.world.synonym(t.BASS, of=t.COD)
    run(worms)
    replay.world.synonym(t.COD, of=t.HERRING)
    run(worms)
    row.refresh_from_db()
    assert (row.taxon_id, row.species_name) == (t.HERRING, "Clupea harengus")


def test_synonyms_in_a_circle_end_the_pass_in_peace(worms, replay):
    observed(t.BASS)
    observed(t.COD)
    replay.world.synonym(t.BASS, of=t.COD)
    replay.world.synonym(t.COD, of=t.BASS)
    assert run(worms).ended_early == ""
    assert CuratedObservation.objects.count() == 2


def test_a_taxon_without_an_accepted_name_stays_where_it_is_and_is_marked(worms, replay):
    [row] = observed(t.MOLA)
    replay.world._edit_taxon(t.MOLA, valid_id=None, status="nomen dubium")
    run(worms)
    row.refresh_from_db()
    assert (row.taxon_id, of(t.MOLA).accepted_id, of(t.MOLA).status) == (t.MOLA, None, "nomen dubium")


def in_subtree(aphia_id: int) -> int:
    """Observations of a taxon and all below, as every page asks for them: by one range of ordinals."""
    first, end = of(aphia_id).ordinal_range()
    found = CuratedObservation.objects.filter(taxon_ordinal__gte=first)
    return found.filter(taxon_ordinal__lt=end).count() if end else found.count()


def test_a_taxon_that_moves_takes_all_below_it_along(worms, replay):
    observed(t.COMMON_DOLPHIN, 2)
    observed(t.BOTTLENOSE)
    observed(t.COD)
    hold(t.COLD_WATER_CORAL)
    run(worms)
    assert (in_subtree(1821), in_subtree(t.CETACEA), in_subtree(1267)) == (4, 3, 0)
    version = DataVersion.current()
    replay.world.move(t.CETACEA, under=1267)  # whales become Cnidaria
    assert run(worms).ended_early == ""
    assert (in_subtree(1821), in_subtree(t.CETACEA), in_subtree(1267), in_subtree(2)) == (1, 3, 3, 4)
    assert of(t.BOTTLENOSE).path.startswith(f"1/2/1267/{t.CETACEA}/")
    dolphin = of(t.COMMON_DOLPHIN)
    assert (dolphin.phylum, dolphin.class_name, dolphin.genus) == ("Cnidaria", "", "Delphinus")
    assert DataVersion.current() > version


def test_a_taxon_moves_under_a_parent_that_was_not_held(worms, replay):
    observed(t.COD)
    replay.world.move(t.COD, under=137067)
    run(worms)
    assert of(t.COD).ancestor_ids[-2:] == [136999, 137067]
    assert (of(t.COD).genus, of(137067).worms_found) == ("Chelonia", True)
    assert in_subtree(137067) == 1


def test_ranks_that_obis_leaves_out_come_from_worms(worms, replay):
    [coral] = observed(t.COLD_WATER_CORAL)
    replay.world.taxa[135125] = t.WormsTaxon(135125, "Desmophyllum", "Genus", 1363, 135125)
    replay.world.move(t.COLD_WATER_CORAL, under=135125)
    run(worms)
    assert of(t.COLD_WATER_CORAL).genus == "Desmophyllum"
    coral.refresh_from_db()
    assert coral.taxon_ordinal == of(t.COLD_WATER_CORAL).ordinal


def test_a_corrected_name_reaches_observations_and_the_ranks_below(worms, replay):
    [row] = observed(t.COD)
    run(worms)
    replay.world.rename_taxon(t.COD, "Gadus morrhua")
    replay.world.rename_taxon(125732, "Gaddus")
    assert run(worms).changes == 2
    row.refresh_from_db()
    assert (row.species_name, row.name_as_published) == ("Gadus morrhua", "Gadus morhua")
    assert of(t.COD).genus == "Gaddus"
    assert row.changes.latest("id").old_values["species_name"] == "Gadus morhua"


def test_names_that_credit_algaebase_are_flagged(worms):
    hold(t.BLADDER_WRACK, t.MOLA)
    run(worms)
    assert of(t.BLADDER_WRACK).credits_algaebase
    assert not of(t.MOLA).credits_algaebase


def test_the_feed_is_read_from_where_it_was_last_read(worms, replay):
    hold(t.MOLA)
    run(worms)
    long_ago = timezone.now() - timedelta(days=20)
    UpstreamSync.objects.filter(name=FEED).update(synced_until=long_ago)
    replay.log.clear()
    run(worms)
    windows = [entry["query"]["startdate"][:10] for entry in replay.asked("/rest/AphiaRecordsByDate")]
    assert windows == [(long_ago + timedelta(days=days)).date().isoformat() for days in (-31, 7, 14)]
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
    enrich(worms, budget_seconds=60, feed=False)
    assert not is_waiting()
    assert replay.asked("/rest/AphiaRecordsByDate") == []
    assert not UpstreamSync.objects.exists()


def test_upstream_text_is_stored_as_text(worms, replay):
    hold(t.MOLA)
    replay.world.rename_taxon(t.MOLA, "Mola <i>mola</i>\x00\x1b")
    run(worms)
    assert re.fullmatch(r"Mola <i>mola</i>", of(t.MOLA).scientific_name)
