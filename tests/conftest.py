"""Fixtures for every test."""

import pytest
from django.utils import translation

from tests.replay.fixtures import replay

__all__ = ["replay"]


# before pytest-django, which puts those that empty the database behind the others
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests that take long come first among their kind: whoever is done with the others then waits
    for none of them.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Static files under their own names, as with DEBUG: tests need no `collectstatic`."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}


@pytest.fixture(autouse=True)
def default_language():
    """A request in German leaves its thread in German."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def throttles_of_its_own(settings, request):
    """Each test counts log-ins anew, in memory."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": request.node.nodeid,
        }
    }


@pytest.fixture(autouse=True)
def patience_with_tests(settings):
    """All tests are one client; what public reads it may ask has a test of its own."""
    settings.THROTTLES = {
        name: (10**9, seconds) for name, (_, seconds) in settings.THROTTLES.items()
    }


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Argon2 is slow on purpose; only its own test waits for it."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]


@pytest.fixture(scope="session")
def lane_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lanes")


@pytest.fixture(autouse=True)
def lanes_of_its_own(settings, lane_folder):
    """Tests in other processes take no places here."""
    settings.LANE_FOLDER = lane_folder


@pytest.fixture(autouse=True)
def exact_data_version(settings):
    """Each test sees what it has published at once; what a worker takes for granted has a test of
    its own.
    """
    settings.DATA_VERSION_SECONDS = 0
