"""The pages of taxa: the right address, names with their languages, the tree up and down, the days
that can be told.
"""

import re
import struct
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from species.models import DataVersion
from species.terms import Finding, ObisFlag, OccurrenceStatus
from tests import factories
from tests.markup import squeezed
from tests.species.pages.test_dataset_pages import linked_data
from users.languages import LANGUAGES, TAGS

pytestmark = pytest.mark.django_db


@pytest.fixture
def cod():
    """A species in a small tree: Animalia, Gadidae, Gadus morhua."""
    animals = factories.taxon("Animalia", aphia_id=2, rank="Kingdom")
    family = factories.taxon("Gadidae", aphia_id=125469, rank="Family", parent=animals)
    return factories.taxon("Gadus morhua", aphia_id=126436, parent=family)


def page(client, taxon, **query):
    return client.get(taxon.get_absolute_url(), query)


def text_of(client, taxon, **query):
    return unescape(squeezed(page(client, taxon, **query).content.decode()))


@pytest.mark.parametrize(
    "address", ["/species/126436/", "/species/126436-haddock/", "/species/126436-Gadus-morhua/"]
)
def test_every_address_with_the_aphia_id_leads_to_the_one_page(client, cod, address):
    response = client.get(address)
    assert response.status_code == 301
    assert response.url == "/species/126436-gadus-morhua/"


def test_a_synonym_leads_to_the_accepted_taxon_and_its_page_says_so(client, cod):
    middle = factories.taxon("Gadus callarias", accepted=cod)
    old = factories.taxon("Asellus callarias", accepted=middle)
    response = client.get(f"/species/{old.pk}/", follow=True)
    assert response.redirect_chain == [(f"/species/126436-gadus-morhua/?synonym={old.pk}", 302)]
    assert "“Asellus callarias” is a synonym" in response.content.decode()


@pytest.mark.parametrize("asked", ["1", "x", "²", "9" * 5000, "126436"])
def test_a_made_up_synonym_is_passed_over(client, cod, asked):
    assert "is a synonym" not in text_of(client, cod, synonym=asked)


def test_synonyms_that_name_each_other_have_a_page_and_no_endless_way(client):
    one = factories.taxon("Prima rosea")
    other = factories.taxon("Altera rosea", accepted=one)
    type(one).objects.filter(pk=one.pk).update(accepted=other)
    assert client.get(f"/species/{one.pk}/", follow=True).status_code == 200


@pytest.mark.parametrize(
    "address", ["/species/99/", "/species/99999999999999999999/", "/species/99-x/", "/species/x/"]
)
def test_a_taxon_that_is_not_held_is_404(client, address):
    assert client.get(address).status_code == 404


def test_names_stand_under_their_languages_and_none_of_another_language_leads(client, cod):
    factories.vernacular(cod, "morue", "fra")
    factories.vernacular(cod, "bacalao", "spa")
    text = text_of(client, cod)
    assert '<dt>French</dt><dd><span lang="fr">morue</span></dd>' in text
    assert "<title>Gadus morhua ·" in text
    factories.vernacular(cod, "Atlantic cod", "eng")
    assert "<title>Gadus morhua (Atlantic cod) ·" in text_of(client, cod)


def test_a_name_whose_language_nobody_said_stands_under_words_and_no_code(client, cod):
    factories.vernacular(cod, "cod", "und")
    assert "<dt>Language not stated</dt>" in text_of(client, cod)


def test_a_name_stands_once_though_records_write_it_in_other_cases_and_without_a_language(
    client, cod
):
    for name, language in (
        ("Atlantic cod", "eng"),
        ("Atlantic Cod", "und"),
        ("scrod", "und"),
        ("Scrod", "und"),
    ):
        factories.vernacular(cod, name, language)
    factories.vernacular(cod, "Atlantic cod", "nld")
    text = text_of(client, cod)
    names = re.findall(r"<dt>([^<]*)</dt><dd><span[^>]*>([^<]*)</span></dd>", text)
    assert names == [
        ("English", "Atlantic cod"),
        ("Dutch", "Atlantic cod"),
        ("Language not stated", "Scrod"),
    ]


def test_names_of_genera_and_below_stand_in_italics_and_those_above_upright(client, cod):
    found = text_of(client, cod)
    assert '<span class="taxon-name">Gadus morhua</span>' in found
    assert '<a href="/species/125469-gadidae/">Gadidae</a>' in found


