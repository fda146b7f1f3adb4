"""The measurements run to their end in a clean checkout, and leave no database behind."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".local", "staticfiles", "__pycache__", ".*_cache", ".hypothesis")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the checkout in which nothing has run yet; it shares our virtual environment."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    (folder / ".local").mkdir()
    stamp = "import json; from config.setup import install; print(json.dumps(install._wanted_stamp(True)))"
    made = subprocess.run([sys.executable, "-c", stamp], cwd=folder, capture_output=True, text=True, check=True)
    (folder / ".local" / "installed.json").write_text(json.dumps(json.loads(made.stdout)))
    return folder


@pytest.mark.parametrize(
    ("name", "size", "figure"),
    [("bench", {"ROWS": "3000"}, "own profile"), ("bench-refresh", {"RECORDS": "300"}, "bytes per record")],
)
def test_a_benchmark_runs_in_a_clean_checkout_and_drops_its_database(checkout, name, size, figure):
    command = [sys.executable, "-m", "config.setup.check", name]
    done = subprocess.run(command, cwd=checkout, env=os.environ | size, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert figure in done.stdout
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = 'marine_tracker_bench'")
        assert cursor.fetchone() == (0,)
