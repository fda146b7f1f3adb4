"""The one place that makes rows for tests: valid by default, and each derived column kept true."""

import itertools
import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import F

from species.models import CuratedObservation, Dataset, Facet, RefreshScope, Taxon, VernacularName
from species.terms import BasisOfRecord, DatePrecision, Evidence, License

NUMBERS = itertools.count(1)
LONG_AGO = datetime(2020, 1, 1, 12, tzinfo=UTC)
WIDE_GAP = 1 << 40


def taxon(scientific_name: str = "", *, parent: Taxon | None = None, **overrides: Any) -> Taxon:
    """A taxon below its parent (or a root), its path and ordinal in the order of the tree.

    Give `accepted=` for a synonym: it has no place in the tree, as in the portal.
    """
    number = overrides.pop("aphia_id", None) or 1_000_000 + next(NUMBERS)
    name = scientific_name or f"Testudo numerus{number}"
    fields: dict[str, Any] = {
        "rank": "Species",
        "status": "accepted",
        "authorship": "Linnaeus, 1758",
    }
    if overrides.get("accepted") is None:
        path = f"{parent.path if parent else ''}{number}/"
        fields |= {"path": path, "ordinal": ordinal_of(path), "is_marine": True}
    else:
        fields |= {"status": "unaccepted"}
    return Taxon.objects.create(
        aphia_id=number, scientific_name=name, parent=parent, **(fields | overrides)
    )


def ordinal_of(path: str) -> int:
    """A free number between those of the neighbours in the tree."""
    before = (
        Taxon.objects.filter(path__lt=path)
        .order_by("-path")
        .values_list("ordinal", flat=True)
        .first()
        or 0
    )
    after = (
        Taxon.objects.filter(path__gt=path)
        .order_by("path")
        .values_list("ordinal", flat=True)
        .first()
    )
    return before + WIDE_GAP if after is None else (before + after) // 2


def vernacular(taxon: Taxon, name: str, language: str = "eng", **overrides: Any) -> VernacularName:
    return VernacularName.objects.create(taxon=taxon, name=name, language=language, **overrides)


def dataset(title: str = "", **overrides: Any) -> Dataset:
    """A dataset of OBIS under CC BY with nothing in it yet."""
    number = next(NUMBERS)
    fields = {
        "uuid": uuid.uuid4(),
        "title": title or f"Soundings number {number}",
        "citation": f"Somebody (2020). Soundings number {number}.",
        "license": License.CC_BY,
        "license_as_given": "This work is licensed under a Creative Commons Attribution (CC-BY 4.0) License.",
        "url": f"https://ipt.example.org/resource?r=soundings{number}",
    }
    return Dataset.objects.create(**(fields | overrides))


def observation(**overrides: Any) -> CuratedObservation:
    """A published sighting; what is not given is made up, and what depends on it follows.

    Short forms: `at=(longitude, latitude)`; `date_start` alone is one day; `withdrawn_at` brings a
    reason. The counts of its dataset, its taxon and its values are kept as the writer keeps them.
    """
    row = CuratedObservation(**observation_fields(**overrides))
    row.save(force_insert=True)
    state = "withdrawn" if row.withdrawn_at else "published" if row.is_published else "absent"
    Dataset.objects.filter(pk=row.dataset_id).update(**{f"{state}_count": F(f"{state}_count") + 1})
    if row.is_published:
        Taxon.objects.filter(pk=row.taxon_id).update(observation_count=F("observation_count") + 1)
        count_values(row)
    return row


def count_values(row: CuratedObservation) -> None:
    values = [value for facet in Facet.values for value in (facet, str(getattr(row, facet)))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO species_facetcount AS held (facet, value, n) VALUES {', '.join(['(%s, %s, 1)'] * len(Facet))}"
            " ON CONFLICT (facet, value) DO UPDATE SET n = held.n + 1",
            values,
        )


def observation_fields(**given: Any) -> dict[str, Any]:
    """The columns of a valid row, the given ones among them."""
    longitude, latitude = given.pop("at", (7.9, 54.2))
    its_taxon = given.get("taxon") or taxon()
    its_dataset = given.get("dataset") or dataset()
    key = given.get("key") or uuid.uuid4()
    fields: dict[str, Any] = {
        "key": key,
        "obis_id": uuid.uuid4(),
        "content_hash": uuid.uuid4(),
        "occurrence_id": f"urn:test:{key}",
        "taxon": its_taxon,
        "taxon_ordinal": its_taxon.ordinal,
        "species_name": its_taxon.scientific_name,
        "name_as_published": its_taxon.scientific_name,
        "dataset": its_dataset,
        "source": its_dataset.source,
        "license": its_dataset.license,
        "scope": RefreshScope.objects.get_or_create(parameters={})[0]
        if "scope" not in given
        else given["scope"],
        "location": Point(longitude, latitude, srid=4326),
        "basis_of_record": BasisOfRecord.HUMAN_OBSERVATION,
        "evidence": Evidence.SEEN,
        "first_seen": LONG_AGO,
        "last_changed": LONG_AGO,
        **date_fields(given),
    }
    if given.get("withdrawn_at"):
        fields["withdrawal_reason"] = "gone_from_source"
    return fields | given


def date_fields(given: dict[str, Any]) -> dict[str, Any]:
    """Dates in order with their precision; `date_start=None` means that nothing is known."""
    start = given.get("date_start", date(2021, 6, 15))
    if start is None:
        return {"date_start": None, "date_end": None, "date_precision": DatePrecision.NONE}
    end = given.get("date_end") or start
    precision = DatePrecision.DAY if start == end else DatePrecision.RANGE
    written = start.isoformat() if start == end else f"{start}/{end}"
    return {
        "date_start": start,
        "date_end": end,
        "date_precision": precision,
        "event_date": written,
    }