def test_every_language_of_the_list_has_a_tag_for_browsers():
    assert set(TAGS) == set(LANGUAGES)


def test_of_a_name_from_algaebase_only_name_aphia_id_and_link_are_told(client, cod):
    facts = {
        "authorship": "Bory, 1822",
        "iucn_category": "VU",
        "credits_algaebase": True,
        "rank": "Genus",
    }
    diatom = factories.taxon("Navicula", parent=cod.parent, **facts)
    factories.vernacular(diatom, "little ship")
    factories.observation(taxon=diatom)
    text = text_of(client, diatom)
    assert "Navicula" in text
    assert f"AphiaID {diatom.pk}" in text
    for withheld in ("Bory", "Gadidae", "little ship", "IUCN", "Genus"):
        assert withheld not in text
    assert not {"taxonRank", "parentTaxon", "alternateName"} & linked_data(text).keys()
    above = text_of(client, cod.parent)
    assert "Navicula" not in above
    assert "Includes 1 name from AlgaeBase" in above


def test_the_tree_can_be_climbed_up_and_down(client, cod):
    factories.vernacular(cod, "Atlantic cod")
    factories.observation(taxon=cod)
    up, down = text_of(client, cod), text_of(client, cod.parent)
    assert '<a href="/species/125469-gadidae/">Gadidae</a>' in up
    assert 'href="/species/126436-gadus-morhua/"' in down
    assert "Atlantic cod" in down


def test_a_higher_taxon_counts_records_and_species_of_all_below(client, cod):
    variety = factories.taxon("Gadus morhua kildinensis", rank="Subspecies", parent=cod)
    for taxon in (cod.parent, variety, variety):
        factories.observation(taxon=taxon)
    holdings = page(client, cod.parent).context["holdings"]
    assert (holdings.records, holdings.species) == (3, 1)
    assert [(branch.aphia_id, branch.records, branch.species) for branch in holdings.branches] == [
        (cod.pk, 2, 1)
    ]


def test_what_a_large_taxon_holds_is_kept_until_the_data_change(client, cod, settings):
    settings.DENSITY_THRESHOLD = 1
    factories.observation(taxon=cod)
    factories.observation(taxon=cod)
    assert page(client, cod.parent).context["holdings"].records == 2
    factories.observation(taxon=cod)
    assert page(client, cod.parent).context["holdings"].records == 2
    DataVersion.advance()
    assert page(client, cod.parent).context["holdings"].records == 3


def test_first_and_last_record_are_at_sea_and_of_a_plausible_date(client, cod):
    for day, doubts in (
        (date(1500, 1, 1), {"findings": int(Finding.DATE_IMPLAUSIBLE)}),
        (date(1880, 1, 1), {"obis_flags": int(ObisFlag.ON_LAND)}),
        (date(1901, 5, 6), {}),
        (date(1950, 1, 1), {}),
        (date(2001, 2, 3), {}),
        (date(2020, 1, 1), {"findings": int(Finding.ON_LAND)}),
        (date(2031, 1, 1), {"findings": int(Finding.DATE_IN_FUTURE)}),
        (None, {}),
    ):
        factories.observation(taxon=cod, date_start=day, **doubts)
    for taxon in (cod, cod.parent):
        first, last = page(client, taxon).context["ends"]
        assert (first.date_start, last.date_start) == (date(1901, 5, 6), date(2001, 2, 3))


def test_without_a_sound_record_no_first_and_last_is_told(client, cod):
    factories.observation(taxon=cod, obis_flags=int(ObisFlag.ON_LAND))
    response = page(client, cod)
    assert response.context["ends"] is None
    assert "First record" not in response.content.decode()


def test_a_red_list_category_stands_in_words(client, cod):
    type(cod).objects.filter(pk=cod.pk).update(iucn_category="VU")
    assert "IUCN Red List: Vulnerable (VU)" in text_of(client, cod)


def test_linked_data_say_what_the_taxon_is(client, cod):
    factories.vernacular(cod, "morue", "fra")
    data = linked_data(page(client, cod).content.decode())
    assert data["url"] == "http://testserver/species/126436-gadus-morhua/"
    assert data["parentTaxon"]["name"] == "Gadidae"
    assert data["alternateName"] == ["morue"]
    assert "https://www.marinespecies.org/aphia.php?p=taxdetails&id=126436" in data["sameAs"]


