"""Random records and selections for the proof that every way to an answer agrees; a seed makes the
same ones again.
"""

from copy import copy
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from species.atlas.grid import latitude
from species.density.compaction import compact_densities
from species.density.rebuild import rebuild
from species.models import CuratedObservation, Dataset, DataVersion, RefreshScope, Taxon
from species.models.grid import MAX_LATITUDE
from species.refresh.copy_text import format_point
from species.refresh.write.copy import OBSERVATION_COLUMNS, copy_rows
from species.refresh.write.load import create_temporary_tables
from species.refresh.write.publish import publish_rows, withdraw_rows
from species.terms import BasisOfRecord, Evidence, Finding, License, LifeStage, ObisFlag
from tests import factories

Site = tuple[float, float]  # longitude, latitude

# On the antimeridian under both its names, on borders of tiles and a hair beside them, at the poles
# and the map's edge.
SITES: list[Site] = [
    *(
        (180.0, 10.0),
        (-180.0, 10.0),
        (179.9999999, -17.0),
        (-179.9999999, -17.0),
        (0.0, 50.0),
        (-1e-9, 50.0),
    ),
    *(
        (45.0, 0.0),
        (45.0, 1e-9),
        (-90.0, latitude(3, 5)),
        (11.25, latitude(11, 5)),
        (11.25, latitude(11, 5) - 1e-12),
    ),
    *(
        (7.9, latitude(5_000, 14)),
        (20.0, 90.0),
        (20.0, -90.0),
        (-30.0, MAX_LATITUDE),
        (-30.0, 85.06),
        (3.0, -85.06),
    ),
    *(
        (7.9, 54.2),
        (7.91, 54.2),
        (-70.5, -33.0),
        (-70.5, -33.0001),
        (120.0, 12.5),
        (151.2, -33.9),
        (-122.4, 37.8),
    ),
]
DEPTHS = [None, -3.0, 0.0, 5.0, 10.0, 49.9, 50.0, 200.0, 3_999.0, 10_000.0]
CONDITIONS: dict[str, list[str]] = {
    "lifeStage": ["larva", "adult,unknown"],
    "taxon": ["2", "3", "4", "5", "3,4", "999"],
    "q": ["Quaero", "nullus"],
    "bbox": [
        "-180,-90,180,90",
        "170,-30,-170,30",
        "0,0,90,90",
        "180,-90,180,90",
        "-90,-40,45,60",
        "7.9,54,8,55",
    ],
    "polygon": [
        "POLYGON((170 -30,190 -30,190 30,170 30,170 -30))",
        "POLYGON((0 40,20 40,20 60,0 60,0 40),(7.905 54,8 54,8 55,7.905 55,7.905 54))",
        "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
    ],
    "near": [
        "54.2,7.9,0.1",
        "54.2,7.9,5",
        "-17,180,1",
        "89,20,500",
        "10,-179.9,100",
        "-33,-70.5,4000",
    ],
    "from": ["1900", "2019", "2020-01-01", "2020-06-15", "unknown"],
    "to": ["2019-12-31", "2020", "2020-07"],
    "months": ["6", "6-8", "11-2", "1-12", "2,7"],
    "dateMatch": ["possible", "possibleOrUndated"],
    "depth": ["unknown", "0,<10", "0,50", "10,<50", "200,", ",<0", "3999,10000", "0,<4000"],
    "depthMatch": ["possible"],
    "evidence": ["seen", "dna,specimen"],
    "basis": ["HumanObservation", "unknown"],
    "source": ["obis"],
    "licence": ["cc0", "cc-by-nc,unknown"],
    "iucn": ["EN,CR", "unknown"],
    "flag": ["NO_DEPTH", "ON_LAND,PLACE_VAGUE"],
    "notFlag": ["ON_LAND", "NO_DEPTH"],
    "maxUncertainty": ["100", "unknown"],
}


