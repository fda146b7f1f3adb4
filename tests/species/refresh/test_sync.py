"""The refresh as a whole, told as a story: what happens upstream, and what a reader of the portal
sees of it.
"""

from datetime import timedelta

import pytest
from django.db.models import F

from species.models import (
    CuratedObservation,
    Dataset,
    DatasetVisit,
    DatasetWalk,
    DataVersion,
    ObservationChange,
    RefreshRun,
    RejectedRecord,
    StagedObservation,
)
from species.terms import License
from tests.refreshing import (
    ABSENT,
    WITHDRAWN,
    assert_all_is_true,
    books,
    everything,
    full,
    held,
    refresh,
    table,
)
from tests.replay.records import BY_NC, EDNA, MUSEUM, QUIRKS, REEF, SMALL, TRAWL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upstream")]

DAY = timedelta(days=1)


def test_a_full_refresh_brings_every_record_in_or_says_why_not():
    run = full()
    assert run.state == "done"
    assert run.fetched == 300 + 68 + 120 + 80 + 47 + 8
    assert books(run) == {"added": run.fetched - run.rejected, "rejected": run.rejected}
    assert sum(run.reasons.values()) == run.rejected == RejectedRecord.objects.count() > 0
    assert (held(TRAWL), held(TRAWL, ABSENT)) == (90, 30)
    assert_all_is_true()


def test_refreshing_twice_changes_nothing():
    full()
    before, version = everything(), DataVersion.current()
    run = full()
    assert books(run) == {"unchanged": run.fetched - run.rejected, "rejected": run.rejected}
    after = everything()
    for name in (
        "species_curatedobservation",
        "species_recordasreceived",
        "species_observationchange",
        "species_taxon",
    ):
        assert after[name] == before[name]
    assert DataVersion.current() == version
    assert_all_is_true()


def test_a_refresh_in_small_pages_ends_with_the_same_table():
    full()
    in_one = table()
    CuratedObservation.objects.all().delete()
    Dataset.objects.update(refreshed_at=None, refreshed_state="", published_count=0, absent_count=0)
    full(more=("--page-size", "7"))
    assert table() == in_one


def test_withdrawn_upstream_is_withdrawn_here_and_comes_back_with_it(upstream):
    full(TRAWL)
    before = table()
    upstream.world.withdraw(TRAWL, 10)
    assert books(full(TRAWL)) == {"unchanged": 110, "withdrawn": 10}
    assert held(TRAWL, WITHDRAWN) == 10
    assert set(
        CuratedObservation.objects.filter(WITHDRAWN).values_list("withdrawal_reason", flat=True)
    ) == {"gone_from_source"}
    assert_all_is_true()
    upstream.world.give_back(TRAWL)
    assert books(full(TRAWL)) == {"unchanged": 110, "returned": 10}
    assert table() == before
    assert_all_is_true()


def test_a_change_upstream_is_written_and_its_old_values_kept(upstream):
    full(SMALL)
    before = {row.key: row for row in CuratedObservation.objects.all()}
    upstream.world.change(
        SMALL, 2, locality="Moved\tto \\ here", decimalLatitude=12.5, sex="Hembra"
    )
    assert books(full(SMALL)) == {"unchanged": 6, "changed": 2}
    entries = ObservationChange.objects.select_related("observation")
    assert len(entries) == 2
    for entry in entries:
        row, old = entry.observation, before[entry.observation.key]
        assert (row.locality, row.location.y, row.sex) == ("Moved\tto \\ here", 12.5, "female")
        assert entry.kind == "changed"
        assert entry.old_values["locality"] == ""
        assert entry.old_values["location"]["coordinates"] == list(old.location.coords)
        assert entry.fields == ["as_given", "locality", "location", "sex"]
        assert row.last_changed > row.first_seen == old.first_seen
    assert_all_is_true()


def test_a_reissue_with_new_ids_changes_nothing_but_the_ids(upstream):
    full(REEF, MUSEUM)
    before = table()
    ids = set(CuratedObservation.objects.values_list("obis_id", flat=True))
    upstream.world.reissue(REEF)
    upstream.world.reissue(MUSEUM)
    assert books(full(REEF, MUSEUM)) == {"unchanged": 368}
    assert table() == before
    assert ids.isdisjoint(CuratedObservation.objects.values_list("obis_id", flat=True))
    assert not ObservationChange.objects.exists()


