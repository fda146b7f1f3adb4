"""The code keeps to the style and its types, and bandit finds nothing in it; `make lint` also looks
at deployment.
"""

import subprocess
import sys

import pytest
from django.conf import settings

from config.setup.check import LINTERS


@pytest.mark.parametrize("command", LINTERS, ids=lambda command: " ".join(command[2:4]))
def test_a_linter_finds_nothing(command):
    done = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
