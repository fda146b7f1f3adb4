"""One record's page and card: what was given, what it means, where it comes from, and what may not
be told.
"""

import uuid
from datetime import UTC, date, datetime

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from species.models import ChangeKind, ObservationChange
from species.pages.views import footprint
from species.terms import DatePrecision, Finding, License, ObisFlag, OccurrenceStatus
from tests import factories
from tests.markup import squeezed
from tests.species import hostile

pytestmark = pytest.mark.django_db


@pytest.fixture
def show(client):
    """The record page's text of an observation with these columns."""

    def text(**columns):
        row = factories.observation(**columns)
        return squeezed(client.get(f"/observations/{row.key}/").content.decode())

    return text


def test_a_name_is_shown_as_published_and_as_accepted(show):
    cod = factories.taxon(
        "Gadus morhua", aphia_id=126436, worms_asked_at=datetime(2026, 11, 1, tzinfo=UTC)
    )
    text = show(taxon=cod, name_as_published="Gadus callarias", aphia_id_as_published=126437)
    for told in (
        "Published as",
        "Gadus callarias",
        "126437",
        "accepted as",
        "(WoRMS, 1 November 2026)",
    ):
        assert told in text


def test_of_a_name_from_algaebase_only_name_aphia_id_and_link_are_shown(show):
    facts = {"kingdom": "Chromista", "authorship": "Bory, 1822", "iucn_category": "VU"}
    diatom = factories.taxon("Navicula", credits_algaebase=True, **facts)
    text = show(taxon=diatom, common_name="little ship")
    assert "Navicula" in text
    assert str(diatom.aphia_id) in text
    for withheld in ("Bory", "Chromista", "little ship", "IUCN"):
        assert withheld not in text


@pytest.mark.parametrize("address", ["/observations/", "/observations/{key}/card/"])
def test_a_common_name_of_algaebase_is_in_no_list_and_on_no_card(client, address):
    diatom = factories.taxon("Navicula", credits_algaebase=True)
    row = factories.observation(taxon=diatom, common_name="little ship")
    text = client.get(address.format(key=row.key)).content.decode()
    assert "Navicula" in text
    assert "little ship" not in text


def test_a_date_stands_as_given_and_as_understood(show):
    text = show(
        event_date="1971",
        date_start=date(1971, 1, 1),
        date_end=date(1971, 12, 31),
        date_precision=DatePrecision.YEAR,
    )
    assert '<span class="code">1971</span>' in text
    assert "Any day from 1971-01-01 to 1971-12-31" in text


def test_flags_and_findings_are_explained_and_no_depth_is_no_warning(client):
    row = factories.observation(
        obis_flags=int(ObisFlag.NO_DEPTH | ObisFlag.ON_LAND), findings=int(Finding.PLACE_VAGUE)
    )
    flags = client.get(f"/observations/{row.key}/").context["flags"]
    assert [(flag["by"], flag["code"], flag["is_warning"]) for flag in flags] == [
        ("OBIS", "ON_LAND", True),
        ("OBIS", "NO_DEPTH", False),
        ("This portal", "PLACE_VAGUE", True),
    ]
    assert all(flag["text"].endswith(".") for flag in flags)


def test_looked_up_values_are_named_as_such(show):
    text = show(bathymetry=120.0, sst=11.5)
    assert "not measured on the day" in text
    assert "11.5 °C" in text


def test_the_licence_is_shown_as_effective_and_as_given(show):
    waived = factories.dataset(
        license=License.CC0, license_as_given="To the extent possible under law"
    )
    own, uri = License.CC_BY_NC, "https://creativecommons.org/licenses/by-nc/3.0/"
    given = {"record_license": own, "record_license_uri": uri, "license_as_given": "(CC-BY NC) 4.0"}
    text = show(dataset=waived, license=own, **given)
    assert f'<a href="{uri}" rel="license noopener">CC BY-NC</a>' in text
    assert "(CC-BY NC) 4.0" in text
    assert "To the extent possible under law" in text


def test_a_citation_names_the_dataset_obis_and_the_day(show):
    text = show(dataset=factories.dataset(citation="Doe J (2020). Soundings."))
    assert "Doe J (2020). Soundings. (Available: Ocean Biodiversity Information System." in text


MASKED_COLUMNS = (
    *(
        "recorded_by",
        "locality",
        "data_generalizations",
        "information_withheld",
        "event_date",
        "occurrence_id",
    ),
    *("license_as_given", "name_as_published", "common_name"),
)


@pytest.mark.parametrize("column", MASKED_COLUMNS)
def test_addresses_of_people_are_masked_wherever_they_stand(show, column):
    text = show(**{column: "ask jane.doe@example.org, +49 431 600-1234"})
    assert "jane.doe" not in text
    assert "600-1234" not in text
    assert "[e-mail address removed]" in text


def test_addresses_of_people_are_masked_in_what_was_given(show):
    assert "jane.doe" not in show(as_given={"sex": "ask jane.doe@example.org"})


