"""Fixtures for every test."""

import pytest

from tests.replay.fixtures import replay

__all__ = ["replay"]


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Static files under their own names, as with DEBUG: tests need no `collectstatic`."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
