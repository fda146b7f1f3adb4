"""Milliseconds of whole pages in the database of DATABASE_URL, for `bench/atlas.py`.

The last line is JSON: figure -> [p50, p95, bytes before compression].
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from atlas_measures import timed
from django.conf import settings
from django.test import Client
from django.urls import reverse

from species.models import CuratedObservation, Dataset, Taxon

ROUNDS = 20
MANY = 10**9  # so that nothing is throttled


def main() -> None:
    settings.THROTTLES = {
        name: (MANY, seconds) for name, (_quota, seconds) in settings.THROTTLES.items()
    }
    visitor = Client(headers={"host": "localhost"})

    def size_of(address: str) -> str:
        response = visitor.get(address)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
        return f"{len(response.getvalue()):,} bytes"

    asked = addresses()
    for address in asked.values():
        size_of(address)  # what a process makes once is made
    print(
        json.dumps(
            {f"page: {name}": timed(size_of, [address] * ROUNDS) for name, address in asked.items()}
        )
    )


def addresses() -> dict[str, str]:
    taxa = Taxon.objects.most_observed_first()
    common, rare = taxa.filter(rank="Species")[0:2000:1999]
    higher = taxa.filter(rank="Class").first() or common
    record = CuratedObservation.objects.published().order_by("pk")[1_000]
    explorer, listed, summary = (
        reverse(f"species:{n}") for n in ("observation-map", "observation-list", "summary")
    )
    return {
        "the map": explorer,
        "the map, a class, ten years": f"{explorer}?taxon={higher.pk}&from=2010&to=2019",
        "the list": listed,
        "the list, a class, ten years": f"{listed}?taxon={higher.pk}&from=2010&to=2019",
        "what is in a sea": f"{summary}?view=-4,51,9,61",
        "a suggestion": f"{reverse('species:suggest')}?q=nomen12",
        "the commonest species": common.get_absolute_url(),
        "a rare species": rare.get_absolute_url(),
        "a class of species": higher.get_absolute_url(),
        "the tree": reverse("species:taxon-tree"),
        "a record": reverse("species:observation-detail", args=[record.key]),
        "the datasets": reverse("species:dataset-list"),
        "a dataset's own": Dataset.objects.listed()[0].get_absolute_url(),
        "what the portal holds": reverse("species:holdings"),
    }


if __name__ == "__main__":
    main()
