"""The list and the map's page: what a visitor reads with and without JavaScript, and what a bad
question gets.
"""

from datetime import date

import pytest
from django.urls import reverse

from species.models import Stratum
from species.terms import License, ObisFlag, OccurrenceStatus
from tests import factories
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

LIST = "/observations/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def cod():
    return factories.taxon("Gadus morhua", parent=factories.taxon("Gadus", rank="Genus"))


def page(client, address, **headers):
    return squeezed(client.get(address, **headers).content.decode())


@pytest.mark.parametrize("address", ["/", LIST])
def test_an_empty_portal_says_so(client, address):
    assert "No records yet" in page(client, address)


@pytest.mark.parametrize("address", ["/", LIST])
def test_each_row_tells_name_days_place_dataset_and_licence(client, cod, address):
    survey = factories.dataset("North Sea survey", license=License.CC_BY_NC)
    row = factories.observation(
        taxon=cod,
        common_name="Atlantic cod",
        dataset=survey,
        at=(7.9, -54.2),
        date_start=date(2021, 6, 15),
    )
    text = page(client, address)
    for told in (
        "Gadus morhua",
        "Atlantic cod",
        "15 June 2021",
        "54.2°\N{NO-BREAK SPACE}S",
        "North Sea survey",
    ):
        assert told in text
    assert ">CC BY-NC<" in text
    assert str(survey.uuid) in text
    assert reverse("species:observation-detail", args=[row.key]) in text


def test_withdrawn_records_and_absences_are_not_listed(client, cod):
    factories.observation(taxon=cod, withdrawn_at=factories.LONG_AGO)
    factories.observation(taxon=cod, occurrence_status=OccurrenceStatus.ABSENT)
    assert "No records yet" in page(client, LIST)


def test_the_list_goes_on_where_the_page_ended_and_shows_each_record_once(client, cod):
    keys = {
        str(factories.observation(taxon=cod, date_start=date(2020, 1, 1 + n % 28)).key)
        for n in range(60)
    }
    seen, address = [], LIST
    while address:
        response = client.get(address)
        context = response.context
        seen += [str(row.key) for row in context["page"].rows]
        after = context["page"].next
        address = after and f"{LIST}?{context['selection'].query_string(after=after)}"
    assert len(seen) == 60
    assert set(seen) == keys


def test_the_condition_on_a_dataset_masks_the_addresses_in_its_title(client):
    row = factories.observation(dataset=factories.dataset("Soundings, ask jane.doe@example.org"))
    text = page(client, f"{LIST}?dataset={row.dataset.uuid}")
    assert "Soundings, ask [e-mail address removed]" in text
    assert "jane.doe" not in text


def test_every_link_for_htmx_has_the_same_plain_address(client, cod):
    for _ in range(30):
        factories.observation(taxon=cod)
    text = page(client, f"{LIST}?taxon=Gadus")
    links = [
        part.split(">")[0] for part in text.split("<a ")[1:] if "hx-get=" in part.split(">")[0]
    ]
    assert links
    for link in links:
        assert link.split('href="')[1].split('"')[0] == link.split('hx-get="')[1].split('"')[0]


def test_htmx_gets_the_results_alone(client, cod):
    factories.observation(taxon=cod)
    text = page(client, "/", **HTMX)
    assert text.startswith("<title>Marine Species Tracker</title><section")
    assert "Gadus morhua" in text
    assert "<html" not in text


def test_a_page_that_htmx_may_get_in_part_is_not_mixed_up_by_caches(client):
    assert "HX-Request" in client.get(LIST).headers["Vary"]


def test_the_panel_over_the_map_gets_rows_without_a_pager(client, cod):
    for _ in range(30):
        factories.observation(taxon=cod)
    text = page(client, LIST, HTTP_HX_TARGET="map-panel", **HTMX)
    assert "30 records" in text
    assert 'class="pager"' not in text


def test_a_synonym_says_what_it_resolved_to(client, cod):
    factories.taxon("Gadus callarias", accepted=cod)
    factories.observation(taxon=cod)
    text = page(client, f"{LIST}?taxon=Gadus+callarias")
    assert "is a synonym" in text
    assert "1 record" in text


def test_taking_a_condition_away_keeps_the_others(client, cod):
    factories.observation(taxon=cod)
    chips = client.get(f"{LIST}?taxon=Gadus&from=2020").context["chips"]
    assert {(chip.text, chip.without) for chip in chips} == {
        ("Species or group: Gadus", "from=2020-01-01"),
        ("Dates: from 2020-01-01 on", "taxon=Gadus"),
    }


