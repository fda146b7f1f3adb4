"""What any JSON value means as text, as a number and as yes or no."""

import pytest

from species.refresh.text import (
    clean_name,
    clean_text,
    read_bool,
    read_id,
    read_number,
    read_total,
    says_nothing,
)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\x00b\x07\x1b[31mc\x85", "ab[31mc"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Ελλάδα 🐟", "Ελλάδα 🐟"),
        (None, ""),
        (1971, "1971"),
        (["Ana", "Bo"], '["Ana", "Bo"]'),
        pytest.param(10**5000, "", id="beyond what Python prints"),
    ],
)
def test_text_is_stored_as_it_is_but_for_what_cannot_be_stored(given, stored):
    assert clean_text(given) == stored


def test_the_spaces_of_a_name_are_single_ordinary_ones():
    assert clean_name(" Mola\xa0mola \t (Linnaeus,  1758)") == "Mola mola (Linnaeus, 1758)"


@pytest.mark.parametrize(
    "word", ["", " ", "NA", "n/a", "NULL", "ND", "nan", "Not specified", "unknown", "\xa0"]
)
def test_many_words_say_nothing(word):
    assert says_nothing(word)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0), ("7974.3", 7974.3), (" 1.0 ", 1.0), ("+.5", 0.5), ("1e3", 1000.0), (False, None), (None, None),
        ("1_000", None), ("1,5", None), ("٣", None), ("nan", None), ("inf", None), ("1e999", None), (10**400, None),
        (float("inf"), None), ({}, None), ("", None), ("9" * 1000, None),
    ],
)  # fmt: skip
def test_a_number_is_finite_and_plainly_written(value, number):
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("value", "key"),
    [(127405, 127405), ("127405", 127405), (127405.0, 127405), (0, None), (-1, None), (1.5, None), (2**31, None),
     (True, None), (None, None), ("urn:lsid:marinespecies.org:taxname:127405", None)],
)  # fmt: skip
def test_an_identifier_is_a_whole_positive_number(value, key):
    assert read_id(value) == key


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(True, True), ("TRUE", True), (1, True), ("false", False), (0, False), ("maybe", None)],
)
def test_yes_and_no_come_in_several_shapes(value, verdict):
    assert read_bool(value) is verdict


@pytest.mark.parametrize(
    ("given", "total"),
    [(0, 0), (178_000_000, 178_000_000), (True, None), ("5", None), (-1, None), (2**64 - 1, None)],
)
def test_a_total_is_a_number_of_records_that_can_be(given, total):
    assert read_total(given) == total
