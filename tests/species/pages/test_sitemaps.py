"""What search engines are told: every page with records once, in bounded parts, unchanged until the
data change.
"""

import re

import pytest

from species.models import DataVersion
from species.pages.sitemaps import BLOCK
from tests import factories

pytestmark = pytest.mark.django_db


def addresses(response):
    return re.findall(r"<loc>(.*?)</loc>", response.content.decode())


def test_the_parts_name_each_page_with_records_once(client):
    for number in (7, BLOCK - 1, BLOCK, 40 * BLOCK + 3):
        factories.observation(taxon=factories.taxon("Gadus morhua", aphia_id=number))
    factories.taxon("Nothing seen", aphia_id=8)
    factories.dataset("Nothing in it")
    parts = addresses(client.get("/sitemap.xml"))
    assert [part.removeprefix("http://testserver/sitemap-") for part in parts] == [
        *("pages.xml", "datasets.xml", "taxa-0.xml", "taxa-1.xml", "taxa-40.xml")
    ]
    found = [address for part in parts for address in addresses(client.get(part))]
    assert len(found) == len(set(found))
    numbers = [
        int(number) for number in re.findall(r"/species/(\d+)-gadus-morhua/", " ".join(found))
    ]
    assert numbers == [7, BLOCK - 1, BLOCK, 40 * BLOCK + 3]
    assert sum("/datasets/" in address for address in found) == 1 + 4
    assert all(client.get(address).status_code == 200 for address in found)


@pytest.mark.parametrize("name", ["taxa-", "taxa-x", "taxa-1000", "taxa-²", "others", "taxa--1"])
def test_a_part_that_does_not_exist_is_404(client, name):
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-pages.xml", "/sitemap-taxa-0.xml"])
def test_it_is_not_made_anew_until_the_data_change(client, address, django_assert_num_queries):
    first = client.get(address)
    with django_assert_num_queries(1):
        assert (
            client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
        )
    DataVersion.advance()
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert "public" in first.headers["Cache-Control"]


def test_robots_are_told_of_the_site_map_and_kept_from_endless_questions(client):
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /*?" in text
