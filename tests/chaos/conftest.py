"""The fixture of every test of the refresh."""

from tests.refreshing import upstream

__all__ = ["upstream"]