def test_markup_from_upstream_is_shown_as_text(show):
    text = show(locality="<img src=x onerror=alert(1)>", recorded_by="<b>Jane</b>")
    assert "<img src=x" not in text
    assert "&lt;b&gt;Jane&lt;/b&gt;" in text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://example.org/",
        "https://u:p@example.org/",
        "https://x.org/?m=a@b.org",
        "//x",
        "",
    ],
)
def test_only_plain_web_addresses_from_upstream_become_links(show, address):
    assert f'href="{address}"' not in show(dataset=factories.dataset(url=address))


def test_a_web_address_from_upstream_is_a_link_that_vouches_for_nothing(show):
    text = show(dataset=factories.dataset("Soundings", url="https://ipt.example.org/?a=1&b=2"))
    assert (
        '<a href="https://ipt.example.org/?a=1&amp;b=2" rel="nofollow noopener">Soundings</a>'
        in text
    )


def test_public_history_names_fields_and_days_and_never_values(client):
    row = factories.observation()
    old = {"locality": "the secret reef", "date_start": "2001-02-03", "location": "POINT (1 2)"}
    at = datetime(2026, 3, 4, tzinfo=UTC)
    ObservationChange.objects.create(
        observation=row, at=at, kind=ChangeKind.CHANGED, old_values=old
    )
    text = client.get(f"/observations/{row.key}/").content.decode()
    assert "4 March 2026: date start, locality, location" in text
    for value in ("secret reef", "2001-02-03", "POINT (1 2)"):
        assert value not in text


@pytest.mark.parametrize("part", ["", "card/"])
def test_of_a_withdrawn_record_only_dataset_day_and_reason_are_left(client, part):
    row = factories.observation(
        taxon=factories.taxon("Gadus morhua"),
        dataset=factories.dataset("North Sea survey, jane.doe@example.org"),
        locality="Helgoland",
        withdrawn_at=datetime(2026, 5, 6, tzinfo=UTC),
        withdrawal_reason="zero_coordinates",
    )
    response = client.get(f"/observations/{row.key}/{part}")
    text = response.content.decode()
    assert response.status_code == 410
    for told in ("North Sea survey", "6 May 2026", "Both coordinates are exactly 0"):
        assert told in text
    assert "Gadus" not in text
    assert "Helgoland" not in text
    assert "jane.doe" not in text


@pytest.mark.parametrize("part", ["", "card/"])
def test_an_unknown_key_and_an_absence_are_404(client, part):
    absence = factories.observation(occurrence_status=OccurrenceStatus.ABSENT)
    assert client.get(f"/observations/{uuid.uuid4()}/{part}").status_code == 404
    assert client.get(f"/observations/{absence.key}/{part}").status_code == 404
    assert client.get(f"/observations/no-key/{part}").status_code == 404


@pytest.mark.parametrize(
    ("wkt", "is_drawn"),
    [
        ("LINESTRING (7 54, 8 55)", True),
        ("POLYGON ((7 54, 8 55, 8 54, 7 54))", True),
        ("POINT (7 54)", False),
        ("POLYGON ((7 54, 8 55", False),
        ("no geometry at all", False),
        ("CIRCULARSTRING (0 0, 1 1, 2 0)", False),
        ("CURVEPOLYGON ((0 0, 1 1, 2 0, 0 0))", False),
        ("MULTICURVE ((0 0, 5 5))", False),
        ("LINESTRING (nan 0, 1 1)", False),
        ("MULTIPOINT (1 1, 1e400 5)", False),
        ("LINESTRING Z (0 0 nan, 1 1 2)", True),
        ("MULTIPOLYGON (EMPTY, ((0 0, 1 1, 1 0, 0 0)))", True),
        ("GEOMETRYCOLLECTION (" * 40 + "LINESTRING (1 1, 2 2)" + ")" * 40, False),
    ],
)
def test_a_footprint_is_drawn_when_it_can_be(show, wkt, is_drawn):
    assert ("The outline is the area" in show(footprint_wkt=wkt)) is is_drawn


@given(
    st.one_of(hostile.wkt(), hostile.wkt().map(lambda text: text.replace("POLYGON", "LINESTRING")))
)
def test_any_footprint_is_json_of_a_finite_place_or_nothing(text):
    drawn = footprint(text)
    assert not drawn or shapely.is_valid_input(shapely.from_geojson(drawn))
    assert "NaN" not in drawn
    assert "Infinity" not in drawn


# the row, the banner, the history
@pytest.mark.parametrize(("part", "queries"), [("", 3), ("card/", 1)])
def test_a_record_costs_few_queries(client, django_assert_num_queries, part, queries):
    row = factories.observation()
    with django_assert_num_queries(queries):
        assert client.get(f"/observations/{row.key}/{part}").status_code == 200


def test_a_common_name_of_another_language_says_which(client, settings):
    row = factories.observation(common_name="môle")
    settings.VERNACULAR_LANGUAGE = "fra"
    address = f"/observations/{row.key}/"
    assert "môle (French)" in client.get(address).content.decode()
    settings.VERNACULAR_LANGUAGE = "eng"
    assert "môle (" not in client.get(address).content.decode()
    assert (
        "môle (Englisch)" in client.get(address, headers={"Accept-Language": "de"}).content.decode()
    )