def test_equal_records_without_an_occurrence_id_are_all_kept(upstream):
    full(MUSEUM)
    assert held(MUSEUM) == 68
    assert CuratedObservation.objects.values("content_hash").distinct().count() == 40
    rows = upstream.world.by_dataset[MUSEUM]
    one_of_three = next(
        row for row in rows if sum(r["catalogNumber"] == row["catalogNumber"] for r in rows) == 3
    )
    rows.remove(one_of_three)
    assert books(full(MUSEUM)) == {"unchanged": 67, "withdrawn": 1}


def test_absences_are_held_and_never_counted_as_sightings(upstream):
    full(TRAWL)
    upstream.world.change(
        TRAWL, 120, absence=False, occurrenceStatus="present", individualCount="1"
    )
    assert books(full(TRAWL))["changed"] == 120
    assert (held(TRAWL), held(TRAWL, ABSENT)) == (120, 0)
    assert_all_is_true()


# The safety threshold.


def test_too_many_withdrawals_hold_back_additions_and_changes_too(upstream):
    full(TRAWL)
    before = everything()
    upstream.world.withdraw(TRAWL, 30)
    upstream.world.change(TRAWL, 5)
    upstream.world.add(TRAWL, 5)
    run = full(TRAWL)
    assert run.state == "done"
    assert "30 of 120 records would be withdrawn" in " ".join(run.notes)
    assert held_rows() == before["species_curatedobservation"]
    dataset = Dataset.objects.get(uuid=TRAWL)
    assert dataset.held_back.startswith("30 of 120 records would be withdrawn")
    assert_all_is_true(at_rest=False)


def held_rows() -> list[tuple]:
    return everything()["species_curatedobservation"]


def test_accepting_publishes_exactly_the_staged_state_and_once(upstream):
    full(TRAWL)
    upstream.world.withdraw(TRAWL, 30)
    upstream.world.change(TRAWL, 5)
    full(TRAWL)
    upstream.world.change(TRAWL, 80)  # after it was staged, so not part of what is accepted
    run = refresh("--accept-withdrawals", TRAWL)
    assert (run.state, run.mode, run.withdrawn) == ("done", "accept", 30)
    assert run.requested_by
    assert ObservationChange.objects.filter(kind="changed").count() == 5
    assert held(TRAWL) + held(TRAWL, ABSENT) == 90
    assert Dataset.objects.get(uuid=TRAWL).held_back == ""
    assert_all_is_true()
    refresh("--accept-withdrawals", TRAWL, status=2)
    assert books(full(TRAWL)) == {"unchanged": 10, "changed": 80}


def test_an_empty_dataset_withdraws_nothing_of_a_first_load_that_was_never_complete(upstream):
    full(REEF, more=("--pages", "1", "--page-size", "100"))
    shown = held(REEF)
    upstream.world.empty(REEF)
    run = full(REEF)
    assert (run.withdrawn, held(REEF)) == (0, shown)
    assert "OBIS answers no records" in Dataset.objects.get().held_back


def test_an_empty_dataset_withdraws_nothing_until_it_is_accepted(upstream):
    full(SMALL)
    upstream.world.empty(SMALL)
    run = full(SMALL)
    assert "OBIS answers no records, 8 are held" in " ".join(run.notes)
    assert held(SMALL) == 8
    assert refresh("--accept-withdrawals", SMALL).withdrawn == 8
    assert held(SMALL) == 0
    assert_all_is_true()
    upstream.world.give_back(SMALL)
    assert books(full(SMALL)) == {"returned": 8}


def test_what_was_held_back_goes_when_upstream_thinks_better_of_it(upstream):
    full(TRAWL)
    upstream.world.withdraw(TRAWL, 60)
    full(TRAWL)
    upstream.world.give_back(TRAWL)
    full(TRAWL)
    assert Dataset.objects.get(uuid=TRAWL).held_back == ""
    refresh("--accept-withdrawals", TRAWL, status=2)
    assert held(TRAWL) == 90
    assert_all_is_true()


def test_an_incremental_run_reminds_of_what_waits_and_does_not_fetch_it_again(upstream):
    full()
    upstream.world.withdraw(TRAWL, 60)
    refresh("--mode", "incremental")
    upstream.log.clear()
    run = refresh("--mode", "incremental")
    assert "--accept-withdrawals" in " ".join(run.notes)
    assert not upstream.asked("/v3/occurrence")