class World:
    """Two datasets, five taxa in a tree and a scope, which every example starts from."""

    def __init__(self) -> None:
        root = factories.taxon("Animalia", aphia_id=2, rank="Kingdom")
        fish = factories.taxon("Quaerentia", aphia_id=3, rank="Family", parent=root)
        whale = factories.taxon("Balaena nulla", aphia_id=4, parent=root, iucn_category="EN")
        self.taxa: list[Taxon] = [fish, whale]
        self.taxa += [
            factories.taxon(f"Quaero {n}", aphia_id=n, parent=fish, iucn_category="LC")
            for n in (5, 6)
        ]
        self.datasets: list[Dataset] = [factories.dataset("Large"), factories.dataset("Small")]
        self.scope, _ = RefreshScope.objects.get_or_create(parameters={})
        with connection.cursor() as cursor:
            create_temporary_tables(cursor)

    def record(
        self, random: Random, key: UUID, dataset: Dataset, sites: list[Site]
    ) -> CuratedObservation:
        """Any legal observation at one of the sites."""
        start, end = days(random)
        low, high = random.choice(DEPTHS), random.choice(DEPTHS)
        return CuratedObservation(
            **factories.observation_fields(
                key=key,
                dataset=dataset,
                taxon=random.choice(self.taxa),
                scope=self.scope,
                at=random.choice(sites),
                date_start=start,
                date_end=end,
                minimum_depth_in_meters=low,
                maximum_depth_in_meters=random.choice([low, high]),
                evidence=random.choice(Evidence.values),
                basis_of_record=random.choice(
                    [BasisOfRecord.HUMAN_OBSERVATION, BasisOfRecord.UNKNOWN]
                ),
                license=random.choice(License.values),
                life_stage=LifeStage.values[key.int % len(LifeStage.values)],
                obis_flags=random.choice([0, int(ObisFlag.NO_DEPTH), int(ObisFlag.ON_LAND)]),
                findings=random.choice(
                    [0, int(Finding.ON_LAND), int(Finding.PLACE_VAGUE | Finding.DEPTH_ZERO)]
                ),
                coordinate_uncertainty_in_meters=random.choice([None, 50.0, 5_000.0]),
                occurrence_status=random.choice(["present"] * 9 + ["absent"]),
            )
        )

    def publish(self, rows: list[CuratedObservation]) -> None:
        """Add, change or return the rows of one dataset, as the refresh does."""
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE arriving")
            columns = (*OBSERVATION_COLUMNS, "payload", "only_rules_differ")
            copy_rows(
                cursor, "arriving", columns, [(*columns_of(row), None, False) for row in rows]
            )
            publish_rows(
                cursor, "arriving", rows[0].dataset_id, self.scope.pk, None, timezone.now()
            )

    def withdraw(self, dataset: Dataset, keys: list[UUID]) -> None:
        condition = (
            "'gone_from_source' AS reason FROM species_curatedobservation o"
            " WHERE o.dataset_id = %(dataset)s AND o.key = ANY(%(keys)s::uuid[]) AND o.withdrawn_at IS NULL"
        )
        with connection.cursor() as cursor:
            withdraw_rows(
                cursor,
                condition,
                dataset.pk,
                None,
                timezone.now(),
                {"keys": [str(key) for key in keys]},
            )

    def fill(self, random: Random, size: int) -> list[Site]:
        """About so many records, of which some were changed, withdrawn or came back; answers the
        sites they lie at.

        Densities are there from the first, from before the changes or not at all, and are compacted
        or not.
        """
        sites = random.sample(SITES, 6)
        held: list[dict[UUID, CuratedObservation]] = []
        for dataset, number in zip(self.datasets, (size - size // 4, size // 4), strict=True):
            keys = [UUID(int=random.getrandbits(128)) for _ in range(number)]
            held.append({key: self.record(random, key, dataset, sites) for key in keys})
        for rows in held:
            self.publish(list(rows.values()))
            if random.random() < 0.7:
                rebuild()
        for dataset, rows in zip(self.datasets, held, strict=True):
            self.publish(
                [
                    self.changed(random, row, sites)
                    for row in random.sample([*rows.values()], len(rows) // 4)
                ]
            )
            gone = random.sample([*rows], len(rows) // 5)
            self.withdraw(dataset, gone)
            back = [rows[key] for key in gone[: len(gone) // 2]]
            self.publish([random.choice([row, self.changed(random, row, sites)]) for row in back])
        random.choice([lambda: None, lambda: None, compact_densities, rebuild])()
        DataVersion.advance()
        return sites

    def changed(
        self, random: Random, row: CuratedObservation, sites: list[Site]
    ) -> CuratedObservation:
        """The observation with everything else in it, or with something that no density knows."""
        other = self.record(random, row.key, row.dataset, sites)
        if random.random() < 0.5:
            return other
        same = copy(row)
        same.content_hash, same.evidence = other.content_hash, other.evidence
        return same


def days(random: Random) -> tuple[date | None, date | None]:
    """A day, a month, a year, several years or nothing."""
    start = date(random.choice([1753, 1900, 2018, 2019, 2020, 2021]), random.randint(1, 12), 1)
    match random.randrange(6):
        case 0:
            return None, None
        case 1:
            return start.replace(month=1), start.replace(month=12, day=31)
        case 2:
            return start, start + timedelta(days=random.choice([27, 40, 200, 400, 3_000]))
        case _:
            day = start + timedelta(days=random.randrange(28))
            return day, day


def columns_of(row: CuratedObservation) -> list[Any]:
    values = {"location": format_point(*row.location.coords)}
    return [values.get(name, getattr(row, name)) for name in OBSERVATION_COLUMNS]


def selection_of(random: Random, datasets: list[Dataset]) -> dict[str, str]:
    """A question of none to four conditions."""
    offered = CONDITIONS | {"dataset": [str(dataset.uuid) for dataset in datasets]}
    names = random.sample(sorted(offered), random.choice([0, 0, 1, 1, 1, 2, 2, 3, 4]))
    asked = {name: random.choice(offered[name]) for name in names}
    if "to" in asked and asked.get("from", "") > asked["to"]:
        del asked["to"]
    return asked
