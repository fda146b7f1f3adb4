"""Staff see the portal's data; facts stay facts; lists stay fast however many rows there are."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from species.admin import rejected
from species.models import (
    ChangeKind,
    CuratedObservation,
    ObservationChange,
    RecordAsReceived,
    RefreshRun,
    RejectedRecord,
    VernacularName,
)
from species.refresh.payload import pack_record
from species.terms import Finding, ObisFlag
from tests import factories
from tests.markup import squeezed
from tests.users.people import staff, superuser
from users.admin import base

pytestmark = pytest.mark.django_db
LISTS = ("taxon", "dataset", "curatedobservation", "refreshrun", "rejectedrecord")
FACTS = ("curatedobservation", "dataset", "rejectedrecord", "taxon", "refreshrun")
LATER = datetime(2026, 1, 2, tzinfo=UTC)


def list_url(model: str) -> str:
    return reverse(f"admin:species_{model}_changelist")


def row_url(row) -> str:
    return reverse(f"admin:species_{row._meta.model_name}_change", args=[row.pk])


def text_of(client, address: str, **query) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return squeezed(answer.content.decode())


def refused(**fields) -> RejectedRecord:
    its_dataset = fields.pop("dataset", None) or factories.dataset()
    defaults = {
        "key": uuid4(),
        "record_hash": uuid4(),
        "reason": "no_taxon",
        "payload": pack_record({"scientificName": "?"}),
    }
    return RejectedRecord.objects.create(
        **(defaults | {"dataset": its_dataset, "first_seen": LATER, "last_seen": LATER} | fields)
    )


@pytest.fixture
def root(client):
    account = superuser()
    client.force_login(account)
    return account


@pytest.mark.parametrize("model", LISTS)
def test_strangers_are_asked_to_log_in(client, model):
    assert client.get(list_url(model))["location"].startswith("/admin/login/")


@pytest.mark.parametrize("model", LISTS)
def test_staff_without_the_right_see_nothing(client, model):
    client.force_login(staff())
    assert client.get(list_url(model)).status_code == 403


@pytest.mark.parametrize("model", LISTS)
def test_a_list_asks_the_same_few_questions_for_any_number_of_rows(
    client, root, model, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(3):
        refused(dataset=factories.observation().dataset)
    with django_assert_max_num_queries(30) as few:
        client.get(list_url(model))
    for _ in range(12):
        refused(dataset=factories.observation().dataset)
    with django_assert_num_queries(len(few)):
        client.get(list_url(model))


@pytest.mark.parametrize("model", LISTS)
def test_no_list_counts_a_whole_table(client, root, model, django_assert_max_num_queries):
    refused(dataset=factories.observation().dataset)
    with django_assert_max_num_queries(30) as asked:
        client.get(list_url(model))
    counting = [
        query["sql"] for query in asked if "COUNT(" in query["sql"] and "species_" in query["sql"]
    ]
    assert all("LIMIT" in sql for sql in counting if "refreshrun" not in sql), counting


def test_a_list_that_is_cut_says_so(client, root, monkeypatch):
    monkeypatch.setattr(base, "MOST_LISTED", 3)
    for _ in range(5):
        factories.observation()
    assert "The first 3 of more curated observations" in text_of(
        client, list_url("curatedobservation")
    )


@pytest.mark.parametrize("model", FACTS)
def test_facts_are_neither_deleted_nor_changed_not_even_by_superusers(client, root, model):
    row = factories.observation()
    rows = {
        "curatedobservation": row, "dataset": row.dataset, "taxon": row.taxon, "rejectedrecord": refused(),
        "refreshrun": RefreshRun.objects.create(mode="full"),
    }  # fmt: skip
    address = reverse(f"admin:species_{model}_delete", args=[rows[model].pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    answer = client.post(
        row_url(rows[model]), {"species_name": "Mine", "title": "Mine", "state": "done"}
    )
    assert answer.status_code in (302, 403, 200)
    row.refresh_from_db()
    rows[model].refresh_from_db()
    assert (row.species_name, row.dataset.title) != ("Mine", "Mine")
    assert getattr(rows[model], "state", "queued") == "queued"


def test_an_observation_is_found_by_key_aphia_id_and_name(client, root):
    cod = factories.taxon("Gadus morhua", aphia_id=126436)
    factories.vernacular(cod, "Atlantic cod")
    row, other = factories.observation(taxon=cod), factories.observation()
    for term in (str(row.key), "126436", "gadus MORHUA", "atlantic cod"):
        page = text_of(client, list_url("curatedobservation"), q=term)
        assert (str(row.key) in page, str(other.key) in page) == (True, False), term
    assert "0 curated observations" in text_of(
        client, list_url("curatedobservation"), q="nothing like this"
    )
    assert client.get(list_url("curatedobservation"), {"q": "a\x00b"}).status_code == 400


def test_observations_are_listed_by_dataset_and_by_nothing_without_an_index(client, root):
    row, other = factories.observation(), factories.observation()
    page = text_of(client, list_url("curatedobservation"), dataset__id__exact=row.dataset_id)
    assert (str(row.key) in page, str(other.key) in page) == (True, False)
    assert (
        client.get(list_url("curatedobservation"), {"locality__icontains": "x"}).status_code == 400
    )


def test_an_observations_page_shows_flags_history_and_the_record_as_received(client, root):
    row = factories.observation(
        obis_flags=ObisFlag.ON_LAND,
        findings=Finding.DEPTH_REVERSED,
        as_given={"sex": "<b>Macho</b>"},
    )
    RecordAsReceived.objects.create(
        observation=row, payload=pack_record({"locality": "<script>alert(1)</script> Kiel"})
    )
    ObservationChange.objects.create(
        observation=row, at=LATER, kind=ChangeKind.CHANGED, old_values={"locality": "the old place"}
    )
    page = text_of(client, row_url(row))
    assert "ON_LAND" in page
    assert "the old place" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Kiel" in page
    assert "&lt;b&gt;Macho&lt;/b&gt;" in page
    assert "Macho</b>" not in page


def test_only_the_page_with_the_map_allows_its_script_and_by_a_nonce(client, root):
    row = factories.observation()
    policy = client.get(row_url(row))["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe" not in policy
    assert "nonce" not in client.get(list_url("curatedobservation"))["Content-Security-Policy"]


def test_the_map_asks_nobody_for_tiles(client, root):
    page = text_of(client, row_url(factories.observation()))
    assert "openstreetmap" not in page
    assert '"layers": []' in page


def test_a_taxon_is_found_by_aphia_id_beginning_and_common_name(client, root):
    cod, other = factories.taxon("Gadus morhua", aphia_id=126436), factories.taxon("Mola mola")
    factories.vernacular(cod, "Atlantic cod")
    for term in ("126436", "gadus", "ATLANTIC COD"):
        page = text_of(client, list_url("taxon"), q=term)
        assert (cod.scientific_name in page, other.scientific_name in page) == (True, False), term


def test_a_taxons_page_leads_up_the_tree(client, root):
    family = factories.taxon("Gadidae", rank="Family")
    genus = factories.taxon("Gadus", rank="Genus", parent=family)
    cod = factories.taxon("Gadus morhua", parent=genus)
    line = f'<a href="{row_url(family)}">Gadidae</a> / <a href="{row_url(genus)}">Gadus</a>'
    assert line in text_of(client, row_url(cod))


def preference(taxon, preferred) -> dict[str, object]:
    """The inline form of a taxon in which exactly these names are preferred."""
    names = list(taxon.vernacular_names.order_by("language", "-record_count", "name"))
    form: dict[str, object] = {
        "vernacular_names-TOTAL_FORMS": len(names), "vernacular_names-INITIAL_FORMS": len(names),
    }  # fmt: skip
    for n, name in enumerate(names):
        form |= {f"vernacular_names-{n}-id": name.pk, f"vernacular_names-{n}-taxon": taxon.pk}
        form |= {f"vernacular_names-{n}-name": "forged", f"vernacular_names-{n}-language": "xxx"}
        if name in preferred:
            form[f"vernacular_names-{n}-is_preferred"] = "on"
    return form


@pytest.fixture
def cod_with_names():
    cod = factories.taxon("Gadus morhua")
    names = [factories.vernacular(cod, name) for name in ("Atlantic cod", "codling")]
    factories.vernacular(cod, "morue", "fra")
    factories.observation(taxon=cod, common_name="Atlantic cod")
    return cod, *names


def test_an_editor_prefers_a_name_and_the_observations_follow(client, cod_with_names):
    cod, atlantic, codling = cod_with_names
    client.force_login(staff("editor", "species.view_taxon", "species.change_vernacularname"))
    assert client.post(row_url(cod), preference(cod, [codling])).status_code == 302
    assert list(VernacularName.objects.filter(is_preferred=True)) == [codling]
    assert CuratedObservation.objects.get().common_name == "codling"
    assert client.post(row_url(cod), preference(cod, [atlantic])).status_code == 302
    assert list(VernacularName.objects.filter(is_preferred=True)) == [atlantic]
    assert set(VernacularName.objects.values_list("name", flat=True)) == {
        "Atlantic cod",
        "codling",
        "morue",
    }


def test_two_preferred_names_of_one_language_are_refused(client, root, cod_with_names):
    cod, *names = cod_with_names
    answer = client.post(row_url(cod), preference(cod, names))
    assert "Choose only one preferred name in eng" in answer.content.decode()
    assert not VernacularName.objects.filter(is_preferred=True).exists()


def test_who_may_only_look_at_taxa_prefers_nothing(client, cod_with_names):
    cod, atlantic, _ = cod_with_names
    client.force_login(staff("reader", "species.view_taxon"))
    assert client.post(row_url(cod), preference(cod, [atlantic])).status_code == 403
    assert not VernacularName.objects.filter(is_preferred=True).exists()


def test_rejected_records_are_counted_by_reason_up_to_a_bound(client, root, monkeypatch):
    monkeypatch.setattr(rejected, "COUNTED_TO", 2)
    for reason in ("no_taxon", "no_taxon", "no_taxon", "zero_coordinates"):
        refused(reason=reason)
    page = text_of(client, list_url("rejectedrecord"))
    assert "no taxon (more than 2)" in page
    assert "zero coordinates (1)" in page
    assert "1 rejected record" in text_of(
        client, list_url("rejectedrecord"), reason="zero_coordinates"
    )


def test_a_rejected_record_is_shown_with_its_rule_as_it_was_received(client, root):
    row = refused(
        reason="zero_coordinates",
        payload=pack_record({"decimalLatitude": 0, "locality": "<i>Null Island</i>"}),
    )
    page = text_of(client, row_url(row))
    assert rejected.STATEMENTS["zero_coordinates"].split("'")[0][:30] in page
    assert "&lt;i&gt;Null Island&lt;/i&gt;" in page


def test_a_packed_record_that_cannot_be_read_breaks_no_page(client, root):
    assert "Can&#x27;t be unpacked" in text_of(client, row_url(refused(payload=b"\x02rubbish")))


def test_addresses_from_upstream_become_links_only_when_they_are_of_the_web(client, root):
    row = factories.dataset(url="javascript:alert(1)", archive_url="https://ipt.example.org/a")
    page = text_of(client, row_url(row))
    assert 'href="javascript' not in page
    assert 'href="https://ipt.example.org/a" rel="nofollow noopener"' in page


def test_nothing_is_logged_by_looking(client, root):
    text_of(client, row_url(factories.observation()))
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "lookup", ["__regex=(", "__range=1", "__year=99999", "__contained_by=x", "__startswith=a"]
)
@pytest.mark.parametrize(
    ("model", "field"),
    [
        *(
            ("species_dataset", "title"),
            ("species_refreshrun", "started_at"),
            ("species_taxon", "aphia_id"),
        ),
        *(
            ("users_auditentry", "at"),
            ("users_unsentmail", "facts"),
            ("users_user", "role"),
            ("auth_group", "name"),
        ),
    ],
)
def test_a_list_is_filtered_by_its_own_filters_alone(client, root, model, field, lookup):
    assert client.get(f"{reverse(f'admin:{model}_changelist')}?{field}{lookup}").status_code == 400


@pytest.mark.parametrize(
    ("model", "query"),
    [
        *(("species_dataset", "license__exact=cc0"), ("species_dataset", "source__exact=obis")),
        *(
            ("species_refreshrun", "is_scheduled__exact=1"),
            ("users_unsentmail", "ended_at__isempty=1"),
        ),
        *(
            ("users_user", "role__exact=observer"),
            ("users_auditentry", "at__gte=2026-01-01&at__lt=2026-01-02"),
        ),
        *(("users_auditentry", "at__isnull=False"), ("species_rejectedrecord", "reason=no_taxon")),
    ],
)
def test_the_filters_of_a_list_are_allowed(client, root, model, query):
    assert client.get(f"{reverse(f'admin:{model}_changelist')}?{query}").status_code == 200


@pytest.mark.parametrize("model", ["users_user", "auth_group", "species_refreshrun"])
@pytest.mark.parametrize("chosen", ["abc", "1,2", "\u00b2", ""])
def test_an_action_on_a_row_that_cannot_be_is_a_bad_request(client, root, model, chosen):
    address = reverse(f"admin:{model}_changelist")
    action = "cancel" if model == "species_refreshrun" else "delete_selected"
    answer = client.post(address, {"action": action, "_selected_action": chosen})
    assert answer.status_code == 400
