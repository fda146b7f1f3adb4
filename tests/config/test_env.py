"""Settings come from the environment, and a wrong one stops the start with a sentence."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import assume, given
from hypothesis import strategies as st

from config import env

ROOT = Path(__file__).parents[2]
SOUND = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "k" * 50,
    "DATABASE_URL": "postgis://portal:a-long-one@db.example.org:5432/marine",
}


def settings_with(*names: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Import the settings in a process of their own, under these variables alone, and print the
    named ones.
    """
    shown = ", ".join(f"s.{name}" for name in names or ("DEBUG", "SECURE_SSL_REDIRECT"))
    command = [sys.executable, "-c", f"import config.settings as s; print({shown})"]
    return subprocess.run(
        command, cwd=ROOT, env=SOUND | variables, capture_output=True, text=True, check=False
    )


def test_a_portal_is_secure_unless_asked_otherwise():
    assert settings_with().stdout.split() == ["False", "True"]


def test_only_the_private_profile_and_debug_do_without_https():
    assert settings_with(PORTAL_PROFILE="private").stdout.split() == ["False", "False"]
    assert settings_with(DEBUG="1").stdout.split() == ["True", "False"]


HSTS = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")


@pytest.mark.parametrize(
    "address", ["", "https://portal.example.org", "https://example.org/portal"]
)
def test_browsers_are_sent_to_https_below_the_hosts_name_only_on_request(address):
    assert settings_with(*HSTS, PORTAL_URL=address).stdout.split() == ["31536000", "False", "False"]
    asked = {"HSTS_INCLUDE_SUBDOMAINS": "on", "PORTAL_URL": address}
    assert settings_with(*HSTS, **asked).stdout.split() == ["31536000", "True", "False"]
    assert settings_with(*HSTS, **asked, HSTS_PRELOAD="on").stdout.split() == [
        "31536000",
        "True",
        "True",
    ]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"HSTS_PRELOAD": "1"}, "HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS"),
        ({"DEBUG": "perhaps"}, "DEBUG must be true or false, not 'perhaps'"),
        ({"SECRET_KEY": "short"}, "at least 32 characters"),
        ({"PORTAL_PROFILE": "staging"}, "must be production or private, not 'staging'"),
        ({"DATABASE_URL": "sqlite:///portal.db"}, "must look like postgis://"),
        (
            {"DATABASE_URL": "postgis://u:p@db:many/marine"},
            "The port in DATABASE_URL is not a number",
        ),
        (
            {"DATABASE_URL": "postgis://postgres:postgres@db/marine"},
            "password of the database is refused",
        ),
        ({"OBIS_PAGE_SIZE": "0"}, "OBIS_PAGE_SIZE must be at least 1, not 0"),
        ({"WITHDRAWAL_SHARE_LIMIT": "nan"}, "WITHDRAWAL_SHARE_LIMIT must be at least 0, not nan"),
        ({"OBIS_PACE_SECONDS": "slow"}, "OBIS_PACE_SECONDS must be a number, not 'slow'"),
        (
            {"PORTAL_URL": "portal.example.org"},
            "PORTAL_URL must be like https://portal.example.org",
        ),
        (
            {"PORTAL_URL": "http://portal.example.org"},
            "PORTAL_URL must begin with https:// in production",
        ),
    ],
)
def test_a_wrong_variable_stops_the_start_with_a_sentence(variables, sentence):
    answer = settings_with(**variables)
    assert answer.returncode != 0
    assert sentence in answer.stderr


def test_the_development_password_serves_development():
    assert (
        settings_with(DATABASE_URL="postgis://postgres:postgres@db/marine", DEBUG="1").returncode
        == 0
    )


def test_without_a_secret_key_nothing_starts_where_no_private_cluster_has_made_one():
    variables = {name: value for name, value in SOUND.items() if name != "SECRET_KEY"}
    answer = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SECRET_KEY must be set" in answer.stderr


def test_an_address_of_a_database_may_hold_escaped_characters():
    assert env.database("postgis://me:p%40ss@[::1]:5433/marine%20life")["PASSWORD"] == "p@ss"
    assert env.database("postgis://me:p%40ss@[::1]:5433/marine%20life")["NAME"] == "marine life"


