"""The name of a build: the same for the same release, another for another."""

import re
import shutil

import pytest
from django.conf import settings

from config import build


@pytest.fixture
def release(tmp_path):
    for name in (*build.FOLDERS, build.PACKAGES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (settings.BASE_DIR / name).is_dir() else shutil.copyfile
        copy(settings.BASE_DIR / name, tmp_path / name)
    return tmp_path


def test_the_same_release_has_the_same_name_wherever_it_runs(release):
    (release / "species/__pycache__").mkdir(exist_ok=True)
    (release / "species/__pycache__/filters.cpython-311.pyc").write_bytes(b"of this machine")
    assert re.fullmatch("[0-9a-f]{12}", settings.BUILD)
    assert build.name_of(release) == settings.BUILD


@pytest.mark.parametrize(
    "changed",
    [
        "species/ogc/features.py",
        "templates/ogc/items.html",
        "static/css/portal.css",
        "users/roles.py",
        "poetry.lock",
    ],
)
def test_whatever_is_changed_changes_it(release, changed):
    before = build.name_of(release)
    with (release / changed).open("a", encoding="utf-8") as file:
        file.write(" ")
    after = build.name_of(release)
    assert after != before
    (release / changed).rename(release / "species/moved.py")
    (release / "poetry.lock").touch()
    assert build.name_of(release) not in {before, after}
