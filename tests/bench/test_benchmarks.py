"""The benchmarks run in a clean checkout with few records, and leave no database behind. They take
minutes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.chaos]
ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".local", "staticfiles", "__pycache__", ".*_cache", ".hypothesis"
)
STATIC = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
from django.templatetags.static import static
print(static("css/portal.css"))
"""


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the checkout in which nothing has run yet; it shares our virtual environment."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    (folder / ".local").mkdir()
    stamp = "import json; from config.setup import install; print(json.dumps(install._wanted_stamp(True)))"
    made = subprocess.run(
        [sys.executable, "-c", stamp], cwd=folder, capture_output=True, text=True, check=True
    )
    (folder / ".local" / "installed.json").write_text(json.dumps(json.loads(made.stdout)))
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-c", STATIC], r"/static/css/portal\.[0-9a-f]{12}\.css"),
        (["bench/atlas.py"], "own profile"),
        (["bench/refresh.py"], "bytes per record: "),
    ],
    ids=["static files", "atlas", "refresh"],
)
def test_a_benchmark_runs_in_a_clean_checkout_and_drops_its_database(checkout, words, said):
    command = [
        "import sys; from config.setup.check import measure; sys.exit(measure(sys.argv[1], sys.argv[2:]))",
        *words,
    ]
    done = subprocess.run(
        [sys.executable, "-c", *command],
        cwd=checkout, env=os.environ | {"RECORDS": "300", "ROWS": "20000"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(said, done.stdout), done.stdout
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = 'marine_tracker_bench'")
        assert cursor.fetchone() == (0,)
