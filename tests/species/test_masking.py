"""What may not leave the portal in public text, and what must."""

import time

import pytest

from species.masking import mask


@pytest.mark.parametrize(
    "text",
    [
        "j.doe@example.org",
        "Jane Doe <jane.doe+obis@sub.example.ac.uk>; John",
        "jane.doe(at)example.org",
        "müller@example.de",
    ],
)
def test_an_email_address_is_taken_out(text):
    assert "[e-mail address removed]" in mask(text)
    assert "example" not in mask(text)


@pytest.mark.parametrize(
    "number",
    [
        "+49 431 600-1234",
        "+1 (555) 123 4567",
        "(0431) 600 1234",
        "0431/6001234",
        "555-123-4567",
        "Tel. 12 34 56 78",
        "phone: 6001234",
    ],
)
def test_a_phone_number_is_taken_out(number):
    assert mask(f"Jane Doe, {number}, Kiel") == "Jane Doe, [phone number removed], Kiel"


@pytest.mark.parametrize(
    "text",
    [
        "Jane Doe | John Roe",
        "https://orcid.org/0000-0002-1825-0097",
        "0000-0002-1825-0097",
        "2019-09-24/2020-03-03",
        "54.1234 N, 7.8901 E",
        "Station 12, haul 3, 1500 m",
        "urn:catalog:CAS:SU(ICH):1793",
        "R/V Polarstern, PS122/4, 11-20/7/2009",
        "John @ the pier",
    ],
)
def test_everything_else_stays_as_it_is(text):
    assert mask(text) == text


def test_nothing_gives_nothing():
    assert mask(None) == mask("") == ""


def test_a_long_hostile_text_is_read_in_linear_time():
    started = time.process_time()
    mask("a" * 50_000 + "@" * 50_000 + "+1 " * 50_000 + "(1) " * 50_000)
    assert time.process_time() - started < 5