def test_a_few_withdrawals_from_a_small_dataset_are_no_alarm(upstream):
    full(SMALL)
    upstream.world.withdraw(SMALL, 7)
    assert books(full(SMALL)) == {"unchanged": 1, "withdrawn": 7}


# Renaming must not double a dataset.


def test_renaming_never_doubles_a_dataset_in_a_whole_walk(upstream):
    full(REEF)
    upstream.world.rename(REEF)
    full(REEF)
    assert held(REEF) == 300
    refresh("--accept-withdrawals", REEF)
    assert held(REEF) == 300
    assert_all_is_true()


@pytest.mark.parametrize("dataset", [REEF, SMALL, MUSEUM])
@pytest.mark.parametrize("first", ["whole", "in part"])
def test_renaming_never_doubles_a_dataset_in_a_walk_through_a_part(upstream, dataset, first):
    part = ("--by", "event", "--start-date", "1900-01-01", "--yes")
    full(dataset) if first == "whole" else refresh(*part, "--datasetid", dataset)
    before = held(dataset)
    upstream.world.rename(dataset)
    refresh(*part, "--datasetid", dataset)
    refresh("--taxonid", "2", "--datasetid", dataset, "--yes")
    refresh(
        "--mode",
        "full",
        "--geometry",
        "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
        "--yes",
    )
    assert held(dataset) == before > 0
    assert_all_is_true()


def test_a_part_may_still_bring_in_what_is_new(upstream):
    full(SMALL)
    upstream.world.by_dataset[SMALL].append(
        upstream.world.by_dataset[SMALL][0]
        | {
            "id": "ffffffff-0000-4000-8000-000000000000",
            "occurrenceID": "new",
            "decimalLatitude": 1.5,
        }
    )
    assert books(refresh("--taxonid", "137205", "--datasetid", SMALL, "--yes"))["added"] == 1


# A cursor dies with the dataset's state.


def test_a_reissue_in_mid_walk_begins_anew_and_withdraws_nothing_from_the_old_walk(upstream):
    full(REEF)
    before = table()
    upstream.world.in_mid_walk(REEF, 2, "reissue")
    run = full(REEF, more=("--page-size", "70"))
    assert books(run) == {"unchanged": 300}
    assert "began anew" in " ".join(run.notes)
    assert table() == before
    assert_all_is_true()


def test_a_reissue_in_the_middle_of_a_first_load_begins_anew(upstream):
    upstream.world.in_mid_walk(REEF, 2, "reissue")
    run = full(REEF, more=("--page-size", "70"))
    assert run.state == "done"
    assert run.withdrawn == 0
    in_two_generations = table()
    assert len(in_two_generations) == 300
    assert_all_is_true()
    assert books(full(REEF)) == {"unchanged": 300}
    assert table() == in_two_generations


def test_emptying_in_the_middle_of_a_first_load_withdraws_nothing(upstream):
    upstream.world.in_mid_walk(REEF, 2, "empty")
    run = full(REEF, more=("--page-size", "70"))
    assert (run.withdrawn, held(REEF) > 0) == (0, True)
    assert "OBIS answers no records" in " ".join(run.notes)


def test_renaming_in_the_middle_of_a_first_load_ends_with_the_new_names_only(upstream):
    upstream.world.in_mid_walk(REEF, 2, "rename")
    full(REEF, more=("--page-size", "70"))
    assert held(REEF) == 300
    assert (
        not CuratedObservation.objects.exclude(WITHDRAWN)
        .exclude(occurrence_id__startswith="renamed:")
        .exists()
    )
    assert_all_is_true()


def test_a_reissue_between_two_bounded_runs_begins_anew_and_withdraws_nothing(upstream):
    full(REEF)
    before = table()
    upstream.world.change(REEF, 5)
    upstream.world.change(REEF, 5, locality="Elsewhere")
    bounded = full(REEF, more=("--page-size", "70", "--pages", "2"))
    assert not bounded.is_complete
    assert table() == before
    upstream.world.reissue(REEF)
    run = full(REEF, more=("--page-size", "70"))
    assert books(run) == {"unchanged": 295, "changed": 5}
    assert_all_is_true()


def test_a_dataset_republished_again_and_again_fails_the_run_in_words(upstream):
    full(REEF)
    for pages in range(1, 30):
        upstream.world.in_mid_walk(REEF, pages, "change")
    run = full(REEF, more=("--page-size", "150"), status=1)
    assert "again and again" in run.error
    assert held(REEF) == 300


