"""A small world in which everything happens that can happen to published observations."""

import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from species.density.compaction import compact_densities
from species.density.maintain import maintain_densities
from species.density.rebuild import rebuild
from species.models import CuratedObservation, Dataset, RefreshScope, Taxon
from species.models.history import ChangeKind
from species.refresh.copy_text import format_point
from species.refresh.taxonomy.apply_worms import apply_record
from species.refresh.taxonomy.taxa import ensure_taxa
from species.refresh.taxonomy.taxon_moves import accept_name, reparent_taxon
from species.refresh.write.copy import OBSERVATION_COLUMNS, copy_rows
from species.refresh.write.erase import erase_observations
from species.refresh.write.licences import relicense_dataset
from species.refresh.write.load import create_temporary_tables
from species.refresh.write.publish import publish_rows, withdraw_rows
from species.terms import License
from tests import factories
from tests.species.refresh.taxonomy.test_ordinals import row

HERE, THERE = (7.9, 54.2), (-70.5, -33.1)
# Two busy spots, the antimeridian under both its names, the pole, and the border of a tile of zoom
# 6.
PLACES = [HERE, HERE, HERE, THERE, THERE, (180, 10), (-180, 10), (3.0, 88.0), (5.625, 0.0)]
TAXA = [(2, 3, 4), (2, 3, 5), (2, 6, 7), (2, 6, 8), (9,)]


class SmallWorld:
    """Taxa, two datasets, and no observation yet; every act is drawn from the given chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        ensure_taxa([row(*chain) for chain in TAXA])
        self.datasets = [factories.dataset(), factories.dataset(license=License.CC0)]
        self.scope, _ = RefreshScope.objects.get_or_create(parameters={})

    @property
    def acts(self) -> dict[str, Callable[[], Any]]:
        return {
            "add": self.add,
            "change": self.change,
            "withdraw": self.withdraw,
            "move a taxon": self.move,
            "accept": self.accept_name,
            "change a rank": self.change_rank,
            "change a licence": self.change_licence,
            "erase": self.erase,
            "compact": compact_densities,
            "tend": maintain_densities,
            "rebuild": rebuild,
        }

    def add(self, most: int = 40) -> None:
        dataset = self.chance.choice(self.datasets)
        self.publish(
            dataset, [self.observation(dataset) for _ in range(self.chance.randint(1, most))]
        )

    def change(self) -> None:
        """Say other things of what is held, withdrawn ones among them: these return."""
        dataset = self.chance.choice(self.datasets)
        held = list(
            CuratedObservation.objects.filter(dataset=dataset)
            .order_by("key")
            .values_list("key", flat=True)
        )
        chosen = self.chance.sample(held, min(len(held), 15))
        self.publish(dataset, [self.observation(dataset, key=key) for key in chosen])

    def withdraw(self) -> None:
        dataset = self.chance.choice(self.datasets)
        some = f"""'gone' AS reason FROM species_curatedobservation o WHERE o.dataset_id = {dataset.pk}
                   AND o.withdrawn_at IS NULL AND o.id %% 3 = {self.chance.randrange(3)}"""
        with transaction.atomic(), connection.cursor() as cursor:
            withdraw_rows(cursor, some, dataset.pk, None, timezone.now(), {})

    def move(self) -> None:
        taxa = list(
            Taxon.objects.filter(path__isnull=False).values_list("pk", flat=True).order_by("pk")
        )
        reparent_taxon(self.chance.choice(taxa), self.chance.choice(taxa))

    def accept_name(self) -> None:
        one, other = self.chance.sample([4, 5, 7, 8, 9], 2)
        accept_name(one, self.chance.choice([other, None]))

    def change_rank(self) -> None:
        taxon = Taxon.objects.get(pk=self.chance.choice([3, 4, 6, 7]))
        rank = self.chance.choice(["Species", "Genus", "Subspecies"])
        apply_record({"AphiaID": taxon.pk, "scientificname": taxon.scientific_name, "rank": rank})

    def change_licence(self) -> None:
        dataset = self.chance.choice(self.datasets)
        dataset.license = self.chance.choice(License.values)
        dataset.save(update_fields=["license"])
        relicense_dataset(dataset, timezone.now(), None, ChangeKind.CHANGED)

    def erase(self) -> None:
        dataset = self.chance.choice(self.datasets)
        held = list(
            CuratedObservation.objects.filter(dataset=dataset)
            .order_by("key")
            .values_list("key", flat=True)
        )
        erase_observations(dataset, self.chance.sample(held, min(len(held), 4)))

    def observation(self, dataset: Dataset, **given: Any) -> dict[str, Any]:
        chance = self.chance
        chain = chance.choice(TAXA)
        start = chance.choice(
            [None, date(1753, 5, 1), date(1999, 12, 31), date(2020, chance.randint(1, 12), 1)]
        )
        depths = sorted(
            [chance.choice([-3.0, 0.0, 5.0, 10.0, 60.0, 200.0, 5_000.0]) for _ in range(2)]
        )
        shallow, deep = chance.choice(
            [(None, None), (depths[0], None), tuple(depths), tuple(reversed(depths))]
        )
        longitude, latitude = chance.choice(PLACES)
        return factories.observation_fields(
            **{
                "key": uuid.UUID(int=chance.getrandbits(128)),
                "content_hash": uuid.UUID(int=chance.getrandbits(128)),
                "dataset": dataset,
                "scope": self.scope,
                "taxon": Taxon.objects.get(pk=chance.choice(chain)),
                "at": (longitude, latitude),
                "date_start": start,
                "date_end": start and start + timedelta(days=chance.choice([0, 0, 40, 330, 900])),
                "minimum_depth_in_meters": shallow,
                "maximum_depth_in_meters": deep,
                "obis_flags": chance.choice([0, 0, 128, 1]),
                "record_license": chance.choice(License.values),
                "occurrence_status": chance.choice(["present"] * 5 + ["absent"]),
            }
            | given
        )

    def publish(self, dataset: Dataset, rows: list[dict[str, Any]]) -> None:
        """Through the same door as the refresh."""
        with transaction.atomic(), connection.cursor() as cursor:
            create_temporary_tables(cursor)
            cursor.execute("TRUNCATE arriving")
            columns = (*OBSERVATION_COLUMNS, "only_rules_differ")
            copy_rows(cursor, "arriving", columns, [[*copied(fields), False] for fields in rows])
            publish_rows(cursor, "arriving", dataset.pk, self.scope.pk, None, timezone.now())


def copied(fields: dict[str, Any]) -> list[Any]:
    """A row in the order of OBSERVATION_COLUMNS."""
    unsaved = CuratedObservation(**{name: value for name, value in fields.items() if name != "at"})
    values = {name: getattr(unsaved, name) for name in OBSERVATION_COLUMNS}
    return list((values | {"location": format_point(*unsaved.location.coords)}).values())
