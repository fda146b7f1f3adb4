"""German is complete: every text that is marked has its translation, with the same placeholders,
compiled.
"""

import re

import pytest

from tests import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|\{\w*\}|</?\w+")


@pytest.fixture(scope="module", params=["django", "djangojs"])
def catalogue(request):
    """(marked texts, message to translations, compiled messages)"""
    marked = (
        translations.marked() if request.param == "django" else translations.marked_in_scripts()
    )
    file = translations.CATALOGUES / request.param
    return (
        marked,
        translations.po(file.with_suffix(".po")),
        translations.mo(file.with_suffix(".mo")),
    )


def test_every_text_has_a_translation(catalogue):
    marked, messages, _ = catalogue
    assert marked
    assert sorted(marked - messages.keys()) == []
    assert [message for message, texts in messages.items() if not all(texts)] == []


def test_a_translation_has_the_placeholders_of_its_text(catalogue):
    _, messages, _ = catalogue
    for message, texts in messages.items():
        for text in texts if message else []:
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(message)), (
                message
            )


def test_what_is_compiled_is_what_is_written(catalogue):
    _, messages, compiled = catalogue
    assert compiled == messages


def language_of(response):
    """Return the language that the page states, once and first."""
    [language] = re.findall(r'<html lang="(\w+)" data-home="/">', response.content.decode())
    return language


@pytest.mark.django_db
def test_the_visitor_chooses_the_language_and_the_browser_until_then(client):
    assert language_of(client.get("/species/")) == "en"
    german = client.get("/species/", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert language_of(german) == "de"
    assert "Arten und Gruppen" in german.content.decode()
    assert {"Accept-Language", "Cookie"} <= set(german.headers["Vary"].split(", "))
    chosen = client.post("/language/", {"language": "de", "next": "/datasets/?page=1"})
    assert chosen.url == "/datasets/?page=1"
    assert "Datensätze" in client.get(chosen.url).content.decode()
    assert client.post("/language/", {"language": "de", "next": "https://example.org/"}).url == "/"


@pytest.mark.django_db
def test_scripts_are_given_their_texts(client):
    assert "Ein Teil der Karte lie" in client.get("/words/de.js").content.decode()
    assert client.get("/words/xx.js").status_code == 404
