"""Demonstration data come and go as a whole, and touch nothing else."""

import re
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models import Sum

from species.models import (
    CuratedObservation,
    Dataset,
    DatasetWalk,
    DataVersion,
    RecordAsReceived,
    RejectedRecord,
    Taxon,
    WalkedRecord,
)
from species.pages.context import has_demonstration_data
from species.refresh.lock import LOCK
from species.terms import Source
from tests import factories
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def private_portal(settings, tmp_path, monkeypatch):
    settings.PROFILE = "private"
    monkeypatch.setenv("DEMO_ACCOUNTS_FILE", str(tmp_path / "private" / "demo-accounts.txt"))
    return tmp_path / "private" / "demo-accounts.txt"


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_demo_data", *arguments, stdout=out)
    return out.getvalue()


def rows_of_portal() -> dict[str, int]:
    """How many rows each table of the portal's data holds."""
    models = (
        CuratedObservation,
        RecordAsReceived,
        RejectedRecord,
        Dataset,
        DatasetWalk,
        WalkedRecord,
    )
    return {model.__name__: model.objects.count() for model in models}


def assert_counts_are_true() -> None:
    for dataset in Dataset.objects.all():
        rows = dataset.observations
        assert dataset.published_count == rows.published().count(), dataset
        assert (
            dataset.absent_count
            == rows.filter(withdrawn_at=None, occurrence_status="absent").count()
        ), dataset
    for taxon in Taxon.objects.filter(rank="Species"):
        assert taxon.observation_count == taxon.observations.published().count(), taxon


def test_it_fills_six_datasets_that_say_what_they_are():
    said = load("--records", "600")
    datasets = Dataset.objects.all()
    assert len(datasets) == 6
    assert all(
        one.title.startswith("Demonstration: ") and one.source == Source.DEMONSTRATION
        for one in datasets
    )
    assert len({one.license for one in datasets}) >= 4
    held = CuratedObservation.objects.count()
    assert held + RejectedRecord.objects.count() == 600
    assert f"{held} added" in said
    assert set(CuratedObservation.objects.values_list("source", flat=True)) == {"demonstration"}
    assert CuratedObservation.objects.exclude(common_name="").exists()
    assert_counts_are_true()


def test_loading_twice_changes_nothing():
    load("--records", "600")
    before, version = rows_of_portal(), DataVersion.current()
    said = load("--records", "600")
    assert "0 added, 0 changed, 0 returned" in said
    assert (rows_of_portal(), DataVersion.current()) == (before, version)


def test_a_killed_load_is_completed_by_the_next():
    load("--records", "200")
    load("--records", "600")
    assert CuratedObservation.objects.count() + RejectedRecord.objects.count() == 600
    assert_counts_are_true()


def test_removing_leaves_real_data_as_they_were():
    real = factories.observation(taxon=factories.taxon("Mola mola", aphia_id=127405))
    rejected = RejectedRecord.objects.count()
    before = rows_of_portal()
    load("--records", "600")
    assert Taxon.objects.get(pk=127405).observation_count > 1
    version = DataVersion.current()
    said = load("--remove")
    assert re.fullmatch(r"Removed \d+ demonstration records and 6 datasets\.\n", said)
    assert rows_of_portal() == before
    assert (RejectedRecord.objects.count(), DataVersion.current() > version) == (rejected, True)
    assert CuratedObservation.objects.get() == real
    assert Taxon.objects.aggregate(n=Sum("observation_count"))["n"] == 1
    assert_counts_are_true()


def test_the_banner_goes_with_the_last_demonstration_record(django_assert_num_queries):
    assert not has_demonstration_data()
    load("--records", "50")
    with django_assert_num_queries(1):
        assert has_demonstration_data()
    load("--remove")
    assert not has_demonstration_data()


def test_accounts_are_made_once_and_only_their_owner_reads_the_passwords(client, private_portal):
    said = load("--records", "5")
    written = private_portal.read_text()
    assert written.strip() in said
    assert stat.S_IMODE(private_portal.stat().st_mode) == 0o600
    roles = set(User.objects.values_list("username", "role", "is_superuser"))
    assert roles == {
        ("demo-admin", "moderator", True),
        ("demo-researcher", "researcher", False),
        ("demo-observer", "observer", False),
    }
    email, password = re.search(r"(admin@\S+)\s+(\S+)", written).groups()
    assert (
        client.post("/accounts/login/", {"login": email, "password": password})["location"] == "/"
    )
    load("--records", "5")
    assert private_portal.read_text() == written


def test_an_account_that_was_deleted_comes_back_with_a_new_password(private_portal):
    load("--records", "5")
    before = private_portal.read_text().splitlines()
    User.objects.get(username="demo-observer").delete()
    load("--records", "5")
    after = private_portal.read_text().splitlines()
    assert after[:3] == before[:3]
    assert after[3] != before[3]
    assert len(after) == 4


def test_a_public_portal_gets_no_demonstration_accounts(settings, private_portal):
    settings.PROFILE, settings.DEBUG = "production", False
    assert "No demonstration accounts" in load("--records", "5")
    assert not User.objects.exists()
    assert not private_portal.exists()


@pytest.mark.parametrize("number", ["0", "-1", "many", "5000001"])
def test_a_number_that_makes_no_sense_is_refused(number):
    with pytest.raises(CommandError, match="--records must be") as refusal:
        load("--records", number)
    assert refusal.value.returncode == 2


def test_it_does_not_run_beside_a_refresh():
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(CommandError, match="A refresh is running") as refusal:
            load("--records", "5")
    finally:
        other.close()
    assert refusal.value.returncode == 75
    assert not CuratedObservation.objects.exists()


def test_log_ins_of_another_database_are_told_and_kept_nowhere(
    settings, private_portal, monkeypatch
):
    monkeypatch.delenv("DEMO_ACCOUNTS_FILE")
    settings.USES_PRIVATE_CLUSTER = False
    assert "admin@demo.example" in load("--records", "5")
    assert not private_portal.exists()
    assert "admin@demo.example" not in load("--records", "5")
