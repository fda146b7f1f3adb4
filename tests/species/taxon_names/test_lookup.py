# ruff: noqa: RUF001  # the look-alike characters are the point
"""Names in questions, as people paste them, find the taxon that they name or none."""

import unicodedata

import pytest
from django.http import QueryDict
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.suggestions import suggestions
from species.taxon_names.lookup import find_taxa_named
from tests import factories
from tests.users.people import superuser

pytestmark = pytest.mark.django_db

HELD = {
    "Tursiops": "Gervais, 1855",
    "Tursiops truncatus": "(Montagu, 1821)",
    "Caretta caretta": "(Linnaeus, 1758)",
    "Mola": "Koelreuter, 1766",
    "Mola mola": "(Linnaeus, 1758)",
    "Undaria pinnatifida": "(Harvey) Suringar, 1873",
    "Fucus vesiculosus var. linearis": "(Hudson) Kützing, 1849",
    "Balaenoptera musculus brevicauda": "Ichihara, 1966",
    "Conus australis": "Holten, 1802",
    "Spartina × townsendii": "H.Groves & J.Groves",
    "Acipenser gueldenstaedtii": "Brandt & Ratzeburg, 1833",
    "Linnaea": "",
}


@pytest.fixture
def held():
    for number in (1821, 1758):  # AphiaIDs that look like years
        factories.taxon(f"Annus numerus{number}", aphia_id=number)
    return {name: factories.taxon(name, authorship=author).pk for name, author in HELD.items()}


def found(text: str) -> list[int]:
    return [taxon.pk for taxon in find_taxa_named(text)]


def asked(query: str) -> list[str]:
    return [taxon.name for taxon in ObservationFilter.from_query(QueryDict(query)).taxa]


def test_the_year_of_an_authorship_is_no_aphia_id(held):
    assert asked("taxon=Tursiops truncatus, 1821") == ["Tursiops truncatus"]
    assert asked("taxon=Tursiops truncatus (Montagu, 1821)") == ["Tursiops truncatus"]
    assert asked("taxon=Mola mola Linnaeus, 1758,Caretta caretta") == [
        "Caretta caretta",
        "Mola mola",
    ]
    assert asked("taxon=Tursiops truncatus&taxon=1821") == [
        "Annus numerus1821",
        "Tursiops truncatus",
    ]
    assert asked("taxon=1821,Tursiops truncatus") == ["Annus numerus1821", "Tursiops truncatus"]


@pytest.mark.parametrize("name", HELD)
def test_every_name_is_found_with_its_own_authorship(held, name):
    assert found(f"{name} {HELD[name]}") == [held[name]]
    assert found(f"{name.upper()} {HELD[name].upper()}") == [held[name]]


@pytest.mark.parametrize(
    "after",
    [
        "?",
        " (?)",
        " [sic]",
        " nom. cons.",
        " [{}]",
        " sensu lato",
        " s.l.",
        " sp. nov.",
        " cf.",
        " (s. str.)",
    ],
)
def test_a_qualifier_behind_a_name_hides_no_taxon(held, after):
    text = f"Mola mola{after.format(held['Mola mola'])}"
    assert found(text) == [held["Mola mola"]]
    assert asked(f"taxon={text}") == ["Mola mola"]
    assert [each.aphia_id for each in suggestions(text).matches] == [held["Mola mola"]]


@pytest.mark.parametrize(
    "after",
    [
        " non Linnaeus, 1758",
        " auct.",
        " auct. non Linnaeus",
        " (non Linnaeus)",
        " nec Linnaeus",
        " sensu auct.",
    ],
)
def test_a_qualifier_that_means_another_taxon_gives_suggestions_only(held, after):
    text = f"Mola mola{after}"
    assert found(text) == []
    with pytest.raises(InvalidQuery):
        asked(f"taxon={text}")
    offered = suggestions(text)
    assert offered.matches == []
    assert held["Mola mola"] in [each.aphia_id for each in offered.similar]


def test_the_number_behind_a_name_must_be_its_own(held):
    assert found("Mola mola [98765]") == []
    assert found(f"Caretta caretta ({held['Mola mola']})") == []


def test_a_name_with_a_comma_is_tried_as_one_name_first(held):
    cod = factories.taxon("Gadus morhua")
    factories.vernacular(cod, "cod, Atlantic")
    factories.vernacular(factories.taxon("Gadus ogac"), "cod")
    assert asked("taxon=cod, Atlantic") == ["Gadus morhua"]
    assert asked("taxon=cod") == ["Gadus ogac"]


def test_homonyms_are_told_apart_by_their_authors(held):
    other = factories.taxon("Tursiops truncatus", authorship="Smith, 1900").pk
    assert found("Tursiops truncatus Smith, 1900") == [other]
    assert found("Tursiops truncatus (Montagu, 1821)") == [held["Tursiops truncatus"]]
    assert found("Tursiops truncatus Nemo, 1950") == sorted([held["Tursiops truncatus"], other])


def test_a_word_that_is_no_author_leads_to_no_higher_taxon(held):
    for text in (
        "Mola Fish",
        "Mola Alexandrini, 1839",
        "Tursiops aduncus",
        "Caretta Montagu, 1821",
        "Conus (Asprella)",
    ):
        assert found(text) == []


def test_the_words_do_not_repeat_the_authorship(held):
    question = ObservationFilter.from_query({"taxon": "Caretta caretta (Linnaeus, 1758)"})
    assert question.words() == "Caretta caretta"


