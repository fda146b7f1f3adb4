"""The pages about the data: totals broken down, freshness with its failures, refusals, citations,
rules.
"""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from species.models import CuratedObservation, RefreshRun, RejectedRecord
from species.pages import freshness
from species.refresh.schedule import schedule_health
from species.rules import OBIS_FLAGS, RULES
from species.terms import Finding, ObisFlag, OccurrenceStatus
from tests import factories
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture
def due_two_hours_ago(settings):
    """A daily schedule whose last date was two hours ago, whatever the time now."""
    time = timezone.now() - timedelta(hours=2)
    words = ["refresh_obis_data", "--mode", "incremental"]
    settings.CRONJOBS = [
        (f"{time.minute} {time.hour} * * *", "django.core.management.call_command", words)
    ]


@pytest.fixture
def now():
    return timezone.now()


def run(state, age, **overrides):
    at = timezone.now() - age
    error = "OBIS did not answer." if state == "failed" else ""
    times = {"started_at": at, "seen_at": at, "finished_at": None if state == "running" else at}
    made = RefreshRun.objects.create(
        mode="incremental", state=state, error=error, **(times | overrides)
    )
    RefreshRun.objects.filter(pk=made.pk).update(queued_at=at)  # which is otherwise now
    return made


def test_an_empty_portal_has_a_data_page(client):
    response = client.get("/data/")
    assert response.status_code == 200
    assert "No update from OBIS yet" in response.content.decode()


def test_the_plain_total_is_broken_down(client):
    for _ in range(3):
        factories.observation()
    factories.observation(occurrence_status=OccurrenceStatus.ABSENT)
    factories.observation(withdrawn_at=factories.LONG_AGO)
    sea = factories.dataset("Demonstration: a sea", source="demonstration")
    factories.observation(dataset=sea)
    factories.observation(dataset=sea, occurrence_status=OccurrenceStatus.ABSENT)
    page = client.get("/data/")
    totals = page.context["totals"]
    assert totals == {
        **{"published": 4, "absent": 2, "withdrawn": 1, "total": 7, "demonstration": 2},
        **{"demonstration_published": 1, "demonstration_absent": 1, "demonstration_withdrawn": 0},
    }
    text = page.content.decode()
    assert text.count("1 are demo data") == 2
    assert "2 are demo data" in text


def test_the_same_totals_are_told_everywhere(client):
    for at in ((8, 54), (-170, 10), (0, 89)):  # the last one too near the pole for the map
        factories.observation(at=at)
    factories.observation(dataset=factories.dataset("Demonstration", source="demonstration"))
    factories.observation(occurrence_status=OccurrenceStatus.ABSENT)
    factories.observation(withdrawn_at=factories.LONG_AGO)
    totals = client.get("/data/").context["totals"]
    told = client.get("/api/v1/statistics/").json()["observations"]
    items = client.get("/ogc/collections/observations/items", {"f": "json"}).json()
    drawn = int(client.get("/tiles/observations/0/0/0.mvt").headers["X-Observations-Total"])
    page = client.get("/")
    not_drawn = page.context["not_drawn"].number
    assert {
        totals["published"],
        told["published"],
        items["numberMatched"],
        client.get("/api/v1/observations/count/").json()["count"]["number"],
        page.context["count"].number,
        client.get("/observations/").context["count"].number,
        drawn + not_drawn,
    } == {4}
    assert not_drawn == 1
    assert (
        totals["absent"] == told["absent"] == client.get("/absences/").context["count"].number == 1
    )
    assert totals["total"] == told["total"] == 6 == CuratedObservation.objects.count()
    assert told["published"] + told["absent"] + told["withdrawn"] == told["total"]
    assert (told["demonstration"], told["publishedDemonstration"]) == (1, 1)


def problems():
    return freshness.problems(schedule_health())


def test_all_is_well_after_a_refresh_that_succeeded():
    run("done", timedelta(days=3))
    assert problems() == []


def test_a_portal_that_was_never_refreshed_has_missed_nothing():
    assert problems() == []


def test_a_failed_run_is_told_in_red(client):
    run("done", timedelta(days=3))
    run("failed", timedelta(days=1))
    text = client.get("/data/").content.decode()
    assert 'class="notice error"' in text
    assert "failed. You are seeing the last complete update." in text
    assert "OBIS did not answer." not in text


def test_a_run_that_failed_at_its_date_is_told_once(due_two_hours_ago):
    run("done", timedelta(days=3), is_scheduled=True)
    run("failed", timedelta(minutes=1), is_scheduled=True)
    assert ["failed. We try again" in problem for problem in problems()] == [True]


def test_a_missed_run_is_told(due_two_hours_ago):
    run("done", timedelta(days=40), is_scheduled=True)
    assert ["didn't start" in problem for problem in problems()] == [True]


def test_a_run_that_was_killed_is_told():
    run("done", timedelta(days=3))
    run("running", timedelta(hours=5))
    assert ["stopped midway" in problem for problem in problems()] == [True]


def test_a_dry_run_fails_nothing():
    run("done", timedelta(days=4))
    run("failed", timedelta(days=1), is_dry_run=True)
    assert problems() == []


def test_the_next_dates_are_told(client):
    assert "Next full update: 1 " in client.get("/data/").content.decode()


def test_refused_records_are_counted_by_reason_in_words(client, now):
    dataset = factories.dataset()
    for number, reason in enumerate(["no_taxon", "no_taxon", "zero_coordinates"]):
        hashed = f"00000000-0000-0000-0000-{number:012}"
        RejectedRecord.objects.create(
            dataset=dataset,
            key=hashed,
            record_hash=hashed,
            reason=reason,
            payload=b"",
            first_seen=now,
            last_seen=now,
        )
    rejections = client.get("/data/").context["rejections"]
    assert [(rejection["code"], str(rejection["n"])) for rejection in rejections] == [
        ("no_taxon", "2"),
        ("zero_coordinates", "1"),
    ]
    assert rejections[1]["statement"].startswith("Both coordinates are exactly 0")


def test_it_says_how_to_cite_obis_and_worms_and_leads_to_each_dataset(client):
    text = squeezed(client.get("/data/").content.decode())
    assert (
        "Ocean Biodiversity Information System. Intergovernmental Oceanographic Commission of UNESCO"
        in text
    )
    assert "doi:10.14284/170" in text
    assert 'href="/datasets/"' in text
    assert timezone.now().strftime("%Y-%m-%d") in text


@pytest.mark.parametrize("datasets", [1, 20])
def test_the_number_of_queries_does_not_depend_on_the_datasets(
    client, django_assert_num_queries, datasets
):
    for number in range(datasets):
        factories.dataset(published_count=number + 1)
    # the schedule, newest run, totals, version, refusals, the banner, runs
    with django_assert_num_queries(7):
        client.get("/data/")


def test_every_rule_stands_on_the_page_with_its_words(client):
    text = unescape(client.get("/data/rules/").content.decode())
    for rule in RULES:
        assert rule.code in text
        assert rule.statement in text


def test_every_flag_and_every_finding_has_words():
    assert set(OBIS_FLAGS) == set(ObisFlag)
    assert {rule.finding for rule in RULES if rule.finding is not None} == set(Finding)


@pytest.mark.parametrize("address", ["/data/", "/data/rules/"])
def test_the_pages_only_read(client, address):
    assert client.post(address).status_code == 405
