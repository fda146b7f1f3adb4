"""What is in a view or a selection: the fragment under the map, and the same as a page without
JavaScript.
"""

from datetime import date

import pytest

from tests import factories
from tests.markup import squeezed

pytestmark = pytest.mark.django_db
ADDRESS = "/summary/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cod():
    return factories.taxon("Gadus morhua")


@pytest.fixture
def year_of_cod(cod):
    """Two in June 2019 near the surface, one in December 2021 in the deep, one without any date or
    depth.
    """
    for day, depth in (((2019, 6, 3), 5), ((2019, 6, 4), 0), ((2021, 12, 5), 300)):
        factories.observation(taxon=cod, date_start=date(*day), minimum_depth_in_meters=depth)
    factories.observation(taxon=cod, date_start=None)


def told(client, query="", **headers):
    response = client.get(f"{ADDRESS}?{query}", headers=headers or HTMX)
    assert response.status_code == 200
    return response


def test_an_empty_portal_says_so(client):
    assert "No records." in told(client).content.decode()


def test_the_fragment_holds_no_page_and_the_page_holds_the_fragment(client, year_of_cod):
    assert "<html" not in told(client).content.decode()
    page = told(client, Accept="text/html").content.decode()
    assert "<h1>What's here</h1>" in page
    assert "1 species (4 records)." in page


def test_bars_and_buckets_are_the_count(client, year_of_cod):
    histogram = told(client).context["histogram"]
    assert {bar.year: bar.number for bar in histogram.bars} == {2019: 2, 2021: 1}
    assert [bar.height for bar in histogram.bars] == [100, 50]
    assert [(bucket.label, bucket.number) for bucket in histogram.buckets] == [("no date", 1)]


def test_months_by_depths_count_each_record_once(client, year_of_cod):
    season = told(client).context["season"]
    squares = {
        (band.depth, square.month): square.number
        for band in season.bands
        for square in band.squares
    }
    assert {place: number for place, number in squares.items() if number} == {
        ("0,<10", 6): 2,
        ("200,<1000", 12): 1,
    }
    assert sum(bucket.number for bucket in season.buckets) == 1


def test_years_and_months_outside_the_asked_ones_stay_in_sight(client, year_of_cod):
    context = told(client, "from=2021&months=12&depth=200,<1000").context
    assert context["summary"].count.number == 1
    assert [(bar.year, bar.is_asked) for bar in context["histogram"].bars] == [(2021, True)]
    asked = [
        (band.depth, square.month)
        for band in context["season"].bands
        for square in band.squares
        if square.is_asked
    ]
    assert asked == [("200,<1000", 12)]
    assert {bar.year for bar in told(client, "from=2021").context["histogram"].bars} == {2019, 2021}


@pytest.mark.parametrize(
    ("depth", "bands"),
    [
        (",<0", [",<0"]),
        ("0,<50", ["0,<10", "10,<50"]),
        ("4000,", ["4000,"]),
        ("unknown", ["unknown"]),
        ("5,60", ["10,<50"]),
        ("-50,", ["0,<10", "10,<50", "50,<200", "200,<1000", "1000,<4000", "4000,"]),
    ],
)
def test_a_band_is_marked_when_all_of_it_is_asked_for(client, year_of_cod, depth, bands):
    season = told(client, f"depth={depth}").context["season"]
    assert [band.depth for band in season.bands if band.squares[0].is_asked] == bands


def test_a_view_counts_what_lies_in_it_and_says_how_far_it_was_rounded(client, cod):
    factories.observation(taxon=cod, at=(7.9, 54.2))
    factories.observation(taxon=cod, at=(150, -40))
    text = told(client, "view=7,54,8,55").content.decode()
    assert "1 species (1 record) in this view." in text
    assert "Counts cover the map squares in view:" in text


def test_records_above_species_are_counted_as_records_and_said_to_name_no_species(client, cod):
    factories.observation(taxon=cod)
    factories.observation(taxon=factories.taxon("Gadus", rank="Genus"))
    text = told(client).content.decode()
    assert "1 species (2 records)." in text
    assert "1 records are identified to species." in text


def test_each_species_dataset_and_place_is_a_step_further(client, year_of_cod, cod):
    factories.observation(minimum_depth_in_meters=5)
    page = told(client, "depth=0,<50", Accept="text/html").content.decode()
    assert f'href="/summary/?taxon={cod.pk}&amp;depth=0,%3C50"' in page
    assert 'href="/summary/?bbox=' in page
    assert f'href="/?taxon={cod.pk}&amp;' in told(client, "depth=0,<50").content.decode()


@pytest.mark.parametrize(
    "query", ["view=1,2,3", "view=0,50,10,40", "taxon=nobody", "colour=red", "from=x"]
)
def test_what_is_no_question_is_refused_with_a_reason(client, query):
    response = client.get(f"{ADDRESS}?{query}", headers=HTMX)
    assert response.status_code == 400
    assert "notice error" in response.content.decode()


def test_a_summary_costs_so_many_queries_whatever_it_holds(
    client, year_of_cod, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        told(client)


def test_where_nothing_matches_no_empty_table_stands_and_the_ways_out_are_counted(
    client, cod, year_of_cod
):
    page = client.get(f"{ADDRESS}?taxon={cod.pk}&from=2030&months=1").content.decode()
    assert "No records." in page
    assert "<table" not in page.partition("Show as table")[0]
    assert "Remove “Dates: " not in page  # nor are there any in January
    told_so = client.get(f"{ADDRESS}?taxon={cod.pk}&from=2030&iucn=CR").content.decode()
    assert "No records match these filters" in told_so
    answer = client.get(f"{ADDRESS}?taxon={cod.pk}&from=2021&depth=0,10")
    one_less = squeezed(answer.content.decode())
    assert f'href="{ADDRESS}?taxon={cod.pk}&amp;depth=0,10' in one_less
    assert " (2 records)</a>" in one_less
    assert " (1 record)</a>" in one_less


def test_a_single_species_is_not_ranked_and_places_are_said_by_their_sides(client, year_of_cod):
    text = told(client).content.decode()
    assert "Most recorded" not in text
    assert "5.6° E to 11.2° E" in text.replace("\xa0", " ")
    factories.observation()
    assert "Most recorded" in told(client).content.decode()


def test_datasets_and_places_of_records_that_no_species_is_known_of_are_told(client):
    factories.observation(taxon=factories.taxon("Gadidae", rank="Family"))
    text = told(client).content.decode()
    assert "Main sources" in text
    assert "Hotspots" in text