def test_the_private_clusters_file_counts_only_where_no_database_is_named(tmp_path, monkeypatch):
    file = tmp_path / "env"
    file.write_text(
        "# made by make db\nDATABASE_URL=postgis://a:b@127.0.0.1/c\nPORTAL_PROFILE=private\n"
    )
    monkeypatch.setattr(os, "environ", {"DATABASE_URL": "postgis://x:y@h/z"})
    assert not env.read_private_environment(file)
    assert os.environ == {"DATABASE_URL": "postgis://x:y@h/z"}
    monkeypatch.setattr(os, "environ", {"PORTAL_PROFILE": "production"})
    assert env.read_private_environment(file)
    assert os.environ == {
        "DATABASE_URL": "postgis://a:b@127.0.0.1/c",
        "PORTAL_PROFILE": "production",
    }


def test_words_are_split_at_commas_and_numbers_checked(monkeypatch):
    monkeypatch.setattr(os, "environ", {"HOSTS": " a, ,b ", "SIZE": "12"})
    assert env.words("HOSTS") == ["a", "b"]
    assert env.number("SIZE", 1, int) == 12
    with pytest.raises(ImproperlyConfigured, match="SIZE must be at least 13"):
        env.number("SIZE", 1, int, low=13)


def test_gdal_and_geos_come_from_the_environment_else_from_the_wheels(monkeypatch):
    monkeypatch.setattr(os, "environ", {"GEOS_LIBRARY_PATH": "/opt/geos.so"})
    assert env.library("GEOS_LIBRARY_PATH", "shapely", "libgeos_c*") == "/opt/geos.so"
    assert "pyogrio.libs" in (env.library("GDAL_LIBRARY_PATH", "pyogrio", "libgdal*") or "")
    assert env.library("NO_LIBRARY_PATH", "no_such_wheel", "lib*") is None


def test_foreign_tiles_are_an_address_with_its_places_or_none(monkeypatch):
    monkeypatch.delenv("BASEMAP_TILE_URL", raising=False)
    assert env.tile_url("BASEMAP_TILE_URL") == ""
    assert env.origins("") == []
    monkeypatch.setenv("BASEMAP_TILE_URL", "https://tiles.example.org/{z}/{x}/{y}.png")
    assert env.origins(env.tile_url("BASEMAP_TILE_URL")) == ["https://tiles.example.org"]
    monkeypatch.setenv("BASEMAP_TILE_URL", "https://tiles.example.org/")
    with pytest.raises(ImproperlyConfigured, match="BASEMAP_TILE_URL"):
        env.tile_url("BASEMAP_TILE_URL")


@pytest.mark.parametrize(
    ("text", "origin", "host", "prefix"),
    [
        ("", "", "", ""),
        (" https://portal.example.org ", "https://portal.example.org", "portal.example.org", ""),
        ("https://portal.example.org/", "https://portal.example.org", "portal.example.org", ""),
        (
            "HTTPS://Portal.Example.ORG:443/Sea",
            "https://portal.example.org",
            "portal.example.org",
            "/Sea",
        ),
        ("http://localhost:8080/sea/portal/", "http://localhost:8080", "localhost", "/sea/portal"),
        ("http://localhost:80", "http://localhost", "localhost", ""),
        ("https://[2001:DB8::1]:8443/~sea", "https://[2001:db8::1]:8443", "[2001:db8::1]", "/~sea"),
    ],
)
def test_a_site_is_its_origin_its_host_and_its_prefix(monkeypatch, text, origin, host, prefix):
    monkeypatch.setenv("PORTAL_URL", text)
    assert env.site("PORTAL_URL") == (origin, host, prefix)


