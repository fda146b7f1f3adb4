"""Taxa for a name that is being typed: matches, or where there are none similar names, the most
observed first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from species.masking import mask
from species.parsing.texts import single_text
from species.taxon_names.lookup import find_taxa_named
from species.taxon_names.readings import name_misapplied
from species.taxon_names.text import clean_name

SHORTEST, LONGEST = 2, 150  # characters of a text that is looked up
SIMILAR_FROM = 4  # characters; shorter texts are like too many names
# of words, as pg_trgm measures it: two letters that changed places in a name of ten
SIMILARITY = 0.5
CANDIDATES = 60  # names of each kind whose records are counted
SHOWN = 8

# Names that begin with the text, or have a word that does, or (where there are none) nearly hold
# it: all are answered by the trigram indexes on upper(name). A taxon's records are those of its
# subtree, so only the best candidates are counted: the most observed themselves, and the highest in
# the tree.
NAMES = """
SELECT aphia_id AS taxon_id, scientific_name AS name, '' AS language FROM species_taxon
WHERE {scientific}
UNION ALL
SELECT taxon_id, name, language FROM species_vernacularname
WHERE {vernacular}
"""
SUGGESTED = """
WITH called AS MATERIALIZED ({names}),
best AS (
    SELECT DISTINCT ON (called.taxon_id) called.*, {closeness} AS closeness
    FROM called ORDER BY called.taxon_id, closeness, language, name
),
taxon AS (
    SELECT best.*, asked.scientific_name, asked.rank, asked.credits_algaebase,
        accepted.path, accepted.observation_count,
        CASE WHEN accepted.aphia_id <> asked.aphia_id THEN accepted.scientific_name ELSE '' END AS accepted_name
    FROM best
    JOIN species_taxon asked ON asked.aphia_id = best.taxon_id
    JOIN species_taxon accepted ON accepted.aphia_id = coalesce(asked.accepted_id, asked.aphia_id)
),
candidate AS (
    (SELECT * FROM taxon ORDER BY closeness, observation_count DESC, taxon_id LIMIT {candidates})
    UNION
    (SELECT * FROM taxon ORDER BY closeness, length(path), taxon_id LIMIT {candidates})
)
SELECT taxon_id, name, language, scientific_name, rank, accepted_name, credits_algaebase, records
FROM candidate CROSS JOIN LATERAL (
    SELECT coalesce(sum(below.observation_count), 0)::bigint AS records FROM species_taxon below
    WHERE below.path >= candidate.path AND below.path < left(candidate.path, -1) || '0'
) counted
ORDER BY closeness, records DESC, length(scientific_name), taxon_id LIMIT {shown}
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A taxon that a text may mean. `name` is what matched, in `language` (ISO 639-3; "" for a
    scientific name); `accepted` is what a synonym stands for, "" for others; `records` are
    published ones, with all below it.
    """

    aphia_id: int
    name: str
    language: str
    scientific_name: str
    rank: str
    accepted: str
    records: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The taxa that a text names or begins to name; only where there are none, those with a
    `similar` name.
    """

    matches: list[Suggestion]
    similar: list[Suggestion]


def suggestions(text: str) -> Suggestions:
    """Return at most SHOWN taxa of each kind; none for a text too short to mean any.

    Raises ValueError for control characters and for a text too long to be a name.
    """
    text = single_text([text])
    if len(text) > LONGEST:
        raise ValueError(_("Names have at most %(longest)s characters.") % {"longest": LONGEST})
    if len(text) < SHORTEST:
        return Suggestions([], [])
    cleaned = clean_name(text)
    found = beginning_with(text)
    if not found and cleaned != text and len(cleaned) >= SHORTEST:
        found = beginning_with(cleaned)
    found = found or meant_by(text)
    if found or len(cleaned) < SIMILAR_FROM:
        return Suggestions(found, [])
    misapplied = name_misapplied(text)
    return Suggestions(
        [], (meant_by(misapplied) if misapplied else []) or similar_to(misapplied or cleaned)
    )


def beginning_with(text: str) -> list[Suggestion]:
    """Taxa of this name, of names that begin with it, and of names with a word that does, in this
    order.
    """
    closeness = (
        "CASE WHEN upper(name) = %(text)s THEN 0 WHEN upper(name) LIKE %(start)s THEN 1 ELSE 2 END"
    )
    condition = "upper({0}) LIKE %(start)s OR upper({0}) LIKE %(word)s"
    return looked_up(condition.format("scientific_name"), condition.format("name"), closeness, text)


def meant_by(text: str) -> list[Suggestion]:
    """Taxa of an identifier, or of a name with authorship or other words that are no part of it."""
    ids = [row.pk for row in find_taxa_named(text)]
    return looked_up("aphia_id = ANY(%(ids)s)", "false", "0", text, ids) if ids else []


def similar_to(text: str) -> list[Suggestion]:
    closeness = "round((1 - word_similarity(%(text)s, upper(name)))::numeric, 1)"
    return looked_up(
        "upper(scientific_name) %%> %(text)s", "upper(name) %%> %(text)s", closeness, text
    )


def looked_up(
    scientific: str, vernacular: str, closeness: str, text: str, ids: Sequence[int] = ()
) -> list[Suggestion]:
    """One statement; what is formatted in is this file's own SQL, every value of a visitor's is a
    parameter.
    """
    names = NAMES.format(scientific=scientific, vernacular=vernacular)
    sql = SUGGESTED.format(names=names, closeness=closeness, candidates=CANDIDATES, shown=SHOWN)
    wanted = text.upper()
    pattern = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values: dict[str, Any] = {
        "text": wanted,
        "start": f"{pattern}%",
        "word": f"% {pattern}%",
        "ids": list(ids),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [SIMILARITY])
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    return [suggestion(*row) for row in rows]


def suggestion(
    aphia_id: int,
    name: str,
    language: str,
    scientific: str,
    rank: str,
    accepted: str,
    algae: bool,
    records: int,
) -> Suggestion:
    """Names that WoRMS credits to AlgaeBase go out as name, AphiaID and link only, so without their
    rank.
    """
    return Suggestion(
        aphia_id, mask(name), language, scientific, "" if algae else rank, accepted, records
    )
