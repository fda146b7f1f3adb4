# ruff: noqa: RUF001  # the look-alike characters are the point
"""What is offered to somebody who types part of a name."""

import pytest

from species.suggestions import LONGEST, SHOWN, suggestions
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def fishes():
    """Cod with its genus, and herring; cod has more records."""
    genus = factories.taxon("Gadus", rank="Genus")
    cod = factories.taxon("Gadus morhua", parent=genus, observation_count=9)
    herring = factories.taxon("Clupea harengus", observation_count=5)
    factories.vernacular(cod, "Atlantic cod")
    factories.vernacular(cod, "Kabeljau", "deu")
    factories.vernacular(herring, "Atlantic herring")
    return {"genus": genus, "cod": cod, "herring": herring}


def names(text):
    return [suggestion.name for suggestion in suggestions(text).matches]


def similar(text):
    found = suggestions(text)
    assert not (found.matches and found.similar)
    return [suggestion.name for suggestion in found.similar]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gad", "Gadus"),
        ("MORHUA", "Gadus morhua"),
        ("cod", "Atlantic cod"),
        ("kabel", "Kabeljau"),
        ("Gadus morhua Linnaeus, 1758", "Gadus morhua"),
        ("gadus_morhua", "Gadus morhua"),
        ("\u200bGadus\N{NO-BREAK SPACE} morhua", "Gadus morhua"),
        ("“Ｇａｄｕｓ morhua”", "Gadus morhua"),
    ],
)
def test_a_name_is_found_by_its_beginning_by_a_word_and_as_pasted(fishes, text, first):
    assert names(text)[0] == first


def test_an_identifier_is_found(fishes):
    number = fishes["cod"].pk
    for text in (
        str(number),
        f"urn:lsid:marinespecies.org:taxname:{number}",
        fishes["cod"].worms_url,
    ):
        assert names(text) == ["Gadus morhua"]
    assert names("urn:lsid:marinespecies.org:taxname:4") == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Gadus mohrua", "Gadus morhua"),  # two letters changed places
        ("atlantik hering", "Atlantic herring"),
    ],
)
def test_a_similar_name_is_offered_apart_and_never_as_a_match(fishes, text, first):
    assert names(text) == []
    assert similar(text)[0] == first


def test_nothing_is_similar_to_a_name_that_matches(fishes):
    assert similar("gadus") == []


def test_the_most_observed_comes_first_and_a_group_counts_all_below_it(fishes):
    assert [(found.name, found.records) for found in suggestions("atlantic").matches] == [
        ("Atlantic cod", 9),
        ("Atlantic herring", 5),
    ]
    assert [(found.name, found.rank, found.records) for found in suggestions("gadus").matches] == [
        ("Gadus", "Genus", 9),
        ("Gadus morhua", "Species", 9),
    ]


def test_a_common_name_says_its_language_and_a_synonym_what_it_stands_for(fishes):
    factories.taxon("Gadus callarias", accepted=fishes["cod"])
    [german] = suggestions("kabeljau").matches
    assert (german.language, german.scientific_name) == ("deu", "Gadus morhua")
    [synonym] = suggestions("callarias").matches
    assert (synonym.accepted, synonym.records) == ("Gadus morhua", 9)


def test_a_taxon_that_is_called_so_in_several_ways_is_offered_once(fishes):
    factories.vernacular(fishes["cod"], "Atlantic codfish")
    assert names("atlantic cod") == ["Atlantic cod"]


def test_letters_that_mean_something_to_sql_are_letters(fishes):
    assert names("%") == names("_a") == names("g%s") == []


def test_no_more_than_a_handful_is_offered(fishes):
    for number in range(SHOWN + 5):
        factories.taxon(f"Mola numerus{number}")
    assert len(names("mola")) == SHOWN


def test_what_no_name_is_gets_nothing_or_a_reason(fishes):
    assert names("g") == names("") == names("zzzzzz") == []
    with pytest.raises(ValueError, match="at most"):
        suggestions("g" * (LONGEST + 1))
    with pytest.raises(ValueError, match="control characters"):
        suggestions("gad\x01us")


def test_a_look_up_costs_four_statements_at_most(fishes, django_assert_max_num_queries):
    # two with SET LOCAL and savepoints, and two of names as pasted
    with django_assert_max_num_queries(10):
        suggestions("Gadus mohrua")