@pytest.mark.parametrize(
    "text",
    [
        "portal.example.org", "//portal.example.org", "ftp://portal.example.org", "https://", "https:///sea",
        "https://ada:secret@portal.example.org", "https://portal.example.org:0", "https://portal.example.org:70000",
        "https://portal.example.org:", "https://portal.example.org:80a", "https://portal.example.org?a=1",
        "https://portal.example.org/#top", "https://portal.example.org/sea//portal", "https://portal.example.org//",
        "https://portal.example.org/../sea", "https://portal.example.org/./", "https://portal.example.org/a b",
        "https://portal.example.org/sea;path", "https://portal.example.org/%2e", "https://por tal.example.org",
        "https://portal.example.org\n/sea", "https://portal..example.org", "https://-portal.example.org",
        "https://*.example.org", "https://m\u00fcnchen.example", "https://[::g]", "https://[1.2.3.4]",
        "https://portal.example.org/sea/\u0661", "https://portal.example.org:\u0661",
    ],
)  # fmt: skip
def test_an_address_that_no_link_can_begin_with_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORTAL_URL", text)
    with pytest.raises(ImproperlyConfigured, match="PORTAL_URL"):
        env.site("PORTAL_URL")


@given(
    text=st.one_of(
        st.text(),
        st.from_regex(r"https?://[a-z:.\[\]@-]{0,12}(:[0-9]{0,6})?(/[a-z.%;~ ]{0,4}){0,3}"),
    )
)
def test_whatever_site_is_accepted_is_accepted_again_unchanged_and_read_alike_by_others(text):
    with pytest.MonkeyPatch.context() as monkeypatch:
        assume("\0" not in text and text.isprintable())
        monkeypatch.setenv("PORTAL_URL", text)
        try:
            site = env.site("PORTAL_URL")
        except ImproperlyConfigured:
            return
        monkeypatch.setenv("PORTAL_URL", url := site.origin + site.prefix)
        assert env.site("PORTAL_URL") == site
        parts = urlsplit(url)
        assert (parts.path, parts.query, parts.fragment, parts.username) == (
            site.prefix,
            "",
            "",
            None,
        )
        assert not url.endswith("/")
        assert bool(url) == bool(text.strip())


def test_the_public_address_decides_hosts_origins_static_files_and_cookie_paths():
    names = [
        "PORTAL_URL",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "FORCE_SCRIPT_NAME",
        "STATIC_URL",
        "COOKIE_PATH",
    ]
    shown = settings_with(
        *names, PORTAL_URL="https://example.org:8443/sea/", ALLOWED_HOSTS="inside.example"
    )
    assert shown.stdout.strip() == (
        "https://example.org:8443/sea ['inside.example', 'example.org'] ['https://example.org:8443'] "
        "/sea /sea/static/ /sea/"
    )
    assert (
        settings_with(*names).stdout.strip("\n")
        == " ['localhost', '127.0.0.1', '[::1]'] []  /static/ /"
    )


COOKIES = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_PATH"]


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, "__Host-sessionid __Host-csrftoken /"),
        ({"PORTAL_URL": "https://example.org"}, "__Host-sessionid __Host-csrftoken /"),
        ({"PORTAL_URL": "https://example.org/sea"}, "__Secure-sessionid __Secure-csrftoken /sea/"),
        ({"PORTAL_PROFILE": "private"}, "sessionid csrftoken /"),
        ({"DEBUG": "1"}, "sessionid csrftoken /"),
    ],
)
def test_over_https_alone_cookies_have_a_prefix_that_browsers_hold_to(variables, names):
    assert settings_with(*COOKIES, **variables).stdout.strip() == names


@pytest.mark.parametrize(
    ("variables", "cookie"),
    [
        ({}, "__Host-messages / True"),
        ({"PORTAL_URL": "https://localhost/sea"}, "__Secure-messages /sea/ True"),
        ({"PORTAL_PROFILE": "private"}, "messages /"),
    ],
)
def test_so_has_the_cookie_of_messages(variables, cookie):
    script = """
import django; django.setup()
from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse
request, response = HttpRequest(), HttpResponse()
request.session = {}
request._messages = default_storage(request)
messages.success(request, "Saved.")
request._messages.update(response)
for name, one in response.cookies.items(): print(name, one["path"], one["secure"])
"""
    environment = SOUND | {"DJANGO_SETTINGS_MODULE": "config.settings"} | variables
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == cookie
