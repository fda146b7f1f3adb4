"""The taxa of the demonstration: real names and classification, and the shape of made-up records.

`taxa.tsv` has one taxon a line under its parent. `species.tsv` has one species a line with its
surveys, regions, depths in metres, and the month with most records in the north.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class DemonstrationSpecies:
    """A species and the shape of its records."""

    aphia_id: int
    name: str
    authorship: str
    surveys: tuple[str, ...]
    regions: tuple[str, ...]
    depths: tuple[float, float] | None
    peak_month: int  # 0: the same all year
    vernaculars: tuple[tuple[str, str], ...]  # (language, name)
    taxon_fields: dict[str, object]  # as OBIS gives them: <rank>, <rank>id, scientificName ...


def read_rows(file_name: str) -> Iterator[dict[str, str]]:
    """Return the lines of a file as dictionaries."""
    with (FOLDER / file_name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


@cache
def all_species() -> tuple[DemonstrationSpecies, ...]:
    """Return all species, in the order of the file."""
    tree = {row["aphia_id"]: row for row in read_rows("taxa.tsv")}
    return tuple(build_species(row, tree) for row in read_rows("species.tsv"))


def build_species(row: dict[str, str], tree: dict[str, dict[str, str]]) -> DemonstrationSpecies:
    """Return the species of one line."""
    taxon = tree[row["aphia_id"]]
    return DemonstrationSpecies(
        aphia_id=int(row["aphia_id"]),
        name=row["name"],
        authorship=taxon["authorship"],
        surveys=tuple(row["surveys"].split()),
        regions=tuple(row["regions"].split()),
        depths=(float(row["min_depth"]), float(row["max_depth"])) if row["max_depth"] else None,
        peak_month=int(row["peak_month"]),
        vernaculars=tuple(split_name(item) for item in row["vernaculars"].split(";") if item),
        taxon_fields=taxon_fields(taxon, tree, row["iucn"]),
    )


def split_name(text: str) -> tuple[str, str]:
    """Return (language, name)."""
    language, _, name = text.partition(":")
    return language, name


def taxon_fields(
    taxon: dict[str, str], tree: dict[str, dict[str, str]], iucn: str
) -> dict[str, object]:
    """Return the fields of a taxon as OBIS sends them with each record."""
    fields: dict[str, object] = {
        "scientificName": taxon["name"],
        "originalScientificName": taxon["name"],
        "scientificNameID": f"urn:lsid:marinespecies.org:taxname:{taxon['aphia_id']}",
        "taxonRank": "Species",
        "aphiaID": int(taxon["aphia_id"]),
        "marine": True,
    }
    if taxon["authorship"]:
        fields["scientificNameAuthorship"] = taxon["authorship"]
    if iucn:
        fields["category"] = iucn
    step: dict[str, str] | None = taxon
    while step:
        fields[step["rank"]] = step["name"]
        fields[f"{step['rank']}id"] = int(step["aphia_id"])
        step = tree.get(step["parent"])
    return fields