AUTHORS = st.sampled_from([
    "Linnaeus", "L.", "d'Orbigny", "de Blainville", "O.F. Müller", "Lacépède", "Smith & Jones", "Smith, Jones & Brown",
    "Gmelin in Linnaeus", "Risso ex Valenciennes", "Smith et al.", "Van Beneden", "McIntosh", "Saint-Hilaire",
    "(Harvey) Suringar", "Quoy & Gaimard in de Freycinet",
])  # fmt: skip
YEARS = st.sampled_from(["", " 1758", ", 1758", ", 1821", ", 1840-1845", ", 1840–41", ", 1758a"])
BRACKETS = st.sampled_from(["{}", "({})", "（{}）"])
AUTHORSHIPS = st.builds(
    lambda form, authors, year: f" {form.format(authors + year)}", BRACKETS, AUTHORS, YEARS
)
SPACES = st.sampled_from([" ", "  ", "_", "\N{NO-BREAK SPACE}", "\N{THIN SPACE}", " \u200b", "\t"])
INVISIBLE = st.sampled_from(["", "\u200b", "\ufeff", "\u00ad", "\u2060", "\u200e"])
QUALIFIERS = st.sampled_from(["", " sp.", " spp.", " cf.", " s.l.", " sp. nov."])
QUOTES = st.sampled_from(["{}", '"{}"', "“{}”", "'{}'", "«{}»", " {} ", "{}.", "<i>{}</i>", "*{}*"])
FORMS = st.sampled_from(["NFC", "NFD", "NFKC"])


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_held_name_with_any_authorship_and_noise_leads_to_its_taxon_or_to_none(held, data):
    name = data.draw(st.sampled_from(sorted(HELD)))
    text = data.draw(SPACES).join(name.split()) + data.draw(INVISIBLE) + data.draw(QUALIFIERS)
    text = data.draw(QUOTES).format(text + data.draw(AUTHORSHIPS | st.just("")))
    text = data.draw(st.sampled_from([str, str.upper, str.lower, full_width]))(text)
    text = unicodedata.normalize(data.draw(FORMS), text)
    try:
        question = ObservationFilter.from_query({"taxon": text})
        names = [taxon.aphia_id for taxon in question.taxa]
    except InvalidQuery:
        return
    assert names == [held[name]]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_species_with_a_capitalised_author_is_always_found(held, data):
    name = data.draw(st.sampled_from(sorted(name for name in HELD if " " in name)))
    text = f"{name}{data.draw(AUTHORSHIPS)}"
    assert ObservationFilter.from_query({"taxon": text}).taxa[0].aphia_id == held[name]


@pytest.mark.parametrize(
    "text",
    [
        "Caretta caretta (Linnaeus, 1758)",
        "“Caretta_caretta”",
        "urn:lsid:marinespecies.org:taxname:{}",
        "https://www.marinespecies.org/aphia.php?p=taxdetails&id={}",
        "Ｃａｒｅｔｔａ ｃａｒｅｔｔａ",
    ],
)
def test_a_pasted_name_is_found_wherever_a_name_is_typed(client, held, text):
    number = held["Caretta caretta"]
    text = text.format(number)
    factories.observation(taxon=factories.Taxon.objects.get(pk=number))
    for query in ({"taxon": text}, {"q": text}):
        assert client.get(reverse("api:observation-list"), query).json()["numberReturned"] == 1
        assert client.get("/", query).status_code == 200
    for query in ({"taxon": text}, {"name": text}, {"filter": f"taxon = '{text}'"}):
        items = client.get("/ogc/collections/observations/items", query | {"f": "json"})
        assert (items.status_code, items.json()["numberReturned"]) == (200, 1), items.content
    suggested = client.get(reverse("api:taxon-suggest"), {"q": text}).json()
    assert [each["aphiaID"] for each in suggested["results"]] == [number]
    assert suggested["didYouMean"] == []
    assert [
        each["aphiaID"] for each in client.get("/api/v1/taxa/", {"q": text}).json()["results"]
    ] == [number]
    for page in ("/suggest/", "/species/"):
        assert "Caretta caretta" in client.get(page, {"q": text}).content.decode()
    client.force_login(superuser())
    for page in ("taxon", "curatedobservation"):
        listed = client.get(f"/admin/species/{page}/", {"q": text})
        assert listed.context["cl"].result_count == 1, page


def test_similar_names_are_offered_apart_on_pages_and_in_the_api(client, held):
    factories.taxon("Cnidaria")
    suggested = client.get(reverse("api:taxon-suggest"), {"q": "Carretta caretta"}).json()
    assert suggested["results"] == []
    assert [each["scientificName"] for each in suggested["didYouMean"]] == ["Caretta caretta"]
    for page in ("/suggest/", "/species/"):
        text = client.get(page, {"q": "Carretta caretta"}).content.decode()
        assert (
            text.index("No species or group matches")
            < text.index("Did you mean")
            < text.index("Caretta caretta")
        )
    options = client.get(
        "/suggest/", {"q": "Carretta caretta"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "data-similar" in options


@pytest.mark.parametrize(
    "text", ["†Mola mola", "† Mola mola (Linnaeus, 1758)", "Mola\u200bmola", "Mola mola indet."]
)
def test_signs_that_belong_to_no_name_hide_no_taxon(held, text):
    assert found(text) == [held["Mola mola"]]


@pytest.mark.parametrize(
    "text", ["Mola mola, Linnaeus, 1758", "Mola mola, (Linnaeus, 1758)", "Mola mola, Linnaeus"]
)
def test_an_authorship_behind_a_comma_belongs_to_the_name_before_it(held, text):
    assert asked(f"taxon={text}") == ["Mola mola"]
    assert asked(f"taxon=Tursiops,{text}") == ["Mola mola", "Tursiops"]


def test_an_authorship_of_another_author_is_no_part_of_the_name(held):
    with pytest.raises(InvalidQuery):
        asked("taxon=Mola mola, Cuvier, 1829")