def test_worms_and_obis_are_cited_with_the_day(client, cod):
    text = text_of(client, cod)
    assert "WoRMS (20" in text
    assert (
        "Gadus morhua Linnaeus, 1758. Accessed at: https://www.marinespecies.org/aphia.php?p=taxdetails&id="
        in text
    )
    assert "Distribution records of Gadus morhua" in text


def test_the_tree_begins_with_the_kingdoms_and_finds_names_with_slips(client, cod):
    factories.vernacular(cod, "Atlantic cod")
    assert "No records yet" in client.get("/species/").content.decode()
    factories.observation(taxon=cod)
    factories.observation(taxon=factories.taxon("Plantae", aphia_id=3, rank="Kingdom"))
    assert [
        branch.aphia_id for branch, _ in client.get("/species/").context["branches"]["taxa"]
    ] == [2, 3]
    assert "/species/126436/" in client.get("/species/?q=atlantic+codd").content.decode()
    assert "No species or group matches" in client.get("/species/?q=xyzxyz").content.decode()


@pytest.mark.parametrize("asked", ["a\x01b", "x" * 151])
def test_what_cannot_be_a_name_is_refused_with_the_reason(client, asked):
    assert client.get("/species/", {"q": asked}).status_code == 400


def test_a_branch_opens_by_itself_with_htmx_and_is_a_link_without(client, cod):
    factories.observation(taxon=cod)
    opened = client.get("/species/2/below/", headers={"HX-Request": "true"}).content.decode()
    assert "Gadidae" in opened
    assert "<html" not in opened
    assert client.get("/species/2/below/").url == "/species/2-animalia/#below"


def test_many_children_come_in_pages(client, cod, monkeypatch):
    monkeypatch.setattr("species.pages.taxa.BRANCHES_PER_PAGE", 2)
    for number in range(3):
        factories.observation(taxon=factories.taxon(f"Gadus {'abc'[number]}us", parent=cod.parent))
    assert len(page(client, cod.parent).context["branches"]["taxa"]) == 2
    assert len(page(client, cod.parent, page=2).context["branches"]["taxa"]) == 1
    assert page(client, cod.parent, page=3).status_code == 404


@pytest.mark.parametrize("children", [1, 20])
def test_a_page_costs_the_same_queries_however_much_is_below(
    client, cod, django_assert_num_queries, children
):
    for number in range(children):
        factories.observation(
            taxon=factories.taxon(f"Gadus {'abcdefghijklmnopqrst'[number]}us", parent=cod.parent)
        )
    # the taxon, what is kept and what is below, the children, their names, names, lineage,
    # ordinals, first, last, both, version, banner; where the map opens: what is kept, the taxon and
    # its end, and twice the densities and the cells
    with django_assert_num_queries(20):
        page(client, cod.parent)


def test_the_pages_only_read(client, cod):
    for address in ("/species/", cod.get_absolute_url(), "/species/2/below/"):
        assert client.post(address).status_code == 405


def test_absences_are_shown_only_to_those_who_ask(client, cod):
    survey = factories.dataset("A trawl survey")
    factories.observation(taxon=cod, dataset=survey)
    for day in (date(2001, 2, 3), None):
        factories.observation(
            taxon=cod, dataset=survey, occurrence_status=OccurrenceStatus.ABSENT, date_start=day
        )
    assert page(client, cod).context["holdings"].records == 1
    for asked in ("taxon=126436", "taxon=125469", f"dataset={survey.uuid}"):
        response = client.get(f"/absences/?{asked}")
        assert str(response.context["count"]) == "2"
        assert response.content.decode().count("Looked for, not found") == 2
    assert "No absences" in client.get("/absences/?from=2090").content.decode()
    assert client.get("/absences/?from=yesterday").status_code == 400
    assert (
        f'href="/absences/?dataset={survey.uuid}">2<'
        in client.get(survey.get_absolute_url()).content.decode()
    )


def test_a_shared_link_has_a_picture_that_is_there(client, cod):
    text = page(client, cod).content.decode()
    address = re.search(r'<meta property="og:image" content="http://testserver/([^"]+)"', text)[1]
    path = finders.find(address.removeprefix("static/"))
    header = Path(path).read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (1200, 630)
