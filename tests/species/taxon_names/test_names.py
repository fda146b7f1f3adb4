# ruff: noqa: RUF001  # the look-alike characters are the point
"""Taxon names as people paste them, read without a database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.taxon_names.identifiers import parse_aphia_id
from species.taxon_names.lists import join_names, split_names
from species.taxon_names.readings import changes_meaning, read_names
from species.taxon_names.text import clean_name


@pytest.mark.parametrize(
    "text",
    [
        "137094",
        "１３７０９４",
        " 137094 ",
        "AphiaID: 137094",
        "aphiaid 137094",
        "urn:lsid:marinespecies.org:taxname:137094",
        "URN:LSID:MARINESPECIES.ORG:TAXNAME:137094",
        "urn:lsid:marinespecies.org:taxname:\u200b137094",
        "https://lsid.io/urn:lsid:marinespecies.org:taxname:137094",
        "https://www.marinespecies.org/aphia.php?p=taxdetails&id=137094",
        "http://marinespecies.org/aphia.php?id=137094&p=taxdetails",
        "www.marinespecies.org/aphia.php?p=taxdetails&id=137094#distributions",
        "<https://www.marinespecies.org/aphia.php?p=taxdetails&id=137094>",
        "https://www.marinespecies.org/rest/AphiaRecordByAphiaID/137094",
        "https://obis.org/taxon/137094",
        "https://www.obis.org/taxon/137094#map",
        "https://obis.org/taxon/137094?view=map",
        "https://api.obis.org/v3/taxon/137094",
        "https://www.marinespecies.org/aphia.php?p=taxdetails&amp;id=137094",
        "lsid:marinespecies.org:taxname:137094",
        "WoRMS:137094",
        "aphia 137094",
    ],
)
def test_an_aphia_id_is_read_from_every_form_in_which_it_is_published(text):
    assert parse_aphia_id(text) == 137_094


@pytest.mark.parametrize(
    "text",
    [
        "Mola mola",
        "Mola 137094",
        "urn:lsid:ipni.org:names:137094",
        "https://evil.example/aphia.php?p=taxdetails&id=137094",
        "https://www.marinespecies.org/aphia.php?p=sourcedetails",
        "",
    ],
)
def test_nothing_else_is_an_aphia_id(text):
    assert parse_aphia_id(text) is None


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["Tursiops truncatus, 1821"], ["Tursiops truncatus, 1821"]),
        (
            ["Caretta caretta (Linnaeus, 1758),Mola mola"],
            ["Caretta caretta (Linnaeus, 1758)", "Mola mola"],
        ),
        (
            ["Mola mola Linnaeus, 1758, Caretta caretta"],
            ["Mola mola Linnaeus, 1758", "Caretta caretta"],
        ),
        (
            ["Zus zus,Mola aus Smith, Jones & Brown, 1990"],
            ["Zus zus", "Mola aus Smith, Jones & Brown, 1990"],
        ),
        (["1821,Tursiops truncatus"], ["1821", "Tursiops truncatus"]),
        (["Tursiops truncatus", "1821"], ["Tursiops truncatus", "1821"]),
        (["137094,Mola mola"], ["137094", "Mola mola"]),
        (["137094,1821"], ["137094", "1821"]),
        (['"cod, Atlantic",Mola'], ["cod, Atlantic", "Mola"]),
        (["Mola aus Smith, 1840-1845"], ["Mola aus Smith, 1840-1845"]),
    ],
)
def test_a_comma_separates_names_but_not_an_author_from_the_year(values, names):
    assert split_names(values) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Caretta caretta (Linnaeus, 1758)", "Caretta caretta"),
        ("Mola mola Linnaeus, 1758", "Mola mola"),
        ("Mola alexandrini (Ranzani, 1839) sensu Smith", "Mola alexandrini"),
        ("Undaria pinnatifida (Harvey) Suringar, 1873", "Undaria pinnatifida"),
        ("Aus bus d'Orbigny in Smith et al., 1840-1845", "Aus bus"),
        ("Aus bus de Blainville, 1825", "Aus bus"),
        ("Aus bus O.F. Müller ex Lacépède, 1804", "Aus bus"),
        ("Aus bus cus Smith & Jones", "Aus bus cus"),
        ("Aus bus var. cus (Kütz.) Grunow", "Aus bus var. cus"),
        ("Conus (Asprella) australis Holten, 1802", "Conus australis"),
        ("Spartina × townsendii H.Groves & J.Groves", "Spartina × townsendii"),
        ("Spartina x townsendii", "Spartina townsendii"),
        ("Gadus cf. morhua", "Gadus morhua"),
        *(
            (f"Gadus morhua{after}", "Gadus morhua")
            for after in [
                "?",
                " ?",
                " (?)",
                " [sic]",
                " (sic!)",
                " [sic] Linnaeus, 1758",
                " nom. cons.",
                " nom. nud.",
                " nom.dub.",
                " nom. prot.",
                " nomen dubium",
                " [126436]",
                " (126436)",
                " [?]",
                " [cf.]",
                " sensu lato",
                " s. lat.",
                " sensu stricto",
                " s.str.",
                " (s.l.)",
                " sensu lato Linnaeus, 1758",
                " sp. inq.",
                " incertae sedis",
                " inc. sed.",
                " comb. nov.",
                " stat. nov.",
                " (cf.)",
                " juv.",
                " (juvenile)",
            ]
        ),
        ("Gadus ?morhua", "Gadus morhua"),
        ("Gadus (cf.) morhua", "Gadus morhua"),
        ("?Gadus morhua", "Gadus morhua"),
        ("Gadus sp.", "Gadus"),
        ("Gadus spp", "Gadus"),
        ("Gadus_morhua", "Gadus morhua"),
        ("<i>Gadus morhua</i>", "Gadus morhua"),
        ("Gadus\N{NO-BREAK SPACE}\u200bmorhua\ufeff", "Gadus morhua"),
        ("Odontaspis ﬁcta", "Odontaspis ficta"),
    ],
)
def test_a_name_is_read_without_authorship_qualifiers_and_noise(text, name):
    assert name in [reading.name for reading in read_names(text) if not reading.needs_author]


@pytest.mark.parametrize(
    "text", ["Aus bus × Cus dus", "Mola mola AND Caretta caretta", "Mola mola giant", "Aus Bus"]
)
def test_a_shorter_name_is_not_guessed_where_the_rest_is_no_author(text):
    certain = {reading.name for reading in read_names(text) if not reading.needs_author}
    assert not certain & {"Aus bus", "Mola mola", "Mola", "Aus"} - {text}


def test_initials_accents_and_years_do_not_matter_to_authors():
    [reading] = [each for each in read_names("GADUS L. 1758") if each.name == "GADUS"]
    assert reading.is_by("(Linnaeus, 1758)")
    [reading] = [each for each in read_names("Gadus LACÉPÈDE") if each.name == "Gadus"]
    assert reading.is_by("Lacepède, 1804")
    assert not reading.is_by("Linnaeus, 1758")
    assert not reading.is_by("")


PIECES = st.sampled_from(
    ["Mola mola", "Smith", " ", ",", ", ", "(", ")", '"', "“", "&", "1821", "1840-45", "137094"]
)


UNHURRIED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(st.lists(st.lists(PIECES | st.text(max_size=6), max_size=8).map("".join), max_size=4))
def test_names_come_back_from_the_text_that_joins_them(values):
    numbers_first = sorted(
        {" ".join(term.split()) for term in split_names(values)} - {""}, key=first_numbers
    )
    terms = [
        str(parse_aphia_id(term)) if parse_aphia_id(term) is not None else term
        for term in numbers_first
    ]
    assert split_names([join_names(terms)]) == terms


def first_numbers(term: str) -> tuple[bool, str]:
    return parse_aphia_id(term) is None, term


@UNHURRIED
@given(st.text(max_size=200))
def test_any_text_is_read(text):
    assert clean_name(clean_name(text)) == clean_name(text)
    read_names(text)
    split_names([text])


@pytest.mark.parametrize(
    "text",
    [
        "Gadus morhua non Linnaeus, 1758", "Gadus morhua auct.", "Gadus morhua auct. non Linnaeus",
        "Gadus morhua nec L.",
        "Gadus morhua (non Linnaeus, 1758)", "Gadus morhua [non Linnaeus]", "Gadus morhua auctt.", "Gadus aff. morhua",
        "Gadus morhua sensu auct.", "Gadus morhua not of Linnaeus", "Gadus morhua auctorum", "Gadus nr. morhua",
        "Gadus morhua misapplied", "Gadus near morhua", "Gadus morhua (aff.)",
    ],
)  # fmt: skip
def test_a_qualifier_that_means_another_taxon_leaves_no_reading(text):
    assert changes_meaning(text)
    assert read_names(text) == []


@pytest.mark.parametrize(
    "text",
    ["Gadus morhua", "Gadus morhua s.l.", "Nonna nectaria", "Affinis auctor", "Gadus affinis"],
)
def test_other_words_change_no_meaning(text):
    assert not changes_meaning(text)


@given(
    st.sampled_from(["?", " (?)", " [sic]", " nom. cons.", " sensu lato", " s.l.", " [126436]"]),
    st.sampled_from(["", " Linnaeus, 1758", " (Linnaeus, 1758)"]),
)
def test_a_qualifier_changes_no_other_reading(qualifier, authorship):
    plain = [
        reading.name
        for reading in read_names(f"Gadus morhua{authorship}")
        if not reading.needs_author
    ]
    assert [
        r.name for r in read_names(f"Gadus morhua{qualifier}{authorship}") if not r.needs_author
    ] == plain