# Bounded runs.


def test_a_bounded_run_withdraws_nothing_and_the_next_goes_on_from_its_cursor(upstream):
    full(REEF)
    before = table()
    upstream.world.withdraw(REEF, 5)
    first = full(REEF, more=("--page-size", "100", "--pages", "2"))
    assert books(first) == {"unchanged": 200}
    assert table() == before
    second = full(REEF, more=("--page-size", "100"))
    assert books(second) == {"unchanged": 95, "withdrawn": 5}
    assert_all_is_true()


def test_no_resume_begins_every_dataset_anew(upstream):
    full(REEF, more=("--page-size", "100", "--pages", "2"))
    run = full(REEF, more=("--page-size", "100", "--no-resume"))
    assert books(run) == {"unchanged": 200, "added": 100}


def test_bounded_runs_add_up_to_a_whole_one(upstream):
    runs = [full(more=("--page-size", "50", "--pages", "4"))]
    while not runs[-1].is_complete:
        runs.append(full(more=("--page-size", "50", "--pages", "4")))
        assert len(runs) < 20
    assert sum(run.fetched for run in runs) == 623
    in_parts = table()
    assert books(full()) | {"rejected": 0} == {"unchanged": len(in_parts), "rejected": 0}
    assert_all_is_true()


def test_a_run_for_one_dataset_neither_hides_behind_nor_ends_an_unfinished_one(upstream):
    full(more=("--pages", "3"))
    done = DatasetVisit.objects.exclude(outcome__in=("", "bounded")).first().dataset
    left = Dataset.objects.filter(refreshed_at=None).count()
    assert full(str(done.uuid)).fetched > 0
    run = full()
    assert run.datasets_planned == left
    assert not Dataset.objects.filter(refreshed_at=None).exists()


def test_an_unfinished_run_of_last_winter_does_not_excuse_todays_from_its_datasets(upstream):
    full(more=("--pages", "3"))
    RefreshRun.objects.update(
        chain_began_at=F("chain_began_at") - 100 * DAY, started_at=F("started_at") - 100 * DAY
    )
    assert full().datasets_planned == 6


# Short walks and repeated records.


class Overstated(list):
    """Records of which OBIS announces more than it gives."""

    extra = 50

    def __len__(self) -> int:
        return super().__len__() + self.extra

    def __getitem__(self, index):
        if isinstance(index, int) and index >= super().__len__():
            return {"id": "~"}
        return super().__getitem__(index)


def test_a_walk_that_sees_fewer_than_announced_withdraws_nothing_and_says_so(upstream):
    full(TRAWL)
    upstream.world.withdraw(TRAWL, 5)
    upstream.world.change(TRAWL, 3)
    upstream.world.by_dataset[TRAWL] = Overstated(upstream.world.by_dataset[TRAWL])
    run = full(TRAWL)
    assert "only 115 of 165 announced" in " ".join(run.notes)
    assert books(run) == {"unchanged": 112, "changed": 3}
    assert held(TRAWL, WITHDRAWN) == 0
    assert ObservationChange.objects.count() == 3
    assert_all_is_true()


def test_an_empty_first_page_of_many_announced_is_short_and_no_first_load(upstream):
    rows, upstream.world.by_dataset[SMALL] = upstream.world.by_dataset[SMALL], Overstated()
    run = full(SMALL)
    assert "only 0 of 50 announced" in " ".join(run.notes)
    assert Dataset.objects.get(uuid=SMALL).refreshed_at is None
    upstream.world.by_dataset[SMALL] = rows
    assert books(full(SMALL)) == {"added": 8}


def test_a_first_load_that_came_up_short_is_tried_again_by_the_next_incremental_run(upstream):
    rows, upstream.world.by_dataset[SMALL] = upstream.world.by_dataset[SMALL], Overstated()
    full(SMALL)
    full(TRAWL)
    upstream.world.by_dataset[SMALL] = rows
    assert books(refresh("--yes")) == {"added": 8}


def test_one_percent_less_than_announced_is_not_short(upstream):
    full(REEF)
    upstream.world.withdraw(REEF, 2)
    upstream.world.by_dataset[REEF] = Overstated(upstream.world.by_dataset[REEF])
    upstream.world.by_dataset[REEF].extra = 2
    assert books(full(REEF)) == {"unchanged": 298, "withdrawn": 2}


