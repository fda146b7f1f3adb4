"""Examples for the OpenAPI document: made-up rows, printed by the API's own serializers."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point

from species.darwincore import serializers
from species.models import CuratedObservation, Dataset, Taxon, VernacularName
from species.terms import BasisOfRecord, DatePrecision, Evidence, License, ObisFlag, Source

KEY = UUID("5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00")
DAY = datetime(2026, 7, 1, 9, tzinfo=UTC)
LINEAGE = {
    "kingdom": "Animalia",
    "phylum": "Chordata",
    "class_name": "Mammalia",
    "family": "Phocidae",
}
SEAL = Taxon(
    aphia_id=137_084, scientific_name="Phoca vitulina", authorship="Linnaeus, 1758", rank="Species",
    status="accepted", is_marine=True, iucn_category="LC", observation_count=120, **LINEAGE,
)  # fmt: skip
DATASET = Dataset(
    uuid=KEY, title="Soundings", citation="Roe J. (2025) Soundings.", license=License.CC_BY, published_count=4_096,
    license_as_given="CC BY 4.0", url="https://example.org/soundings", updated="2026-06-30T00:00:00.000Z",
    source=Source.OBIS, refreshed_at=DAY,
)  # fmt: skip
ROW = CuratedObservation(
    key=KEY, dataset=DATASET, taxon=SEAL, source=Source.OBIS, occurrence_id="soundings:17", obis_id=KEY,
    species_name="Phoca vitulina", common_name="harbour seal", name_as_published="Phoca vitulina", as_given={},
    aphia_id_as_published=137_084, event_date="2020-05", date_start=date(2020, 5, 1), date_end=date(2020, 5, 31),
    date_precision=DatePrecision.MONTH, location=Point(7.9, 54.2), coordinate_uncertainty_in_meters=50.0,
    basis_of_record=BasisOfRecord.HUMAN_OBSERVATION, evidence=Evidence.SEEN, occurrence_status="present",
    individual_count=2.0, locality="North Sea", license=License.CC_BY, obis_flags=ObisFlag.NO_DEPTH, sst=11.5,
    first_seen=DAY, last_changed=DAY,
)  # fmt: skip
SEAL._prefetched_objects_cache = {  # type: ignore[attr-defined]
    "vernacular_names": [VernacularName(name="harbour seal", language="eng")]
}


ONLY_IN_DETAIL = {
    "footprintWKT": None, "dataGeneralizations": None, "informationWithheld": None, "asGiven": None,
    "bibliographicCitation": DATASET.citation, "datasetLink": DATASET.obis_url,
    "references": f"https://portal.example/observations/{KEY}/",
}  # fmt: skip


def of_rows() -> dict[str, Any]:
    """Return the example responses about one row, by name."""
    feature = serializers.ObservationSerializer(ROW).data
    return {
        "observation": feature,
        "observation in full": feature | {"properties": feature["properties"] | ONLY_IN_DETAIL},
        "dataset": serializers.DatasetSerializer(DATASET).data,
        "taxon": serializers.TaxonSerializer(SEAL).data,
        "taxon in full": serializers.TaxonDetailSerializer(SEAL).data,
    }


AMOUNT = {"number": 120, "low": 120, "high": 120, "isExact": True, "basis": "packed"}
COUNT = {"count": AMOUNT, "notDrawn": AMOUNT | {"number": 0, "low": 0, "high": 0}}
BIN = {"key": "2020", "label": "2020", "number": 120}
HISTOGRAM = {
    "count": AMOUNT,
    "shownBox": None,
    "years": [BIN, {"key": "", "label": "no date", "number": 0}],
    "seasonByDepth": {
        "bands": [{"key": "0,<10", "label": "0 to 10 m", "number": 120}],
        "months": [{"key": "5", "label": "May", "number": 120}],
        "cells": [[120]],
        "buckets": [{"key": "", "label": "no date", "number": 0}],
    },
}
SUMMARY = (
    COUNT
    | HISTOGRAM
    | {
        "topSpecies": [{"aphiaID": 137_084, "scientificName": "Phoca vitulina", "number": 120}],
        "topDatasets": [{"datasetID": str(KEY), "title": "Soundings", "number": 120}],
        "richness": {"species": 1, "records": 120, "basis": "packed"},
        "densestCells": [{"bbox": [7.8, 54.1, 7.9, 54.2], "number": 60}],
        "bases": {"count": "packed"},
    }
)
BRANCHES = {
    "taxon": {"aphiaID": 137_083, "scientificName": "Phoca", "taxonRank": "Genus"},
    "lineage": [{"aphiaID": 2, "scientificName": "Animalia", "taxonRank": "Kingdom"}],
    "records": 120,
    "species": 1,
    "branches": [
        {"aphiaID": 137_084, "scientificName": "Phoca vitulina", "taxonRank": "Species", "vernacularName": None,
         "records": 120, "species": 1},
    ],
    "withheld": 0,
    "numberReturned": 1,
    "next": None,
}  # fmt: skip
SUGGESTIONS = {
    "results": [
        {"aphiaID": 137_084, "matched": "harbour seal", "language": "eng", "scientificName": "Phoca vitulina",
         "taxonRank": "Species", "acceptedNameUsage": None, "records": 120},
    ],
    "didYouMean": [],
}  # fmt: skip
RUN = {
    "id": 17, "mode": "incremental", "state": "done", "isScheduled": True, "isTrial": False, "isComplete": True,
    "queued": "2026-07-01T09:00:00Z", "started": "2026-07-01T09:00:02Z", "finished": "2026-07-01T09:40:00Z",
    "datasetsPlanned": 12, "datasetsDone": 12, "fetched": 1_000, "added": 60, "changed": 30, "unchanged": 900,
    "returned": 0, "rejected": 10, "repeated": 0, "withdrawn": 4, "ofWhichByAnEarlierRun": {},
    "reasons": {"zero_coordinates": 10},
}  # fmt: skip
STATISTICS = {
    "observations": {
        "published": 4_096,
        "absent": 12,
        "withdrawn": 4,
        "total": 4_112,
        "demonstration": 0,
        "publishedDemonstration": 0,
        "absentDemonstration": 0,
        "withdrawnDemonstration": 0,
    },
    "datasets": 12,
    "species": 345,
    "dataVersion": 17,
    "lastChanged": "2026-07-01T09:40:00Z",
    "rejected": [
        {
            "reason": "zero_coordinates",
            "rule": "Both coordinates are 0.",
            "number": 10,
            "isExact": True,
        }
    ],
    "schedule": [
        {
            "mode": "incremental",
            "state": "done",
            "due": "2026-07-01T09:00:00Z",
            "next": "2026-07-08T09:00:00Z",
        }
    ],
}
SELECTION = {
    "hash": "0123456789abcdef0123",
    "query": "taxon=137084&from=2010-01-01",
    "parameters": {"taxon": "137084", "from": "2010-01-01"},
    "words": "Phoca vitulina, from 2010-01-01",
    "expires": "2026-10-01T09:00:00Z",
    "area": None,
    "observations": "https://portal.example/api/v1/observations/?selection=0123456789abcdef0123",
    "map": "https://portal.example/?selection=0123456789abcdef0123",
}
EXAMPLES: dict[str, Any] = of_rows() | {
    "count": COUNT,
    "histogram": HISTOGRAM,
    "summary": SUMMARY,
    "branches": BRANCHES,
    "suggestions": SUGGESTIONS,
    "run": RUN,
    "statistics": STATISTICS,
    "selection": SELECTION,
}
