"""Schemathesis asks the running portal whatever its own descriptions allow, and what they do not:
no 5xx, no surprise.

Two checks are left out, of what is accepted: a legal question may be refused all the same (a name
that no taxon has), and one that is not described may be answered: blanks are passed over, and a
limit above the most is the most, as the OGC's standard wants it.
"""

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.contrib.auth.models import AnonymousUser

from species.filters import ObservationFilter
from species.models import DataVersion, RefreshRun
from species.selections import save
from tests import factories

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

PROGRAM = str(Path(sys.executable).with_name("schemathesis"))
CHECKS = ("--checks", "all", "--exclude-checks", "positive_data_acceptance,negative_data_rejection")
ASKED = ("--phases", "examples,coverage,fuzzing", "--max-examples", "30", "--request-timeout", "30")
DESCRIPTIONS = {
    "api": ("/api/v1/schema/?format=json", ("--exclude-path-regex", "/api/v1/auth/")),
    "ogc": ("/ogc/api?f=json", ()),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_no_question_makes_the_portal_fail_or_answer_what_it_does_not_describe(
    live_server, tmp_path, name
):
    address, more = DESCRIPTIONS[name]
    (tmp_path / "schemathesis.toml").write_text(config())
    # The first request imports every view, which takes longer on a busy machine than schemathesis
    # waits.
    requests.get(f"{live_server.url}{address}", timeout=120).raise_for_status()
    command = [PROGRAM, "run", f"{live_server.url}{address}", *CHECKS, *ASKED, *more, "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1_800)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]


def config() -> str:
    """Something of everything, and what it is called in addresses, so that the tests reach it."""
    DataVersion.objects.get_or_create(pk=1)
    animals = factories.taxon("Animalia", rank="Kingdom")
    seal = factories.taxon("Phoca vitulina", parent=animals)
    factories.vernacular(seal, "harbour seal")
    made = [factories.observation(taxon=seal) for _ in range(20)][-1]
    factories.observation(taxon=seal, withdrawn_at=factories.LONG_AGO)
    run = RefreshRun.objects.create(mode="full", state="done")
    saved = save(ObservationFilter.from_query({"from": "2010"}), None, AnonymousUser())
    known = {
        "path.key": made.key, "path.uuid": made.dataset.uuid, "path.id": run.pk, "path.name": saved.hash,
        "path.featureId": made.key, "path.aphia_id": seal.pk,
    }  # fmt: skip
    texts = {
        name: value if isinstance(value, int) else f'"{value}"' for name, value in known.items()
    }
    return "[parameters]\n" + "".join(f'"{name}" = {text}\n' for name, text in texts.items())
