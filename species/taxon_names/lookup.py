"""Finds the taxa of a query: by AphiaID, by name or by part of a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from species.errors import InvalidQuery
from species.models import Taxon
from species.models.taxon import end_of_chain
from species.ranges import OrdinalRange
from species.taxon_names.identifiers import (
    MAX_APHIA_ID,
    find_bracketed_id,
    is_number,
    parse_aphia_id,
)
from species.taxon_names.readings import read_names
from species.taxon_names.text import clean_name

MAX_TAXA_OF_A_NAME = 50  # homonyms and shared common names
MAX_COMMAS = 2  # within one name
MAX_TAXA_OF_TEXT = 200  # each is a range of the index


@dataclass(frozen=True, slots=True)
class MatchedTaxon:
    """A taxon that a query selects.

    `asked`: the text that it was found by; `via`: the synonym on the way, or ""; `ordinals`: its
    subtree, None if the taxon is not in the database.
    """

    asked: str
    aphia_id: int
    name: str
    via: str
    ordinals: OrdinalRange | None

    def __str__(self) -> str:
        if self.via:
            names = {"name": self.name, "asked": self.via}
            return _("%(name)s (synonym: %(asked)s)") % names
        texts = {
            self.asked.casefold(),
            *(reading.name.casefold() for reading in read_names(self.asked)),
        }
        if texts & {self.name.casefold(), str(self.aphia_id)}:
            return self.name
        names = {"name": self.name, "asked": self.asked}
        return _("%(name)s (“%(asked)s”)") % names


def find_taxa(texts: Iterable[str]) -> tuple[MatchedTaxon, ...]:
    """Return the taxa of AphiaIDs and names. An unknown AphiaID matches no records.

    Two queries, and one per name as typed; up to two more for a name with authorship or unusual
    characters. Raises InvalidQuery for an unknown name.
    """
    texts = join_comma_names(list(texts))
    numbers = [int(text) for text in texts if is_number(text)]
    rows = {row.pk: row for row in Taxon.objects.filter(pk__in=numbers)} if numbers else {}
    found = [(str(number), rows[number]) for number in numbers if number in rows]
    for name, named in find_by_names([text for text in texts if not is_number(text)]).items():
        if not named:
            reason = _(
                "No species or group is called “%(name)s”. Check the spelling, or "
                "use “Name contains” (q)."
            )
            raise InvalidQuery({"taxon": reason % {"name": name}})
        found += [(name, row) for row in named]
    unknown = (
        MatchedTaxon(str(n), n, _("AphiaID %(n)s (no records here)") % {"n": n}, "", None)
        for n in numbers
        if n not in rows
    )
    return (*resolve_synonyms(found), *unknown)


def find_by_names(names: list[str]) -> dict[str, list[Taxon]]:
    """Return the taxa of each name.

    A name that is only the authorship of another, as in "Mola mola, Linnaeus", is joined to it.
    """
    found = {name: find_taxa_named(name) for name in names}
    known = [name for name in names if found[name]]
    if len(names) > MAX_COMMAS + 1:
        return found
    for rest in (name for name in names if not found[name]):
        by_author = {name: rows for name in known if (rows := find_taxa_named(f"{name}, {rest}"))}
        if by_author:
            found |= by_author
            del found[rest]
    return found


def join_comma_names(texts: list[str]) -> list[str]:
    """Return the texts with those joined that are one name with a comma, as "cod, Atlantic"."""
    names = [text for text in texts if not is_number(text)]
    if not 1 < len(names) <= MAX_COMMAS + 1:
        return texts
    for order in permutations(names):
        if Taxon.objects.named(", ".join(order)).exists():
            return [*(text for text in texts if is_number(text)), ", ".join(order)]
    return texts


def find_taxa_named(text: str) -> list[Taxon]:
    """Return the taxa of an identifier, or of a name with authorship, qualifiers and noise.

    The text is first tried as it is. Without its authorship a name is only compared with
    scientific names; where capitals do not show that a word is an author, the taxon must have it.
    """
    if rows := find_exactly(text):
        return rows
    if number := parse_aphia_id(text):
        return list(Taxon.objects.filter(pk=number)) if number <= MAX_APHIA_ID else []
    spaced = text.replace("\N{ZERO WIDTH SPACE}", " ")
    for cleaned in dict.fromkeys([clean_name(text), clean_name(spaced)]):
        if cleaned != text and (rows := find_exactly(cleaned)):
            return rows
    return find_by_readings(text)


def find_by_readings(text: str) -> list[Taxon]:
    """Return the taxa of the longest scientific name in a text."""
    readings = read_names(text)
    names = (reading.name for reading in readings)
    rows = list(Taxon.objects.scientifically_named(names).order_by("pk"))
    if number := find_bracketed_id(text):
        rows = [row for row in rows if row.pk == number]
    for reading in readings:
        name = reading.name.casefold()
        called = [row for row in rows if row.scientific_name.casefold() == name]
        by_author = [row for row in called if reading.is_by(row.authorship)]
        if by_author or (called and not reading.needs_author):
            return (by_author or called)[:MAX_TAXA_OF_A_NAME]
    return []


def find_exactly(text: str) -> list[Taxon]:
    return list(Taxon.objects.named(text).order_by("pk")[:MAX_TAXA_OF_A_NAME]) if text else []


def taxa_mentioning(text: str) -> QuerySet[Taxon]:
    """Return the taxa with the text in a name, or those of a name with authorship or noise."""
    found = Taxon.objects.mentioning(text)
    if found.exists():
        return found
    cleaned = clean_name(text)
    if len(cleaned) > 1 and cleaned != text and Taxon.objects.mentioning(cleaned).exists():
        return Taxon.objects.mentioning(cleaned)
    return Taxon.objects.filter(pk__in=[row.pk for row in find_taxa_named(text)])


def find_taxa_mentioning(text: str) -> tuple[MatchedTaxon, ...]:
    """Return the taxa with the text in a name. Raises InvalidQuery for too many."""
    rows = list(taxa_mentioning(text).order_by("pk")[: MAX_TAXA_OF_TEXT + 1])
    if len(rows) > MAX_TAXA_OF_TEXT:
        reason = _("More than %(max_taxa_of_text)s names contain “%(text)s”. Type more letters.")
        raise InvalidQuery({"q": reason % {"max_taxa_of_text": MAX_TAXA_OF_TEXT, "text": text}})
    return resolve_synonyms([(text, row) for row in rows])


def resolve_synonyms(found: list[tuple[str, Taxon]]) -> tuple[MatchedTaxon, ...]:
    """Return the accepted taxa of (text, taxon), each once.

    One query, and one more for each further link in a chain of synonyms.
    """
    rows: dict[int, Taxon] = {}
    missing = {row.pk for _, row in found} | {
        row.accepted_id for _, row in found if row.accepted_id
    }
    while missing:
        rows |= {row.pk: row for row in Taxon.objects.filter(pk__in=missing).with_ordinal_end()}
        missing = {row.accepted_id for row in rows.values() if row.accepted_id} - rows.keys()
    accepted_ids = {row.pk: row.accepted_id for row in rows.values()}
    matched: dict[int, MatchedTaxon] = {}
    for text, row in found:
        taxon = rows[end_of_chain(accepted_ids, row.pk)]
        end = taxon.ordinal_end  # type: ignore[attr-defined]  # annotated
        ordinals = None if taxon.ordinal is None else OrdinalRange(taxon.ordinal, end)
        via = row.scientific_name if row.pk != taxon.pk else ""
        taxon_found = MatchedTaxon(text, taxon.pk, taxon.scientific_name, via, ordinals)
        matched.setdefault(taxon.pk, taxon_found)
    return tuple(matched.values())


def merge_ranges(ranges: Iterable[OrdinalRange]) -> list[OrdinalRange]:
    """Return the same ordinals in as few ranges as possible."""
    merged: list[OrdinalRange] = []
    for first, end in sorted(ranges, key=lambda ordinals: ordinals.first):
        if merged and (merged[-1].end is None or merged[-1].end >= first):
            first, end_before = merged.pop()
            end = None if end is None or end_before is None else max(end, end_before)
        merged.append(OrdinalRange(first, end))
    return merged