# One-off walks and the standing scope.


@pytest.mark.parametrize(
    "part",
    [
        ("--taxonid", "2"),
        ("--geometry", "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"),
        ("--by", "event", "--start-date", "1900-01-01"),
    ],
)
def test_a_one_off_walk_through_a_part_withdraws_nothing(upstream, part):
    full(TRAWL)
    upstream.world.withdraw(TRAWL, 5)
    upstream.world.change(TRAWL, 2)
    run = refresh(*part, "--datasetid", TRAWL, "--yes")
    assert books(run) == {"unchanged": 113, "changed": 2}
    assert held(TRAWL) + held(TRAWL, ABSENT) == 120
    assert books(full(TRAWL)) == {"unchanged": 115, "withdrawn": 5}
    assert_all_is_true()


def test_by_event_fetches_what_happened_in_the_window(upstream):
    run = refresh(
        "--by", "event", "--start-date", "2016-01-01", "--end-date", "2016-12-31", "--yes"
    )
    assert run.added > 0
    asked = [entry["query"] for entry in upstream.asked("/v3/occurrence")]
    assert all((q["startdate"], q["enddate"]) == ("2016-01-01", "2016-12-31") for q in asked)
    assert_all_is_true()


def test_narrowing_the_standing_scope_asks_first(upstream, settings):
    full(TRAWL)
    settings.REFRESH_SCOPE = {"taxonid": "126436", "datasetid": "", "geometry": ""}
    run = full(TRAWL)
    assert "60 records lie outside the portal's scope now; --yes withdraws them" in " ".join(
        run.notes
    )
    assert held(TRAWL) + held(TRAWL, ABSENT) == 120
    run = full(TRAWL, more=("--yes",))
    assert run.reasons == {"withdrawn: outside_the_scope": 60}
    assert set(
        CuratedObservation.objects.exclude(WITHDRAWN).values_list("taxon_id", flat=True)
    ) == {126436}
    assert_all_is_true()
    settings.REFRESH_SCOPE = {"taxonid": "", "datasetid": "", "geometry": ""}
    assert books(full(TRAWL)) == {"unchanged": 60, "returned": 60}


def test_a_regional_portal_withdraws_within_its_scope(upstream, settings):
    settings.REFRESH_SCOPE = {"taxonid": "126436", "datasetid": "", "geometry": ""}
    assert full(TRAWL).added == 60
    upstream.world.withdraw(TRAWL, 6)
    run = full(TRAWL)
    assert 0 < run.withdrawn < 6
    assert run.fetched + run.withdrawn == 60


# Datasets that come, go and change.


def test_an_incremental_run_fetches_only_what_obis_updated(upstream):
    full()
    upstream.world.change(SMALL, 3)
    upstream.log.clear()
    run = refresh()
    assert books(run) == {"unchanged": 5, "changed": 3}
    assert {entry["query"].get("datasetid") for entry in upstream.asked("/v3/occurrence")} == {
        SMALL
    }
    assert "Nothing to do" in " ".join(refresh().notes)


def test_an_unlisted_dataset_that_still_answers_is_kept_and_followed(upstream):
    full()
    upstream.world.unlist(SMALL)
    assert full().withdrawn == 0
    upstream.world.change(SMALL, 2)
    assert refresh().changed == 2
    assert held(SMALL) == 8
    assert Dataset.objects.get(uuid=SMALL).missing_since is None


def test_a_dataset_gone_for_a_day_is_unpublished_and_can_come_back(upstream):
    full()
    titles = upstream.world.datasets[SMALL]
    upstream.world.remove_dataset(SMALL)
    assert "lists it no longer" in " ".join(full().notes)
    assert full().withdrawn == 0
    assert held(SMALL) == 8
    Dataset.objects.filter(uuid=SMALL).update(missing_since=F("missing_since") - DAY)
    run = full()
    assert run.reasons["withdrawn: dataset_unpublished"] == run.withdrawn == 8
    assert Dataset.objects.get(uuid=SMALL).unpublished_at
    assert_all_is_true()
    upstream.world.datasets[SMALL] = titles
    upstream.world.unlisted.clear()
    upstream.world.give_back(SMALL)
    run = refresh()
    assert books(run) == {"returned": 8}
    assert Dataset.objects.get(uuid=SMALL).unpublished_at is None
    assert_all_is_true()