def test_when_nothing_matches_there_is_a_way_out(client, cod):
    factories.observation(taxon=cod)
    text = page(client, f"{LIST}?from=2030")
    assert "No records match these filters" in text
    assert "Clear all filters" in text


def test_when_nothing_matches_the_conditions_to_blame_are_named_with_what_each_hides(client, cod):
    for year in (2019, 2020):
        factories.observation(taxon=cod, date_start=date(year, 6, 1))
    response = client.get(f"{LIST}?taxon={cod.pk}&from=2030&iucn=unknown")
    ways = response.context["ways_out"]
    assert [(way.text, way.count.number) for way in ways] == [("Dates: from 2030-01-01 on", 2)]
    assert "Remove “Dates: from 2030-01-01 on” (2 records)" in response.content.decode()
    assert client.get(f"{LIST}?taxon={cod.pk}").context["ways_out"] == []


def test_a_selection_known_to_be_empty_is_not_searched_for_on_and_on(client, cod, settings):
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 3
    for _ in range(6):
        factories.observation(taxon=cod)
    text = page(client, f"{LIST}?taxon=999999")
    assert "No records match these filters" in text
    assert "Search older records" not in text


def test_the_map_opens_on_the_records_unless_the_address_says_where(client, cod):
    factories.observation(taxon=cod, at=(7.9, 54.2))
    assert 'data-extent="7' in page(client, "/")
    assert "data-extent" not in page(client, "/?map=3/0/0")
    factories.observation(at=(150, -30))
    assert "data-extent" not in page(client, "/")
    assert 'data-extent="7' in page(client, f"/?taxon={cod.pk}")


@pytest.mark.parametrize("address", ["/", LIST])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=yesterday", "is not a date"),
        ("bbox=1,2,3", "west,south,east,north"),
        ("bbox=nan,0,1,1", "is not a number"),
        ("taxon=Nessiteras+rhombopteryx", "No species or group is called"),
        ("q=%00", "control characters"),
        ("dataset=12", "is not a UUID"),
        ("after=first", "not valid for this list"),
        ("from=2020&to=2010", "is before the start"),
        ("colour=blue", "colour"),
    ],
)
def test_a_bad_question_is_a_400_that_says_why(client, address, query, told):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 400
    assert told in response.content.decode()


def test_what_was_typed_wrong_stays_in_its_field_with_the_reason(client):
    text = page(client, f"{LIST}?from=yesterday")
    assert 'value="yesterday"' in text
    assert 'aria-invalid="true"' in text
    assert 'id="filter-from-error"' in text


def test_what_is_typed_is_shown_as_text_and_never_run(client):
    text = page(client, f"{LIST}?taxon=%3Cscript%3Ealert(1)%3C/script%3E&from=%22onfocus=%22x")
    assert "<script>alert" not in text
    assert '"onfocus="' not in text


def test_a_field_is_marked_only_while_it_is_at_fault(client):
    page(client, f"{LIST}?from=yesterday&near=x")
    assert 'aria-invalid="true"' not in page(client, LIST)


def test_every_condition_stands_in_its_field_whether_it_was_typed_or_ticked(client, cod):
    factories.observation(taxon=cod)
    asked = "months=6-7&evidence=seen&basis=unknown&notFlag=on_land&iucn=EN&near=54,7,50&maxUncertainty=unknown"
    text = page(client, f"{LIST}?{asked}&polygon=POLYGON((0 50,8 50,8 60,0 50))")
    for name, value in (
        ("months", "6"),
        ("months", "7"),
        ("evidence", "seen"),
        ("basis", "unknown"),
        ("iucn", "EN"),
    ):
        assert f'name="{name}" value="{value}"' in text
    ticked = [tag for tag in text.split("<input")[1:] if " checked" in tag.split(">")[0]]
    assert len(ticked) == 6
    assert 'value="54,7,50"' in text
    assert "POLYGON ((0 50, 8 50, 8 60, 0 50))</textarea>" in text


def test_ticked_boxes_are_one_question(client, cod):
    context = client.get(
        f"{LIST}?months=6&months=7&evidence=seen&evidence=dna&from=&near=&polygon="
    ).context
    assert context["selection"].canonical == {"months": "6-7", "evidence": "seen,dna"}


