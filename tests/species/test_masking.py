"""What may not leave the portal in public text, and what must."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.masking import mask, mask_addresses

ADDRESSES = [
    "j.doe@example.org", "Jane Doe <jane.doe+obis@sub.example.ac.uk>; John", "jane.doe(at)example.org",
    "müller@example.de", "x [at] example dot org", "x(at)example.org", "jane AT example.org", "jane@EXAMPLE.ORG",
    "mailto:jane@example.org", "jane [at] example [dot] org", "jane (at) example (dot) org", "jane{at}example.org",
    "jane at example dot org", "jane_at_example.org", "jane%40example.org", "jane&#64;example.org",
    "jane\uff20example.org", "jane @ example.org", '"jane doe"@example.org', "mu\u0308ller@mu\u0308ller.example",
    "почта@example.рф", "jörg@müller-example.de", "jane@[192.0.2.1]", "https://example.org/?to=jane%40example.org",
    "jane(@)example.org", "jane[@]example.org", "jane&commat;example.org", "jane&#x40;example.org", "jane@@example.org",
    "jane%2540example.org", "jane @ example . org", "jane<at>example<dot>org", "jane_at_example_dot_org",
    "jane arroba example punto org", "jane (a) example.org", "jane (ät) example.de", "Jane at gmail.com",
    "jane at gmail dot com", "jane@xn--mller-kva.example", "jane@example.org_2019",
    "jdoe at example.org", "jane.doe at sub.example.ac.uk", "j_doe2 at uni-example.de", "JDOE AT EXAMPLE.ORG",
    "jdoe At example.no", "jdoe  at  example.org", "jdoe at example.org 2019", "Contact: jdoe at example.org.",
    "Write to jdoe at example.is or call", "Jane at example.org",
]  # fmt: skip
NUMBERS = [
    "+49 431 600-1234",
    "+1 (555) 123 4567",
    "+1.555.123.4567",
    "(0431) 600 1234",
    "0431/6001234",
    "555-123-4567",
    "(555) 123-4567",
    "Tel. 12 34 56 78",
    "phone: 6001234",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "06-12-34-56-78",
    "+33 (0)6 12 34 56 78",
    "+33(0)612345678",
    "0033 6 12 34 56 78",
    "0049 431 600 1234",
    "(0)6 12 34 56 78",
    "Tél : 01 23 45 67 89",
    "020 7946 0958",
    "07700 900123",
    "0171-1234567",
    "030 12 34 56 78",
    "033701 123456",
    "Móvil 612 345 678",
    "tel:+494316001234",
    "Fax 0431 123456",
    "\uff0b49 431 6001234",
    "+49\u2011431\u2011600\u20111234",
    "+49 \u2013 431 \u2013 6001234",
    "1-800-555-0199",
    "1 (555) 123-4567",
    "8 (495) 123-45-67",
    "(11) 91234-5678",
    "Telefone: 213 913 000",
    "тел. 495 123 45 67",
    "電話 03-1234-5678",
    "Mob: 07700900123",
    "Ph. 08 9333 6800",
    "Cell phone: 555-1234",
    "Phone number: 555 123 4567",
    "Tel. 0612345678",
    "tel=0612345678",
    "Tel./Fax: 0612345678",
    "Phone - 0612345678",
    "portable 0612345678",
    "Contact: 0612345678",
    "cell: 07700900123",
    "call 0431 6001234",
    "T: 0612345678",
    "Tel (work): 06 12 34 56 78",
]
NAMED_NUMBERS = [
    "Jean Dupont 0612345678", "Jean Dupont, 0612345678", "J. Dupont (0612345678)", "Jörg Müller: 015112345678",
    "Jane Doe; 07700900123", "Jean Dupont / 0712345678", "Jean Dupont - 0612345678", "J.-P. O'Brien 0612345678",
]  # fmt: skip
OTHERS = [
    "Jane Doe | John Roe", "John @ the pier", "FOUND AT ST.JOHNS", "seen at example bay", "Data available at obis.org",
    "AVAILABLE AT WWW.GBIF.ORG", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097",
    "10.1234/555-123-4567", "https://doi.org/10.1234/555-123-4567", "550e8400-e29b-41d4-a716-446655440000",
    "https://example.org/06-12-34-56-78", "urn:catalog:CAS:SU(ICH):1793", "urn:x:555-123-4567",
    "2019-09-24/2020-03-03", "20190503 123000", "2019 05 03 12 30", "05-06-12-14-30", "05.06.12.14.30",
    "2001-06-15T08:30:00+02:00/2001-06-16", "Mobile 2019-05-03", "0800-1200 UTC", "11-20/7/2009",
    "54.1234 N, 7.8901 E", "+54.1234 -7.890123", "48 12 34 N 005 12 34 E", "045 30 15 -012 20 10",
    "Station 12, haul 3, 1500 m", "01 02 03 04 05", "200-300-1000 m", "0-50 m", "pH 7.9 8.1 8.2", "+10 m",
    "USNM 123456", "MNHN-IU-2013-12345", "000123-456789", "FN2[31161173]:CAS-62[126975:1793]", "NMMK-0432-2001",
    "R/V Polarstern, PS122/4, 11-20/7/2009", "AphiaID 127405", "ISBN 978-3-16-148410-0", "12 345 678",
    "Smith (2019) 1234-5678", "Smith J. (2019) Mar. Ecol. 123: 456-7890", "Mar Biol 45(12) 1234-1256",
    "050-100-200 m", "045 100 200 300 m", "9m @ 54.5N", "3@10.5m", "haul 3 @ 12.5 kn", "n@depth.m", "CTD_at_St.12",
    "look_at_me.jpg",
    "Catalogue number 0031 1234 56", "cast 012-003-0045", "Tag no. 021 123 4567", "PIT 985 120 012 345 678",
    "permit 0123/456789", "Station: 0431/600123", "photo at flickr.com", "PH: 7.98 8.01 8.02",
    "see Fig. 3 (a) and (b)",
    "SAMPLED AT STATION.NO", "CTD AT STATION.NO 12", "TAKEN AT ST.NO. 5", "SEEN AT REEF.IN SHALLOW WATER",
    "diver at rocks.No photo", "net at site.is",
    "Images hosted at example.org", "more at example.org", "Look at obis.org", "Jane Doe at flickr.com/photos/jane",
    "DATA AVAILABLE AT OBIS.ORG", "Published at doi.org", "contact us at example.org", "diver at St.Ives",
    "trawl at 10.5 m",
    "Lot 0612345678", "Catalogue 0612345678", "MNHN 0612345678", "specimen 0712345678", "Barcode: 0612345678",
    "Herbarium: 0612345678", "Call number 2019", "contact 1234", "Cell count: 123456789", "Sample 0712345678 m",
    "cell 0123", "T: 12.5 14.5 16.5", "Contact: 2019-05-01", "Station 0612345678", "Gadus morhua 1612345678",
    "NOAA ship Oregon II, Survey 0420170321, Sta. 29", "Pacific Survey 0620170321", "Gadus morhua 0612345678",
    "Natural History Museum 0612345678", "Jean Dupont 06123456789012", "Dive Log 0712345678", "Leg No 0612345678",
]  # fmt: skip


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_email_address_is_taken_out(text):
    assert "[e-mail address removed]" in mask(text) == mask_addresses(text)
    assert not {"jane", "example"} & set(
        mask(text).replace("https://example.org", "").replace(".", " ").split()
    )


@pytest.mark.parametrize("number", NUMBERS)
def test_a_phone_number_is_taken_out(number):
    assert mask(f"Jane Doe, {number}, Kiel") == "Jane Doe, [phone number removed], Kiel"
    assert mask(number) == "[phone number removed]"


@pytest.mark.parametrize("text", NAMED_NUMBERS)
def test_a_mobile_number_without_spaces_is_taken_out_behind_a_name(text):
    number = max(re.findall(r"\d+", text), key=len)
    assert (
        mask(f"Kiel; {text}, 2019")
        == f"Kiel; {text.replace(number, '[phone number removed]')}, 2019"
    )


@given(
    st.from_regex(r"[a-z]{2,8}[._][a-z]{1,8}", fullmatch=True), st.sampled_from(["at", "AT", "At"])
)
def test_a_spoken_address_is_taken_out_and_what_is_around_it_stays(local, at):
    assert mask(f"Kiel, {local} {at} example.org; 2019") == "Kiel, [e-mail address removed]; 2019"


@given(
    st.sampled_from(
        [
            "Station",
            "Cat. no.",
            "catalogue",
            "Voucher",
            "lot",
            "haul",
            "MNHN",
            "no.",
            "ID",
            "Barcode",
            "",
        ]
    ),
    st.from_regex(r"0[1-9][0-9]{6,11}", fullmatch=True),
)
def test_a_code_of_digits_is_no_phone_number(word, digits):
    assert mask(f"{word} {digits}") == f"{word} {digits}"


@pytest.mark.parametrize("text", OTHERS)
def test_everything_else_stays_as_it_is(text):
    assert mask(text) == text
    assert mask(f"Jane Doe, {text}; Kiel") == f"Jane Doe, {text}; Kiel"


@given(
    st.datetimes(),
    st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%Y-%m-%d/%Y-%m-%d", "%Y%m%d"]),
)
def test_no_date_is_a_phone_number(moment, form):
    assert mask(moment.strftime(form)) == moment.strftime(form)


@given(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.sampled_from(["{} {}", "{:+.5f} {:+.5f}", "{:.4f}, {:.4f}", "({} {})"]),
)
def test_no_coordinates_are_a_phone_number(longitude, latitude, form):
    assert mask(form.format(longitude, latitude)) == form.format(longitude, latitude)


@given(st.uuids(), st.integers(1, 2_147_483_647))
def test_no_identifier_is_a_phone_number(uuid, number):
    for text in (
        str(uuid),
        str(number),
        f"10.{1000 + number % 9000}/{uuid}",
        f"urn:lsid:marinespecies.org:taxname:{number}",
    ):
        assert mask(text) == text


@given(st.text(), st.sampled_from(ADDRESSES + NUMBERS), st.text())
def test_masking_again_changes_nothing(before, found, after):
    once = mask(f"{before} {found} {after}")
    assert mask(once) == once


def test_nothing_gives_nothing():
    assert mask(None) == mask("") == ""


@pytest.mark.parametrize(
    "piece",
    [
        "a", "@", "+1 ", "(1) ", "0 ", "06 12 ", "x at ", "a dot ", "a.b@", "00 1 ", "tel ", "%40", "https://", "a@a.",
        "a at b.", "Ab Cd ", "J.-P.", "T: 01", "Tel (a) ", "aed ",
    ],
)  # fmt: skip
def test_a_long_hostile_text_is_read_in_linear_time(piece):
    started = time.process_time()
    mask(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 20