def test_what_waited_of_a_dataset_that_is_then_taken_down_waits_no_longer(upstream):
    full()
    upstream.world.empty(SMALL)
    full()
    assert Dataset.objects.get(uuid=SMALL).held_back
    upstream.world.remove_dataset(SMALL)
    full()
    Dataset.objects.filter(uuid=SMALL).update(missing_since=F("missing_since") - DAY)
    full()
    assert (held(SMALL), Dataset.objects.get(uuid=SMALL).held_back) == (0, "")
    assert_all_is_true()


def test_a_dataset_that_obis_calls_unknown_counts_as_empty(upstream):
    full()
    upstream.world.remove_dataset(SMALL)
    upstream.fault("unknown", "/v3/occurrence", skip=2 * 5, times=9)
    assert full().state == "done"
    assert Dataset.objects.get(uuid=SMALL).missing_since


def test_a_new_licence_of_a_dataset_reaches_its_records_and_the_ledger(upstream):
    full(REEF, SMALL)
    upstream.world.datasets[SMALL]["intellectualrights"] = BY_NC
    full(REEF, SMALL)
    rows = CuratedObservation.objects.filter(dataset__uuid=SMALL)
    assert set(rows.values_list("license", "record_license")) == {
        (License.CC_BY_NC, License.UNKNOWN)
    }
    assert set(
        CuratedObservation.objects.filter(dataset__uuid=REEF).values_list("license", flat=True)
    ) == {License.CC_BY}
    entries = ObservationChange.objects.all()
    assert len(entries) == 8
    assert {(entry.kind, entry.old_values["license"]) for entry in entries} == {
        ("changed", "cc-by")
    }


# Dry runs.


def test_a_dry_run_writes_nothing_but_the_books(upstream):
    full(more=("--datasetid", ",".join([REEF, SMALL, MUSEUM, QUIRKS])))
    world = upstream.world
    world.withdraw(REEF, 10)
    world.change(SMALL, 3)
    world.remove_dataset(MUSEUM)
    Dataset.objects.filter(uuid=MUSEUM).update(missing_since=F("refreshed_at") - DAY)
    world.datasets[SMALL]["intellectualrights"] = BY_NC
    full(QUIRKS)
    before = everything()
    run = refresh("--mode", "full", "--dry-run")
    assert (run.state, run.is_dry_run) == ("done", True)
    assert (run.changed, run.withdrawn, run.added) == (3, 78, 200)
    after = everything()
    # Datasets that were never listed here are: the books name them.
    listed = {row for row in after["species_dataset"] if row not in before["species_dataset"]}
    assert len(listed) == len(after["species_dataset"]) - len(before["species_dataset"]) == 2
    assert {name: rows for name, rows in after.items() if name != "species_dataset"} == {
        name: rows for name, rows in before.items() if name != "species_dataset"
    }
    assert run.balanced
    assert all(visit.balanced for visit in run.visits.all())
    real = full()
    assert (real.added, real.changed) == (run.added, run.changed)


def test_a_dry_run_does_not_disturb_a_walk_under_way(upstream):
    full(REEF, more=("--page-size", "100", "--pages", "1"))
    cursor = DatasetWalk.objects.get().after
    full(REEF, more=("--dry-run",))
    assert DatasetWalk.objects.get().after == cursor
    assert books(full(REEF)) == {"added": 200}


def test_accepting_can_be_rehearsed(upstream):
    full(TRAWL)
    upstream.world.withdraw(TRAWL, 30)
    full(TRAWL)
    before = everything()
    run = refresh("--accept-withdrawals", TRAWL, "--dry-run")
    assert run.withdrawn == 30
    assert everything() == before
    assert refresh("--accept-withdrawals", TRAWL).withdrawn == 30


# What is held back from the public for good.


def test_staged_records_wait_and_are_shown_in_one_step(upstream):
    full(EDNA)
    upstream.world.change(EDNA, 80, locality="Elsewhere")
    full(EDNA, more=("--page-size", "30", "--pages", "2"))
    assert StagedObservation.objects.count() == 60
    assert not CuratedObservation.objects.filter(locality="Elsewhere").exists()
    version = DataVersion.current()
    full(EDNA)
    assert CuratedObservation.objects.filter(locality="Elsewhere").count() == 80
    assert DataVersion.current() == version + 1
    assert_all_is_true()
