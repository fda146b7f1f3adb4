"""The fixture `replay`: a stand-in for OBIS and WoRMS with a fresh small world."""

from collections.abc import Iterator

import pytest

from tests.replay.server import Replay


@pytest.fixture
def replay() -> Iterator[Replay]:
    with Replay() as running:
        yield running
