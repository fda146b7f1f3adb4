"""A Content-Type header decides by which codec nothing here is read, so none makes a request fail."""

from urllib.parse import urlencode

import pytest
from django.test import RequestFactory
from django.test.client import ClientHandler
from django.utils.http import parse_header_parameters
from hypothesis import example, given
from hypothesis import strategies as st

from config.http.content_types import read_as_utf_8, without_charset

CODECS = (
    "hex",
    "rot13",
    "undefined",
    "punycode",
    "unicode_escape",
    "utf-7",
    "utf-16",
    "zlib",
    "idna",
)
UNREADABLE = (
    "text/plain; x*=foo'en'%41",
    "text/plain; x*=a'b'c'd'e",
    "multipart/form-data; boundary*=foo''x",
)


def status_of(method, address, content_type, body=""):
    environ = RequestFactory().generic(method, address, body).environ | {
        "CONTENT_TYPE": content_type
    }
    environ |= {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
    django = ClientHandler()
    return read_as_utf_8(lambda environ, start_response: django(environ))(environ, None).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("codec", CODECS)
def test_no_codec_makes_a_page_an_api_or_a_form_fail(codec):
    text = urlencode({"q": r"\ud800+2AA-\x00"})
    for address in ("/", "/suggest/", "/api/v1/taxa/", "/ogc/collections", "/healthz"):
        assert status_of("GET", f"{address}?{text}", f"text/plain; charset={codec}") in (
            200,
            400,
        ), address
    form = f"application/x-www-form-urlencoded; charset={codec}"
    assert status_of("POST", "/q/", form, urlencode({"query": text, "name": r"\ud800\x00"})) in (
        302,
        400,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("header", UNREADABLE)
def test_a_parameter_that_cannot_be_read_is_passed_over(header):
    assert status_of("GET", "/healthz", header) == 200
    assert status_of("POST", "/q/", header, "query=") in (302, 400)


def test_the_boundary_of_a_form_is_kept():
    assert (
        without_charset('multipart/form-data; charset=hex; Boundary="a b"')
        == 'multipart/form-data; Boundary="a b"'
    )
    assert (
        without_charset("multipart/form-data;boundary=ab;x=1") == "multipart/form-data; boundary=ab"
    )
    assert without_charset("application/json; charset=utf-8") == "application/json"
    assert without_charset("") == ""


@given(st.text(st.characters(max_codepoint=255), max_size=60))
@example("text/plain; boundary*=foo''x; charset=hex")
@example("multipart/form-data; boundary=a'b'c; boundary*0=x; y*=z")
def test_django_can_read_what_is_left(header):
    for odd in (header, f"multipart/form-data; boundary={header}", f"text/plain; charset={header}"):
        _, parameters = parse_header_parameters(without_charset(odd))
        assert parameters.keys() <= {"boundary"}
