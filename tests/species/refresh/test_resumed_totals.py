"""A run that resumes a killed one reports what both did, everywhere, and says which part the
earlier run did.
"""

import json
import signal
import time

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from species.models import DatasetVisit, RefreshRun
from tests.killing import SECONDS_TO_START, started
from tests.refreshing import assert_all_is_true, books, full
from tests.replay.records import REEF, SMALL, TRAWL
from tests.users.people import superuser

PAGES_OF_100 = ("--page-size", "100")


def stop_after(upstream, pages: int, *datasets: str) -> RefreshRun:
    """Let a run fail behind so many committed pages."""
    upstream.fault("503", "/v3/occurrence", skip=pages, times=99)
    run = full(*datasets, more=PAGES_OF_100, status=1)
    upstream.faults.clear()
    return run


@pytest.mark.django_db(transaction=True)
def test_the_run_after_a_killed_one_reports_the_totals_of_both(upstream):
    records = sum(map(len, upstream.world.by_dataset.values()))
    upstream.fault("hang", "/v3/occurrence", skip=12, times=99)
    process = started(upstream)
    end = time.monotonic() + SECONDS_TO_START
    while (
        len(upstream.asked("/v3/occurrence")) < 13
        and process.poll() is None
        and time.monotonic() < end
    ):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SECONDS_TO_START)
    upstream.faults.clear()
    rest = full(more=("--page-size", "40"))
    killed = RefreshRun.objects.earliest("pk")
    assert 0 < killed.fetched < records
    assert rest.fetched == records - killed.fetched
    assert rest.earlier_counts["fetched"] == killed.fetched
    assert (
        rest.totals["fetched"] == records == sum(rest.totals[name] for name in RefreshRun.OUTCOMES)
    )
    assert_all_is_true()


@pytest.mark.django_db
def test_the_summary_the_json_the_admin_the_data_page_and_the_api_agree(upstream, capsys, client):
    upstream.world.change(REEF, 7, decimalLongitude=0, decimalLatitude=0)
    stop_after(upstream, 2, REEF)
    capsys.readouterr()
    run = full(REEF, more=(*PAGES_OF_100, "--json"))
    said = json.loads(capsys.readouterr().out)
    assert (said["fetched"], said["added"], said["rejected"]) == (300, 293, 7)
    assert said["reasons"] == {"zero_coordinates": 7}
    assert said["of_which_by_an_earlier_run"]["fetched"] == 200
    assert books(run).get("added") == said["added"] - said["of_which_by_an_earlier_run"]["added"]

    page = client.get("/data/").content.decode()
    assert "200 from an earlier run" in page
    assert '<td class="number">293</td>' in page
    told = client.get(f"/api/v1/refresh-runs/{run.pk}/").json()
    assert (told["fetched"], told["added"], told["ofWhichByAnEarlierRun"]["fetched"]) == (
        300,
        293,
        200,
    )

    client.force_login(superuser())
    shown = client.get(reverse("admin:species_refreshrun_change", args=[run.pk])).content.decode()
    assert "from an earlier run" in shown
    assert "<td>293</td>" in shown
    assert "zero coordinates: 7" in shown
    assert ">293<" in client.get(reverse("admin:species_refreshrun_changelist")).content.decode()


@pytest.mark.django_db
def test_the_summary_says_which_part_an_earlier_run_did(upstream, capsys):
    stop_after(upstream, 1, REEF)
    capsys.readouterr()
    full(REEF, more=PAGES_OF_100)
    out = capsys.readouterr().out
    assert "Done: fetched 300 = added 300 + changed 0" in out
    assert "Of which by an earlier run: fetched 100 = added 100 + changed 0" in out


@pytest.mark.django_db
def test_a_third_run_counts_the_pages_of_both_before_it_once(upstream):
    stop_after(upstream, 1, REEF)
    second = stop_after(upstream, 1, REEF)
    assert (second.fetched, second.totals["fetched"]) == (100, 200)
    third = full(REEF, more=PAGES_OF_100)
    assert (third.fetched, third.totals["fetched"], third.totals["added"]) == (100, 300, 300)


@pytest.mark.django_db
def test_datasets_that_the_earlier_run_had_finished_count_too(upstream):
    whole = (SMALL, REEF)
    order = sorted(whole)
    first_pages = 2 if order[0] == SMALL else 4  # with the empty page that ends a walk
    stopped = stop_after(upstream, first_pages, *whole)
    assert stopped.datasets_done == 1
    rest = full(*whole, more=PAGES_OF_100)
    assert rest.totals["fetched"] == 308
    assert rest.fetched == 308 - stopped.fetched


@pytest.mark.django_db
def test_a_run_that_begins_anew_counts_nothing_of_an_earlier_one(upstream):
    stop_after(upstream, 1, REEF)
    anew = full(REEF, more=(*PAGES_OF_100, "--no-resume"))
    assert (anew.earlier, anew.totals["fetched"]) == ({}, 300)


@pytest.mark.django_db
def test_a_staged_walk_of_a_state_that_is_gone_counts_for_nothing(upstream):
    full(TRAWL)
    upstream.world.change(TRAWL, 120)
    stop_after(upstream, 1, TRAWL)
    upstream.world.reissue(TRAWL)
    run = full(TRAWL)
    assert (run.earlier, run.totals["fetched"], run.totals["changed"]) == ({}, 120, 120)


@pytest.mark.django_db
def test_a_rehearsal_reports_the_earlier_part_and_is_none_itself(upstream):
    stop_after(upstream, 1, REEF)
    trial = full(REEF, more=(*PAGES_OF_100, "--dry-run"))
    assert trial.totals["fetched"] == 300
    run = full(REEF, more=PAGES_OF_100)
    assert (run.fetched, run.totals["fetched"]) == (200, 300)


@pytest.mark.django_db
def test_a_run_that_fails_while_it_resumes_reports_both_too(upstream):
    stop_after(upstream, 1, REEF)
    upstream.fault("503", "/v3/occurrence", skip=1, times=99)
    with pytest.raises(CommandError):
        call_command(
            "refresh_obis_data", "--no-enrich", "--mode", "full", "--datasetid", REEF, *PAGES_OF_100
        )
    run = RefreshRun.objects.latest("pk")
    assert (run.state, run.fetched, run.totals["fetched"]) == ("failed", 100, 200)
    assert DatasetVisit.objects.get(run=run).earlier == {"fetched": 100, "added": 100}
