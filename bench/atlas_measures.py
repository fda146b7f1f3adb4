"""Milliseconds of tiles, summaries and lists in the database of DATABASE_URL, for `bench/atlas.py`.

The last line is JSON: figure -> [p50, p95, routes].
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import orjson
from django.db import connection
from rest_framework.renderers import JSONRenderer

from species.atlas.grid import Tile
from species.atlas.planner import plan_query
from species.darwincore.features import columns_of, features
from species.darwincore.serializers import ObservationSerializer
from species.filters import ObservationFilter
from species.models import CuratedObservation, Dataset, Taxon
from species.ranges import Bbox

ZOOMS = (0, 1, 2, 4, 6, 8, 10, 12, 14)
DENSEST, ROUNDS, FEATURES, PAGES = 10, 4, 10_000, 40
VIEWS = {
    "the world": None,
    "an ocean": Bbox(-70, 0, 0, 60),
    "a sea": Bbox(-4, 51, 9, 61),
    "a bay": Bbox(7, 53, 9, 54),
}


def main() -> None:
    figures: dict[str, Any] = {}
    for name, selection in selections().items():
        for zoom in ZOOMS:
            tiles = densest(zoom) * ROUNDS
            figures[f"tile z{zoom}, {name}"] = timed(partial(route_of, selection), tiles)
        figures[f"count, {name}"] = timed(
            lambda asked: plan_query(asked).count().basis, [selection] * ROUNDS
        )
        figures[f"list, {name}"] = figure(pages(selection))
    for name, view in VIEWS.items():
        for what in ("histogram", "summary"):
            figures[f"{what} of {name}"] = timed(partial(basis_of, what), [view] * ROUNDS)
    figures |= geojson()
    print(json.dumps(figures))


def selections() -> dict[str, ObservationFilter]:
    """Return queries with and without densities, of a common and of a rare taxon."""
    common = Taxon.objects.filter(rank="Class").most_observed_first().first() or Taxon.objects.get(
        rank="Kingdom"
    )
    species, rare = Taxon.objects.filter(rank="Species").most_observed_first()[0:2000:1999]
    dataset = Dataset.objects.listed()[0]
    asked: dict[str, dict[str, Any]] = {
        "everything": {},
        "ten years": {"from": "2010", "to": "2019"},
        "126 years": {"from": "1900", "to": "2025"},
        "summers": {"months": "6-8"},
        "0 to 50 m": {"depth": "0,<50"},
        "a class": {"taxon": common.pk},
        "a class, ten years": {"taxon": common.pk, "from": "2010", "to": "2019"},
        "a class, days, 0 to 33 m": {
            "taxon": common.pk,
            "from": "2010-03-05",
            "to": "2014-08-09",
            "depth": "0,33",
        },
        "the commonest species, days": {
            "taxon": species.pk,
            "from": "2010-03-05",
            "to": "2014-08-09",
        },
        "a rare species": {"taxon": rare.pk},
        "a dataset": {"dataset": str(dataset.uuid)},
        "a dataset, days, a flag": {
            "dataset": str(dataset.uuid),
            "from": "2010-03-05",
            "flag": "ON_LAND",
        },
        "a flag": {"flag": "ON_LAND"},
        "DNA, ten years": {"evidence": "dna", "from": "2010", "to": "2019"},
    }
    return {name: ObservationFilter.from_query(query) for name, query in asked.items()}


@cache
def densest(zoom: int) -> list[Tile]:
    """Return the tiles of a zoom with the most records."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT grid_column >> {28 - zoom}, grid_row >> {28 - zoom} FROM species_curatedobservation
            WHERE grid_row IS NOT NULL GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT {DENSEST}
            """
        )
        return [Tile(zoom, x, y) for x, y in cursor.fetchall()]


def pages(selection: ObservationFilter) -> Iterable[tuple[float, str]]:
    """Yield the milliseconds of page after page of a list."""
    after = None
    for _ in range(PAGES):
        started = time.perf_counter()
        page = plan_query(selection).page(after, 25)
        yield (time.perf_counter() - started) * 1_000, "searched" if page.searched else "whole"
        after = page.next
        if after is None:
            return


def route_of(selection: ObservationFilter, tile: Tile) -> str:
    return plan_query(selection).tile(*tile).route


def basis_of(what: str, view: Bbox | None) -> str:
    return getattr(plan_query(ObservationFilter()), what)(view).count.basis


def timed(ask: Callable[[Any], Any], questions: Iterable[Any]) -> list[Any]:
    """Return the figure of answering each question once."""
    taken = []
    for question in questions:
        started = time.perf_counter()
        answer = ask(question)
        taken.append(((time.perf_counter() - started) * 1_000, str(answer)))
    return figure(taken)


def figure(taken: Iterable[tuple[float, str]]) -> list[Any]:
    """Return [p50, p95, answers] of (milliseconds, answer)."""
    milliseconds, answers = zip(*taken, strict=True)
    ordered = sorted(milliseconds)
    return [
        ordered[len(ordered) // 2],
        ordered[int(len(ordered) * 0.95)],
        ", ".join(sorted(set(answers))),
    ]


def geojson() -> dict[str, list[Any]]:
    """Time the same features from our printer and from the plain serializer, and compare them."""
    rows = CuratedObservation.objects.published().order_by("pk")
    list(features(columns_of(rows)[:10]))  # what is made once is made
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ours = orjson.dumps(
            [orjson.Fragment(each.text) for each in features(columns_of(rows)[:FEATURES])]
        )
        taken.append((time.perf_counter() - started) * 1_000)
    ours_took, slowest = sorted(taken)[ROUNDS // 2], max(taken)
    started = time.perf_counter()
    plain = ObservationSerializer(
        rows.select_related("taxon", "dataset")[:FEATURES], many=True
    ).data["features"]
    theirs = JSONRenderer().render(plain)
    theirs_took = (time.perf_counter() - started) * 1_000
    if orjson.loads(ours) != orjson.loads(theirs):
        raise SystemExit("The two lists of features differ.")
    share = f"{theirs_took / ours_took:.0f} times the plain serializer's rate, equal"
    return {
        f"GeoJSON, {FEATURES:,} features": [ours_took, slowest, share],
        f"GeoJSON, {FEATURES:,}, the plain serializer": [theirs_took, theirs_took, ""],
    }


if __name__ == "__main__":
    main()
