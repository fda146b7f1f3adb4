"""What the tests of enrichment share: taxa as records bring them, observations of them, and one
pass over WoRMS.
"""

import pytest

from species.models import CuratedObservation, Taxon
from species.refresh.clean.lineage import read_taxon
from species.refresh.fetch.worms import Worms
from species.refresh.taxonomy.enrich import enrich_taxa
from species.refresh.taxonomy.taxa import ensure_taxa
from tests import factories
from tests.replay.records import TAXON_FIELDS


@pytest.fixture
def worms(replay):
    with Worms(
        replay.worms_url, pace=0, retries=1, timeout=(5, 1.5), sleep=lambda _: None
    ) as worms:
        yield worms


def hold(*aphia_ids: int) -> list[Taxon]:
    """These taxa as OBIS's records bring them, with the lineages that OBIS gives."""
    ensure_taxa(read_taxon(TAXON_FIELDS[aphia_id]) for aphia_id in aphia_ids)
    return [Taxon.objects.get(pk=aphia_id) for aphia_id in aphia_ids]


def observed(aphia_id: int, count: int = 1, **fields) -> list[CuratedObservation]:
    [taxon] = hold(aphia_id)
    dataset = fields.pop("dataset", None) or factories.dataset()
    return [factories.observation(taxon=taxon, dataset=dataset, **fields) for _ in range(count)]


def run(worms: Worms, budget: float = 60):
    return enrich_taxa(worms, budget_seconds=budget)


def of(aphia_id: int) -> Taxon:
    return Taxon.objects.get(pk=aphia_id)
