"""Read a record's accepted taxon and its classification from OBIS's <rank> and <rank>id pairs."""

from collections.abc import Mapping
from itertools import chain

from species.refresh.clean.vocabulary import read_iucn_category
from species.refresh.records import TaxonLink, TaxonRow
from species.refresh.text import (
    LONGEST_NAME,
    LONGEST_REMEMBERED,
    clean_name,
    clean_text,
    fold_text,
    read_bool,
    read_id,
    says_nothing,
)
from species.rules import Rejected

# The ranks of WoRMS from the kingdom down. Biota, above it, classifies nothing.
_ABOVE_FAMILY = [
    "kingdom",
    "subkingdom",
    "infrakingdom",
    "superphylum",
    "phylum",
    "subphylum",
    "infraphylum",
    "parvphylum",
    "gigaclass",
    "megaclass",
    "superclass",
    "class",
    "subclass",
    "infraclass",
    "subterclass",
    "superorder",
    "order",
    "suborder",
    "infraorder",
    "parvorder",
]
_SECTIONS = ["section", "subsection"]
_TO_GENUS = [
    "superfamily",
    "epifamily",
    "family",
    "subfamily",
    "supertribe",
    "tribe",
    "subtribe",
    "genus",
    "subgenus",
]
_SPECIES = [
    "series",
    "species",
    "subspecies",
    "natio",
    "variety",
    "subvariety",
    "forma",
    "subforma",
    "mutatio",
]
# fmt: on
# In zoology a section lies between order and family, in botany between genus and species.
_ZOOLOGICAL_ORDER = tuple(_ABOVE_FAMILY + _SECTIONS + _TO_GENUS + _SPECIES)
_BOTANICAL_ORDER = tuple(_ABOVE_FAMILY + _TO_GENUS + _SECTIONS + _SPECIES)
_BOTANICAL_KINGDOMS = frozenset({"Plantae", "Chromista", "Fungi"})

_OTHER_KEYS = (
    "scientificName", "originalScientificName", "scientificNameAuthorship", "taxonRank", "category",
    "marine", "brackish", "freshwater", "terrestrial", "unaccepted", "aphiaID",
)  # fmt: skip
_KEYS = (*_OTHER_KEYS, *chain.from_iterable((rank, rank + "id") for rank in _ZOOLOGICAL_ORDER))


MOST_REMEMBERED = 4096  # taxa
_known_taxa: dict[tuple[object, ...], "TaxonRow"] = {}


def read_taxon(raw: Mapping[str, object]) -> TaxonRow:
    """Return the accepted taxon of a record by its AphiaID, or raise Rejected.

    The scientificNameID is the provider's and is not trusted. Records repeat their taxa, so equal
    ones are read once.
    """
    aphia_id = read_id(raw.get("aphiaID"))
    if aphia_id is None:
        raise Rejected("no_taxon")
    values = tuple(map(raw.get, _KEYS))
    try:
        if (known := _known_taxa.get(values)) is None:
            known = _read_taxon(aphia_id, values)
            _remember(values, known)
        return known
    except TypeError:  # a list or an object where a name should be cannot be looked up in a cache
        return _read_taxon(
            aphia_id, tuple(None if isinstance(v, list | dict) else v for v in values)
        )


def _remember(values: tuple[object, ...], taxon: TaxonRow) -> None:
    """Cache a taxon unless its texts are long, so that providers cannot fill the memory."""
    if sum(len(value) for value in values if type(value) is str) > 4 * LONGEST_REMEMBERED:
        return
    if len(_known_taxa) >= MOST_REMEMBERED:
        _known_taxa.clear()
    _known_taxa[values] = taxon


def _read_taxon(aphia_id: int, values: tuple[object, ...]) -> TaxonRow:
    raw = dict(zip(_KEYS, values, strict=True))
    links = _ranked_links(raw)
    own = next((index for index, link in enumerate(links) if link.aphia_id == aphia_id), None)
    above = links[:own]  # taxa below the accepted one are not its lineage
    accepted = clean_name(raw["scientificName"]) or (links[own].name if own is not None else "")
    name = accepted or clean_name(raw["originalScientificName"])
    if not accepted and says_nothing(name):
        raise Rejected("no_taxon")
    if len(name) > LONGEST_NAME:
        raise Rejected("name_too_long")
    rank = links[own].rank if own is not None else _rank_label(raw["taxonRank"])
    # The authorship is the published name's, so it belongs to the accepted one only where they are
    # the same.
    published_as_accepted = raw["unaccepted"] is None and clean_name(
        raw["originalScientificName"]
    ) in ("", name)
    return TaxonRow(
        aphia_id=aphia_id,
        scientific_name=name,
        authorship=clean_name(raw["scientificNameAuthorship"]) if published_as_accepted else "",
        rank=rank,
        lineage=(*above, TaxonLink(rank, name, aphia_id)),
        is_marine=read_bool(raw["marine"]),
        is_brackish=read_bool(raw["brackish"]),
        is_freshwater=read_bool(raw["freshwater"]),
        is_terrestrial=read_bool(raw["terrestrial"]),
        iucn_category=read_iucn_category(clean_text(raw["category"])),
        is_named_as_published=not accepted,
    )


def _ranked_links(raw: Mapping[str, object]) -> list[TaxonLink]:
    """Return the <rank>/<rank>id pairs from the kingdom down, each taxon once."""
    botanical = raw["kingdom"] in _BOTANICAL_KINGDOMS
    links: dict[int, TaxonLink] = {}
    for rank in _BOTANICAL_ORDER if botanical else _ZOOLOGICAL_ORDER:
        key, name = read_id(raw[rank + "id"]), clean_name(raw[rank])
        if key is not None and 0 < len(name) <= LONGEST_NAME:
            links.setdefault(key, TaxonLink(rank.capitalize(), name, key))
    return list(links.values())


def _rank_label(value: object) -> str:
    """Return a rank ("SPECIES", "Especie", "Phylum (Division)") as WoRMS writes it, or ""."""
    word = fold_text(clean_text(value).partition("(")[0])
    word = {
        "especie": "species",
        "espèce": "species",
        "espece": "species",
        "division": "phylum",
    }.get(word, word)
    return word.capitalize() if word in _ZOOLOGICAL_ORDER else ""