def test_what_is_ready_made_is_one_tap_away_and_the_active_choice_is_marked(client, cod):
    seen, on_land = (
        factories.observation(taxon=cod),
        factories.observation(taxon=cod, obis_flags=int(ObisFlag.ON_LAND)),
    )
    everything, recent = client.get(LIST).context["presets"]
    assert (everything.is_active, recent.is_active) == (True, False)
    assert "evidence=seen" in recent.query
    assert "notFlag=ON_LAND" in recent.query
    response = client.get(f"{LIST}?{recent.query}")
    assert [row.pk for row in response.context["page"].rows] == [seen.pk] != [on_land.pk]
    assert [preset.is_active for preset in response.context["presets"]] == [False, True]
    assert response.content.decode().count('aria-current="true"') == 1


def test_a_link_that_changes_the_question_brings_the_form_that_goes_with_it(client, cod):
    assert 'id="filter-form"' in page(client, f"{LIST}?months=6", **HTMX)
    assert 'id="filter-form"' not in page(
        client, f"{LIST}?months=6", HTTP_HX_TRIGGER="filter-form", **HTMX
    )
    assert 'id="filter-form"' not in page(client, LIST, HTTP_HX_TARGET="map-panel", **HTMX)


def test_a_count_is_exact_or_says_that_it_is_an_estimate(client, cod, settings):
    for _ in range(3):
        factories.observation(taxon=cod)
    settings.DENSITY_THRESHOLD = settings.RAW_ROW_BOUND = 2
    Stratum.objects.create(tile=1354, n=3)  # of which no sample is kept yet
    assert "Fewer than 3 records" in page(client, f"{LIST}?maxUncertainty=unknown")
    assert "3 records" in page(client, LIST)


def test_where_no_index_helps_the_newest_are_searched_and_the_next_page_goes_on(
    client, cod, settings
):
    for day in range(1, 8):
        metres = 50 if day < 3 else None
        factories.observation(
            taxon=cod, date_start=date(2021, 6, day), coordinate_uncertainty_in_meters=metres
        )
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 3
    listed, address = [], f"{LIST}?maxUncertainty=99"
    for searched in (True, True, False):
        response = client.get(address)
        assert ("Searched the newest" in response.content.decode()) is searched
        listed += [row.date_start.day for row in response.context["page"].rows]
        address = f"{LIST}?maxUncertainty=99&after={response.context['page'].next}"
    assert listed == [2, 1]
    assert response.context["page"].next is None


@pytest.mark.parametrize("rows", [1, 25])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        # the version, dated rows, undated rows, the total, the poles, the banner; where to open:
        # what is kept, and twice what densities there are and the cells, of the world and of the
        # part of it
        ("/", 11),
        ("/?map=2/20/0", 6),  # nothing of where to open
        # besides: the taxon, where its subtree ends, its ordinal, the newest of it, how many there
        # are; the taxon again
        ("/?taxon=Gadus&from=2000", 17),
    ],
)
def test_the_number_of_queries_does_not_depend_on_the_rows(
    client, cod, django_assert_num_queries, address, queries, rows
):
    for _ in range(rows):
        factories.observation(taxon=cod)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_records_too_near_a_pole_for_the_map_are_told(client, cod):
    for latitude in (89.0, -86.0, 85.0):
        factories.observation(taxon=cod, at=(20, latitude))
    assert "2 records near the poles are not shown on the map" in page(client, "/")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_pages_only_read(client, method):
    assert getattr(client, method)(LIST).status_code == 405


def test_the_banner_shows_while_one_demonstration_record_is_published(client):
    sea = factories.dataset("Demonstration: North Sea", source="demonstration")
    assert "demo data" not in page(client, LIST)
    factories.observation(dataset=sea)
    assert "demo data" in page(client, LIST)


def test_no_page_brings_anything_from_elsewhere_or_inline(client, cod):
    row = factories.observation(taxon=cod)
    for address in ("/", LIST, f"/observations/{row.key}/", "/data/rules/"):
        text = page(client, address)
        assert "<style" not in text
        assert ' style="' not in text
        assert " onclick=" not in text
        assert all("src=" in tag.split(">")[0] for tag in text.split("<script")[1:])
        assert 'src="http' not in text
        assert "default-src 'none'" in client.get(address).headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/", LIST])
def test_the_title_says_what_is_asked_for(client, cod, address):
    factories.observation(taxon=cod)
    assert "<title>Gadus morhua, from 2020-01-01 on · " in page(
        client, f"{address}?taxon=Gadus morhua&from=2020"
    )
