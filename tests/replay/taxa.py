"""Some real taxa (name, rank, AphiaID, parent), in the formats of OBIS and WoRMS."""

from dataclasses import dataclass

FISH = (
    "Kingdom:Animalia:2 Phylum:Chordata:1821 Subphylum:Vertebrata:146419 Infraphylum:Gnathostomata:1828 "
    "Parvphylum:Osteichthyes:152352 Gigaclass:Actinopterygii:10194 Superclass:Actinopteri:843664 "
    "Class:Teleostei:293496 "
)
WHALE = (
    "Kingdom:Animalia:2 Phylum:Chordata:1821 Subphylum:Vertebrata:146419 Infraphylum:Gnathostomata:1828 "
    "Class:Mammalia:1837 Subclass:Theria:380416 Order:Cetartiodactyla:370511 Suborder:Cetancodonta:370545 "
    "Infraorder:Cetacea:2688 Superfamily:Odontoceti:148723 Family:Delphinidae:136980 "
)
TURTLE = (
    "Kingdom:Animalia:2 Phylum:Chordata:1821 Subphylum:Vertebrata:146419 Infraphylum:Gnathostomata:1828 "
    "Superclass:Reptilia:1838 Order:Testudines:2689 Suborder:Cryptodira:148741 Superfamily:Chelonioidea:987094 "
    "Family:Cheloniidae:136999 "
)

# lineage, kingdom first, underscores for spaces | authorship | marine, brackish | IUCN category
LINEAGES = (
    (FISH + "Order:Tetraodontiformes:10332 Family:Molidae:125609 Genus:Mola:126233 Species:Mola_mola:127405",
     "(Linnaeus, 1758)", True, False, "VU"),
    (FISH + "Order:Gadiformes:10313 Family:Gadidae:125469 Genus:Gadus:125732 Species:Gadus_morhua:126436",
     "Linnaeus, 1758", True, True, "VU"),
    (FISH + "Order:Clupeiformes:10297 Family:Clupeidae:125464 Genus:Clupea:125716 Species:Clupea_harengus:126417",
     "Linnaeus, 1758", True, True, None),
    (FISH + "Order:Eupercaria_incertae_sedis:1517577 Family:Moronidae:125545 Genus:Dicentrarchus:126029 "
     "Species:Dicentrarchus_labrax:126975", "(Linnaeus, 1758)", True, True, None),
    (FISH + "Order:Cyprinodontiformes:10319 Family:Poeciliidae:154389 Subfamily:Poeciliinae:154392 "
     "Genus:Gambusia:159323 Species:Gambusia_holbrooki:276134", "Girard, 1859", False, True, None),
    (WHALE + "Genus:Delphinus:137015 Species:Delphinus_delphis:137094", "Linnaeus, 1758", True, None, None),
    (WHALE + "Genus:Tursiops:137026 Species:Tursiops_truncatus:137111", "(Montagu, 1821)", True, True, None),
    (TURTLE + "Genus:Caretta:137066 Species:Caretta_caretta:137205", "(Linnaeus, 1758)", True, None, "VU"),
    (TURTLE + "Genus:Chelonia:137067 Species:Chelonia_mydas:137206", "(Linnaeus, 1758)", True, None, "EN"),
    ("Kingdom:Animalia:2 Phylum:Cnidaria:1267 Class:Anthozoa:1292 Order:Scleractinia:1363 "
     "Species:Desmophyllum_pertusum:1245747", "(Linnaeus, 1758)", True, False, None),
    ("Kingdom:Animalia:2 Phylum:Arthropoda:1065 Subphylum:Crustacea:1066 Superclass:Multicrustacea:845959 "
     "Class:Copepoda:1080", "Milne Edwards, 1840", True, True, None),
    ("Kingdom:Chromista:7 Genus:Fucus:144129 Species:Fucus_vesiculosus:145548", "Linnaeus, 1753", True, True, None),
)  # fmt: skip
MOLA, COD, HERRING, BASS, MOSQUITOFISH = 127405, 126436, 126417, 126975, 276134
COMMON_DOLPHIN, BOTTLENOSE, LOGGERHEAD, GREEN_TURTLE = 137094, 137111, 137205, 137206
COLD_WATER_CORAL, COPEPODS, BLADDER_WRACK = 1245747, 1080, 145548
LOPHELIA = 135161  # Lophelia pertusa, a synonym of Desmophyllum pertusum
CETACEA = 2688
ALGAEBASE = frozenset({144129, 145548})

VERNACULARS = {
    MOLA: [
        ("eng", "ocean sunfish"),
        ("eng", "sunfish"),
        ("deu", "Mondfisch"),
        ("fra", "poisson-lune"),
    ],
    COD: [("eng", "cod"), ("eng", "Atlantic cod"), ("deu", "Kabeljau"), ("por", "bacalhau")],
    BOTTLENOSE: [("eng", "bottlenose dolphin"), ("fra", "grand dauphin")],
    LOGGERHEAD: [("eng", "loggerhead turtle"), ("por", "tartaruga-comum")],
    CETACEA: [("eng", "whales")],
}
LANGUAGES = {"eng": "English", "deu": "German", "fra": "French", "por": "Portuguese"}


@dataclass
class WormsTaxon:
    """A taxon in WoRMS; `parent_id` and `valid_id` change with the world."""

    aphia_id: int
    name: str
    rank: str
    parent_id: int | None
    valid_id: int | None
    status: str = "accepted"
    authority: str | None = None
    is_marine: bool | None = None
    is_brackish: bool | None = None
    iucn: str | None = None
    modified: str = "2025-01-15T09:30:00.000Z"


def links(lineage: str) -> list[tuple[str, str, int]]:
    """Return [(rank, name, AphiaID)] of a lineage in text, kingdom first."""
    parts = (step.split(":") for step in lineage.split())
    return [(rank, name.replace("_", " "), int(aphia_id)) for rank, name, aphia_id in parts]


def worms_taxa() -> dict[int, WormsTaxon]:
    """Return every taxon of LINEAGES with its ancestors up to "Biota", and one synonym."""
    taxa = {1: WormsTaxon(1, "Biota", "Superdomain", None, 1)}
    for lineage, authority, marine, brackish, iucn in LINEAGES:
        parent = 1
        for rank, name, aphia_id in links(lineage):
            taxa.setdefault(aphia_id, WormsTaxon(aphia_id, name, rank, parent, aphia_id))
            parent = aphia_id
        own = taxa[parent]
        own.authority, own.is_marine, own.is_brackish, own.iucn = authority, marine, brackish, iucn
    taxa[LOPHELIA] = WormsTaxon(
        LOPHELIA,
        "Lophelia pertusa",
        "Species",
        1363,
        COLD_WATER_CORAL,
        "superseded combination",
        "(Linnaeus, 1758)",
    )
    return taxa


def taxon_fields() -> dict[int, dict]:
    """Return the fields of a taxon in OBIS records, by AphiaID."""
    fields = {}
    for lineage, authority, marine, brackish, iucn in LINEAGES:
        chain = links(lineage)
        _, name, aphia_id = chain[-1]
        said = {"scientificName": name, "originalScientificName": name, "aphiaID": aphia_id}
        said |= {
            "scientificNameID": f"urn:lsid:marinespecies.org:taxname:{aphia_id}",
            "marine": marine,
        }
        said |= {"scientificNameAuthorship": authority}
        said |= {} if brackish is None else {"brackish": brackish}
        said |= {} if iucn is None else {"category": iucn}
        for rank, step, key in chain:
            said |= {rank.lower(): step, rank.lower() + "id": key}
        fields[aphia_id] = said
    return fields
