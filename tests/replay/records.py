"""Made-up OBIS records, the same at every start: a small world with real quirks, and bulk records."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from tests.replay import taxa as t

TAXON_FIELDS = t.taxon_fields()
SPECIES = [aphia_id for aphia_id, said in TAXON_FIELDS.items() if "species" in said]
NODE = "573654c1-4ce7-4ea2-b2f1-e4d42f8f9c31"
WAIVED = (
    "To the extent possible under law, the publisher has waived all rights to these data (CC0 1.0)"
)
BY = "This work is licensed under a Creative Commons Attribution (CC-BY) 4.0 License."
BY_NC = "This work is licensed under a Creative Commons Attribution Non Commercial (CC-BY-NC) 4.0 License."


def made_up_id(*parts: object) -> str:
    """Return a UUID that is the same at every start."""
    return str(uuid5(NAMESPACE_URL, "replay:" + ":".join(map(str, parts))))


REEF, MUSEUM, TRAWL, EDNA, QUIRKS, SMALL = (
    made_up_id("dataset", name) for name in ("reef", "museum", "trawl", "edna", "quirks", "small")
)
TITLES = {
    REEF: ("Reef watch, a made-up survey", BY),
    MUSEUM: ("A made-up museum's wet collection", WAIVED),
    TRAWL: ("Bottom trawls that never were", None),
    EDNA: ("Environmental DNA out of thin water", BY_NC),
    QUIRKS: ("One of each quirk <b>& more</b>", "Restricted: ask the provider"),
    SMALL: ("A handful of turtles", BY),
}


def day_fields(written: str, start: str | None = None, end: str | None = None) -> dict:
    """Return the eventDate as written and OBIS's days (milliseconds, midnight UTC)."""
    start = start or written[:10]
    low, high = (datetime.fromisoformat(d).replace(tzinfo=UTC) for d in (start, end or start))
    mid = low + (high - low) / 2
    fields = {"eventDate": written, "date_year": mid.year}
    for name, day in (("date_start", low), ("date_mid", mid), ("date_end", high)):
        fields[name] = int(day.timestamp() // 86_400) * 86_400_000
    return fields


def record(
    dataset: str, key: object, aphia_id: int, lon: float, lat: float, day: str, **more
) -> dict:
    """Return a sparse record; a value of ... (Ellipsis) in `more` leaves the key out."""
    said = {
        "id": made_up_id(dataset, key),
        "dataset_id": dataset,
        "node_id": [NODE],
        "occurrenceID": f"made-up:{key}",
        **TAXON_FIELDS[aphia_id],
        "decimalLongitude": lon,
        "decimalLatitude": lat,
        **day_fields(day),
        "basisOfRecord": "HumanObservation",
        "occurrenceStatus": "present",
        "bathymetry": 40,
        "shoredistance": 1200,
        "sst": 14.2,
        "sss": 35.1,
        "modified": "2025-01-15 10:00:00",
        "flags": ["NO_DEPTH"],
        "dropped": False,
        "absence": False,
        **more,
    }
    return {name: value for name, value in said.items() if value is not ...}


def _somewhere(chance: random.Random) -> tuple[float, float, str]:
    day = datetime(2015, 1, 1) + timedelta(days=chance.randrange(3_650))
    return (
        round(chance.uniform(-30, 20), 5),
        round(chance.uniform(30, 60), 5),
        day.date().isoformat(),
    )


def _depths(low: float, high: float) -> dict:
    return {
        "minimumDepthInMeters": low,
        "maximumDepthInMeters": high,
        "depth": (low + high) / 2,
        "flags": [],
    }


def reef(chance: random.Random, count: int = 300) -> list[dict]:
    def more(n: int) -> dict:
        depth = {} if n % 3 else _depths(n % 40, n % 40)
        name = (
            {"vernacularName": chance.choice(["sunfish", "ocean sunfish", "ocean sunfish"])}
            if n % 4 == 0
            else {}
        )
        return (
            depth
            | name
            | {"recordedBy": f"Diver {n % 7}", "individualCount": str(1 + n % 5), "license": BY}
        )

    species = [t.MOLA, t.COD, t.BASS, t.BOTTLENOSE, t.GREEN_TURTLE]
    return [
        record(
            REEF,
            f"reef-{n}",
            t.MOLA if n % 4 == 0 else species[n % 5],
            *_somewhere(chance),
            **more(n),
        )
        for n in range(count)
    ]


def museum(chance: random.Random) -> list[dict]:
    """Return records without occurrenceIDs; every third specimen is three equal replicates."""
    rows = []
    for n in range(40):
        place = _somewhere(chance)
        more = {
            "occurrenceID": ...,
            "basisOfRecord": "PreservedSpecimen",
            "catalogNumber": f"FISH {n}",
            "sex": "Macho",
        }
        copies = 3 if n % 3 == 0 else 1
        rows += [
            record(MUSEUM, f"{n}-{c}", SPECIES[n % len(SPECIES)], *place, **more)
            for c in range(copies)
        ]
    return rows


def trawl(chance: random.Random) -> list[dict]:
    """Return depth ranges, absences (hidden by default), and records stricter than their dataset."""
    rows = []
    for n in range(120):
        more = _depths(20 + n, 30 + n) | {
            "license": "http://creativecommons.org/licenses/by-nc/4.0/"
        }
        if n % 4 == 0:
            more |= {"absence": True, "occurrenceStatus": "absent", "individualCount": "0"}
        rows.append(
            record(TRAWL, f"haul-{n}", [t.COD, t.HERRING][n % 2], *_somewhere(chance), **more)
        )
    return rows


def edna(chance: random.Random) -> list[dict]:
    rows = []
    for n in range(80):
        lon, lat, day = _somewhere(chance)
        end = (datetime.fromisoformat(day) + timedelta(days=500)).date().isoformat()
        span = day_fields(f"{day}/{end}", day, end)
        more = span | {
            "basisOfRecord": "MaterialSample",
            "organismQuantity": "2",
            "coordinateUncertaintyInMeters": 250.0,
        }
        rows.append(
            record(
                EDNA,
                f"otu-{n}",
                [t.COPEPODS, t.BLADDER_WRACK, t.HERRING][n % 3],
                lon,
                lat,
                day,
                **more,
            )
        )
    return rows


LOPHELIA_SAID = {"originalScientificName": "Lophelia pertusa", "unaccepted": t.LOPHELIA}

# differences from a plain sunfish off Lisbon on 2024-06-01
QUIRKY: dict[str, dict] = {
    "plain": {},
    "zero-zero": {
        "decimalLongitude": 0,
        "decimalLatitude": 0,
        "dropped": True,
        "flags": ["ZERO_COORD"],
    },
    "zero-zero-not-dropped": {"decimalLongitude": 0, "decimalLatitude": 0},
    "no-match": {
        "aphiaID": ...,
        "scientificName": "Gadus imaginarius",
        "dropped": True,
        "flags": ["NO_MATCH"],
    },
    "no-taxon": {"aphiaID": ..., "scientificName": ..., "species": ..., "speciesid": ...},
    "absent": {"absence": True, "occurrenceStatus": "absent"},
    "out-of-range": {
        "decimalLongitude": 500,
        "decimalLatitude": -91,
        "flags": ["LON_OUT_OF_RANGE", "LAT_OUT_OF_RANGE"],
    },
    "no-coordinates": {
        "decimalLongitude": ...,
        "decimalLatitude": ...,
        "dropped": True,
        "flags": ["NO_COORD"],
    },
    "null-coordinates": {"decimalLongitude": None, "decimalLatitude": None},
    "text-coordinates": {"decimalLongitude": "-9.5", "decimalLatitude": "38.5"},
    "antimeridian": {"decimalLongitude": 180, "decimalLatitude": -17.5},
    "poleward": {"decimalLatitude": 88.25},
    "on-land": {"shoredistance": -4200, "flags": ["ON_LAND", "NO_DEPTH"]},
    "markup": {
        "originalScientificName": "<script>alert(1)</script>",
        "locality": "<b>Lisbon</b> & Tagus",
    },
    "nul": {"recordedBy": "Ana\x00 Silva\x1b[31m", "occurrenceID": "made-up:nul\x00x"},
    "unusual-letters": {"locality": "Café 🐟 \u202ereversed"},
    "e-mail": {"recordedBy": "Contact: diver@example.org, +351 912 345 678"},
    "synonym": {"aphia_id": t.COLD_WATER_CORAL} | LOPHELIA_SAID,
    "unsure": {"marine": ..., "flags": ["MARINE_UNSURE"]},
    "brackish": {"aphia_id": t.MOSQUITOFISH},
    "depth-reversed": {
        "minimumDepthInMeters": 50,
        "maximumDepthInMeters": 20,
        "flags": ["MIN_DEPTH_EXCEEDS_MAX"],
    },
    "depth-one-sided": {"maximumDepthInMeters": 12.5, "depth": 12.5, "flags": []},
    "depth-negative": _depths(-1.45, -1.45),
    "depth-zero": _depths(0, 0),
    "depth-below-sea-floor": _depths(900, 950) | {"flags": ["DEPTH_EXCEEDS_BATH"]},
    "depth-null": {"minimumDepthInMeters": None, "maximumDepthInMeters": None},
    "year": day_fields("1971", "1971-01-01", "1971-12-31"),
    "month": day_fields("1985-09", "1985-09-01", "1985-09-30"),
    "years": day_fields("1985/1986", "1985-01-01", "1986-12-31"),
    "zero-day": {
        "eventDate": "1985-09-00",
        "date_start": ...,
        "date_mid": ...,
        "date_end": ...,
        "date_year": ...,
    },
    "no-date": {
        "eventDate": ...,
        "date_start": ...,
        "date_mid": ...,
        "date_end": ...,
        "date_year": ...,
    },
    "old": day_fields("1753", "1753-01-01", "1753-12-31"),
    "future": day_fields("2199-01-01") | {"flags": ["DATE_IN_FUTURE"]},
    "zone": day_fields("2012-05-25T23:30:00-09:00", "2012-05-26"),
    "uncertainty-text": {"coordinateUncertaintyInMeters": "250.0"},
    "uncertainty-vague": {"coordinateUncertaintyInMeters": "From the map"},
    "generalised": {
        "dataGeneralizations": "Rounded to 0.1 degrees",
        "informationWithheld": "Exact place on request",
    },
    "footprint": {"footprintWKT": "LINESTRING (-9.5 38.5, -9.4 38.6)"},
    "count-na": {"individualCount": "NA"},
    "count-fraction": {"individualCount": "12125.5"},
    "sex-life-stage-swapped": {"sex": "IND", "lifeStage": "male"},
    "license-cc0": {"license": "cczero"},
    "license-nonsense": {"license": '"see <website>"'},
    "flag-unknown": {"flags": ["A_FLAG_OF_TOMORROW", "no_depth"]},
    "no-identity": {"occurrenceID": ...},
    "twice": {"occurrenceID": "made-up:shared", "locality": "first"},
    "twice-again": {
        "occurrenceID": "made-up:shared",
        "locality": "second, with other content",
        "decimalLatitude": 38.75,
    },
}


def quirks() -> list[dict]:
    return [
        record(
            QUIRKS,
            key,
            **({"aphia_id": t.MOLA, "lon": -9.5, "lat": 38.5, "day": "2024-06-01"} | changes),
        )
        for key, changes in QUIRKY.items()
    ]


def small(chance: random.Random) -> list[dict]:
    return [record(SMALL, f"turtle-{n}", t.LOGGERHEAD, *_somewhere(chance)) for n in range(8)]


def small_world() -> dict[str, list[dict]]:
    """Return the records of each dataset, in the order of their ids."""
    chance = random.Random(20_250_831)
    made = {
        REEF: reef(chance),
        MUSEUM: museum(chance),
        TRAWL: trawl(chance),
        EDNA: edna(chance),
        QUIRKS: quirks(),
    }
    made[SMALL] = small(chance)
    return {key: sorted(rows, key=lambda r: r["id"]) for key, rows in made.items()}


def dataset(
    key: str, title: str, rights: str | None, updated: str = "2025-08-01T00:00:00.000Z"
) -> dict:
    """Return a dataset as OBIS lists it, with contacts, which must not be stored."""
    return {
        "id": key, "url": f"https://example.org/ipt/resource?r={key[:8]}", "archive": None, "published": updated,
        "created": "2020-01-01T00:00:00.000Z", "updated": updated, "core": "occurrence", "extensions": [],
        "title": title,
        "citation": f"Nobody (2025): {title}. Made up.", "citation_id": None, "abstract": "Made up for tests.",
        "intellectualrights": rights, "feed": {"id": made_up_id("feed"), "url": "https://example.org/rss"},
        "institutes": None, "contacts": [{"givenname": "No", "surname": "Body", "email": "nobody@example.org"}],
        "nodes": [{"id": NODE, "name": "A made-up node"}], "keywords": [], "downloads": [],
    }  # fmt: skip


class BulkRecords(Sequence):
    """`count` records of one dataset, in the order of their ids, made on demand (2.4 kB each)."""

    def __init__(self, key: str, count: int):
        self.key, self.count = key, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self._made(n) for n in range(*index.indices(self.count))]
        return self._made(range(self.count)[index])

    def _made(self, n: int) -> dict:
        mixed = (n * 2_654_435_761) & 0xFFFFFFFF
        day = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=mixed % 12_000)
        written, millis = day.date().isoformat(), int(day.timestamp() * 1000)
        depth = float(mixed % 200)
        return {
            **TAXON_FIELDS[SPECIES[mixed % len(SPECIES)]],
            "id": f"{n:08x}-{self.key[9:13]}-4000-8000-{self.key[24:]}",
            "dataset_id": self.key,
            "node_id": [NODE],
            "occurrenceID": f"{self.key}:{n}",
            "decimalLongitude": mixed % 360_000 / 1000 - 180,
            "decimalLatitude": (mixed >> 8) % 170_000 / 1000 - 85,
            "eventDate": written,
            "date_start": millis,
            "date_mid": millis,
            "date_end": millis,
            "date_year": day.year,
            "year": str(day.year),
            "month": str(day.month),
            "day": str(day.day),
            "minimumDepthInMeters": depth,
            "maximumDepthInMeters": depth,
            "depth": depth,
            "basisOfRecord": "HumanObservation",
            "occurrenceStatus": "present",
            "bathymetry": 250,
            "sst": 12.25,
            "sss": 35.0,
            "shoredistance": mixed % 90_000,
            "flags": [],
            "dropped": False,
            "absence": False,
            "individualCount": "1",
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "modified": "2022-01-18 09:29:51",
            **BULK_TEXT,
        }


BULK_TEXT = {
    "datasetName": "Generated for the benchmark of the refresh",
    "institutionCode": "NOWHERE", "collectionCode": "Generated survey of a made-up shelf sea", "language": "en",
    "recordedBy": "A. Diver; B. Diver", "identifiedBy": "A. Diver",
    "locality": "Station 12, made-up bank, northern slope",
    "samplingProtocol": "Visual census along a 50 m transect, two divers, both directions",
    "waterBody": "Atlantic Ocean",
    "country": "Nowhere", "countryCode": "XX", "geodeticDatum": "EPSG:4326 WGS84", "type": "Event",
    "taxonRank": "Species",
    "nomenclaturalCode": "WoRMS LSID", "eventID": "MADEUP:0012:00340", "parentEventID": "MADEUP:0012",
    "occurrenceRemarks": "Taxon recorded as given by the provider; seen once, in good light, by both divers.",
    "dynamicProperties": "visibilityInMeters=12;current=weak", "references": "https://example.org/made-up/survey/12",
}  # fmt: skip
