"""When WoRMS changes its mind, observations, tree, counts, ledger and data version change together."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from species.density.check import find_errors
from species.models import CuratedObservation, DataVersion, ObservationChange
from species.refresh.clean.lineage import read_taxon
from species.refresh.taxonomy.taxa import ensure_synonyms, ensure_taxa
from species.terms import Finding, ObisFlag
from tests import factories
from tests.replay import taxa as t
from tests.replay.records import TAXON_FIELDS
from tests.species.refresh.taxonomy.enriching import hold, observed, of, run, worms

__all__ = ["worms"]

pytestmark = pytest.mark.django_db


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
    assert [of(key).scientific_name for key in turtle.ancestor_ids][-2:] == [
        "Cheloniidae",
        "Chelonia",
    ]
    assert (turtle.worms_found, turtle.authorship, turtle.genus) == (
        True,
        "(Linnaeus, 1758)",
        "Chelonia",
    )


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


def test_a_name_that_obis_holds_for_a_synonym_and_worms_accepts_gets_its_observations(
    worms, replay
):
    [row] = observed(
        t.COLD_WATER_CORAL, aphia_id_as_published=t.LOPHELIA, name_as_published="Lophelia pertusa"
    )
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


def test_a_synonym_that_gets_another_accepted_name_takes_only_its_own_observations_along(
    worms, replay
):
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
    assert (row.taxon_id, of(t.MOLA).accepted_id, of(t.MOLA).status) == (
        t.MOLA,
        None,
        "nomen dubium",
    )


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
    assert (in_subtree(1821), in_subtree(t.CETACEA), in_subtree(1267), in_subtree(2)) == (
        1,
        3,
        3,
        4,
    )
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


@pytest.mark.parametrize("status", ["nomen dubium", "deleted", "taxon inquirendum"])
def test_records_of_a_name_that_worms_rejects_without_a_successor_are_marked_and_found(
    client, worms, replay, status
):
    [row] = observed(t.BASS)
    observed(t.COD)
    run(worms)
    assert not found_by_flag(client)
    call_command("rebuild_atlas")
    version = DataVersion.current()
    replay.world.reject(t.BASS, status)
    assert run(worms).observations == 1
    row.refresh_from_db()
    assert (row.taxon_id, row.findings) == (t.BASS, Finding.NAME_NOT_ACCEPTED)
    assert found_by_flag(client) == [str(row.key)]
    assert row.changes.get().old_values == {"findings": 0}
    assert DataVersion.current() > version
    assert list(find_errors()) == []


def test_a_name_that_worms_accepts_again_loses_its_mark_unless_obis_gives_it_too(worms, replay):
    [ours, theirs] = observed(t.BASS, 2)
    CuratedObservation.objects.filter(pk=theirs.pk).update(
        obis_flags=ObisFlag.NO_ACCEPTED_NAME, findings=Finding.NAME_NOT_ACCEPTED
    )
    replay.world.reject(t.BASS, "nomen dubium")
    run(worms)
    replay.world.accept(t.BASS)
    assert run(worms).observations == 1
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.findings, theirs.findings) == (0, Finding.NAME_NOT_ACCEPTED)


def test_new_records_of_a_rejected_name_are_marked_at_once(worms, replay):
    hold(t.BASS)
    replay.world.reject(t.BASS, "nomen nudum")
    run(worms)
    facts = ensure_taxa([read_taxon(TAXON_FIELDS[t.BASS])])
    assert facts[t.BASS].findings == Finding.NAME_NOT_ACCEPTED


def test_two_names_that_are_synonyms_of_each_other_move_no_record_to_and_fro(worms, replay):
    [bass], [cod] = observed(t.BASS), observed(t.COD)
    replay.world.synonym(t.BASS, of=t.COD)
    run(worms)
    replay.world.synonym(t.COD, of=t.BASS)
    run(worms)
    assert (of(t.BASS).accepted_id, of(t.COD).accepted_id) == (t.COD, None)
    for row in (bass, cod):
        row.refresh_from_db()
        assert (row.taxon_id, row.findings) == (t.COD, Finding.NAME_NOT_ACCEPTED)
    facts = ensure_taxa([read_taxon(TAXON_FIELDS[t.BASS]), read_taxon(TAXON_FIELDS[t.COD])])
    assert {found.taxon_id for found in facts.values()} == {t.COD}
    replay.log.clear()
    assert run(worms).observations == 0


def found_by_flag(client) -> list[str]:
    features = client.get("/api/v1/observations/?flag=NAME_NOT_ACCEPTED").json()["features"]
    return [feature["id"] for feature in features]
