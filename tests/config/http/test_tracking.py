"""Addresses of pages that were shared, mailed or copied out of markup."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from config.http.tracking import TRACKING, without_tracking

PAGES = (
    "/",
    "/observations/",
    "/summary/",
    "/absences/",
    "/species/",
    "/datasets/",
    "/data/",
    "/accounts/login/",
)
SHARED = [
    "fbclid=x",
    "gclid=x",
    "utm_source=a&utm_medium=b",
    "mc_cid=1&mc_eid=2",
    "msclkid=3",
    "UTM_Source=a",
]


@pytest.mark.django_db
@pytest.mark.parametrize("shared", SHARED)
def test_a_page_opens_from_a_shared_address_and_links_without_it(client, shared):
    for page in PAGES:
        response = client.get(f"{page}?{shared}")
        assert response.status_code == 200, page
        assert shared.partition("=")[0] not in response.content.decode(), page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["from=2010&amp;to=2012", "from=2010&amp;amp;to=2012", "from=2010&amp%3Bto=2012"]
)
def test_a_copied_ampersand_separates(client, query):
    response = client.get(f"/observations/?{query}")
    assert response.context["selection"].query_string() == "from=2010-01-01&to=2012-12-31"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/api/v1/observations/", "/ogc/collections/observations/items"]
)
@pytest.mark.parametrize("query", ["fbclid=x", "utm_source=x", "amp;limit=1"])
def test_interfaces_for_programs_stay_strict(client, address, query):
    assert client.get(f"{address}?{query}").status_code == 400


@given(st.text(st.sampled_from("abfrom=&;%2F+,clidutm_")))
def test_what_is_left_needs_no_further_cleaning(query):
    once = without_tracking(query)
    assert without_tracking(once) == once


def test_all_else_stays_as_it_is():
    query = "taxon=Mola+mola&map=4/54.2/7.9&depth=0,50&compare=from%3D2010%26to%3D2012&&x"
    assert without_tracking(query) == query


def test_the_browser_drops_the_same_parameters_as_the_server():
    script = (Path(settings.BASE_DIR) / "static/js/clean-address.js").read_text("utf-8")
    [(pattern, flags)] = re.findall(
        r"^const TRACKING =\s+/\^\((.+)\)\$/(\w*);$", script, re.MULTILINE
    )
    assert pattern.replace("(", "(?:") == TRACKING.pattern
    assert (flags == "i") == bool(TRACKING.flags & re.IGNORECASE)
