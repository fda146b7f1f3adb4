"""The taxa that a question means: looked up by AphiaID, by name or by a part of a name, each as a
range of the tree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from species.errors import InvalidQuery
from species.models import Taxon
from species.models.taxon import end_of_chain
from species.ranges import OrdinalRange
from species.taxon_names import MAX_APHIA_ID, aphia_id_of, clean, is_number, number_beside, readings

MAX_TAXA_OF_A_NAME = 50  # homonyms and shared common names
MAX_COMMAS = 2  # within one name
MAX_TAXA_OF_TEXT = 200  # each is a range of the index


@dataclass(frozen=True, slots=True)
class AskedTaxon:
    """A taxon that a question means. `asked`: the text that led to it; `via`: the name of the
    synonym on the way.
    """

    asked: str
    aphia_id: int
    name: str
    via: str
    ordinals: OrdinalRange | None

    def __str__(self) -> str:
        if self.via:
            told = {"name": self.name, "asked": self.via}
            return _("%(name)s (asked for as %(asked)s, a synonym)") % told
        asked = {
            self.asked.casefold(),
            *(reading.name.casefold() for reading in readings(self.asked)),
        }
        if asked & {self.name.casefold(), str(self.aphia_id)}:
            return self.name
        return _("%(name)s (asked for as %(asked)s)") % {"name": self.name, "asked": self.asked}


def taxa_called(texts: Iterable[str]) -> tuple[AskedTaxon, ...]:
    """The taxa of AphiaIDs and names; an AphiaID that is not held has no ordinals, so it matches
    nothing.

    Two queries, and one for each name as it is typed; up to two more for a name with authorship or
    unusual characters. Raises InvalidQuery for a name that no taxon here has.
    """
    texts = with_commas(list(texts))
    numbers = [int(text) for text in texts if is_number(text)]
    held = {row.pk: row for row in Taxon.objects.filter(pk__in=numbers)} if numbers else {}
    asked = [(str(number), held[number]) for number in numbers if number in held]
    for name, rows in rows_of_names([text for text in texts if not is_number(text)]).items():
        if not rows:
            reason = _(
                "No taxon called “%(name)s” is held here. Check its spelling, "
                "or give a part of it as “Name contains” (q)."
            )
            reason %= {"name": name}
            raise InvalidQuery({"taxon": reason})
        asked += [(name, row) for row in rows]
    unheld = (
        AskedTaxon(str(n), n, _("AphiaID %(n)s (not held here)") % {"n": n}, "", None)
        for n in numbers
        if n not in held
    )
    return (*accepted_taxa(asked), *unheld)


def rows_of_names(names: list[str]) -> dict[str, list[Taxon]]:
    """Return the taxa of each name, without what is only the authorship of another, as in "Mola
    mola, Linnaeus".
    """
    found = {name: taxa_named(name) for name in names}
    held = [name for name in names if found[name]]
    if len(names) > MAX_COMMAS + 1:
        return found
    for rest in (name for name in names if not found[name]):
        by_author = {name: rows for name in held if (rows := taxa_named(f"{name}, {rest}"))}
        if by_author:
            found |= by_author
            del found[rest]
    return found


def with_commas(texts: list[str]) -> list[str]:
    """Put names together again that are one name with a comma, such as "cod, Atlantic"."""
    names = [text for text in texts if not is_number(text)]
    if not 1 < len(names) <= MAX_COMMAS + 1:
        return texts
    for order in permutations(names):
        if Taxon.objects.named(", ".join(order)).exists():
            return [*(text for text in texts if is_number(text)), ", ".join(order)]
    return texts


def taxa_named(text: str) -> list[Taxon]:
    """Return the taxa of a name as typed or pasted: an identifier, or a name with authorship,
    qualifiers and noise.

    The whole text is tried first. A name without its authorship is looked for among scientific
    names only; where capitals do not show that a word is an author, the taxon's own authorship
    must.
    """
    if rows := named(text):
        return rows
    if number := aphia_id_of(text):
        return list(Taxon.objects.filter(pk=number)) if number <= MAX_APHIA_ID else []
    for cleaned in dict.fromkeys([clean(text), clean(text.replace("\N{ZERO WIDTH SPACE}", " "))]):
        if cleaned != text and (rows := named(cleaned)):
            return rows
    meant = readings(text)
    rows = list(
        Taxon.objects.scientifically_named(reading.name for reading in meant).order_by("pk")
    )
    if number := number_beside(text):
        rows = [row for row in rows if row.pk == number]
    for reading in meant:
        called = [row for row in rows if row.scientific_name.casefold() == reading.name.casefold()]
        by_author = [row for row in called if reading.is_by(row.authorship)]
        if by_author or (called and not reading.needs_author):
            return (by_author or called)[:MAX_TAXA_OF_A_NAME]
    return []


def named(text: str) -> list[Taxon]:
    return list(Taxon.objects.named(text).order_by("pk")[:MAX_TAXA_OF_A_NAME]) if text else []


def mentioning(text: str) -> QuerySet[Taxon]:
    """Return the taxa that have the text in a name; else those that it names with authorship or
    noise.
    """
    found = Taxon.objects.mentioning(text)
    if found.exists():
        return found
    cleaned = clean(text)
    if len(cleaned) > 1 and cleaned != text and Taxon.objects.mentioning(cleaned).exists():
        return Taxon.objects.mentioning(cleaned)
    return Taxon.objects.filter(pk__in=[row.pk for row in taxa_named(text)])


def taxa_mentioning(text: str) -> tuple[AskedTaxon, ...]:
    """The taxa that have the text in a name. Raises InvalidQuery when they are too many to tell
    apart.
    """
    rows = list(mentioning(text).order_by("pk")[: MAX_TAXA_OF_TEXT + 1])
    if len(rows) > MAX_TAXA_OF_TEXT:
        raise InvalidQuery(
            {
                "q": _(
                    "More than %(max_taxa_of_text)s names hold “%(text)s”; please type more of it."
                )
                % {"max_taxa_of_text": MAX_TAXA_OF_TEXT, "text": text}
            }
        )
    return accepted_taxa([(text, row) for row in rows])


def accepted_taxa(asked: list[tuple[str, Taxon]]) -> tuple[AskedTaxon, ...]:
    """The accepted taxa of those asked for, each once, with their ranges; one query, more for
    chains of synonyms.
    """
    rows: dict[int, Taxon] = {}
    wanted = {row.pk for _, row in asked} | {row.accepted_id for _, row in asked if row.accepted_id}
    while wanted:
        rows |= {row.pk: row for row in Taxon.objects.filter(pk__in=wanted).with_ordinal_end()}
        wanted = {row.accepted_id for row in rows.values() if row.accepted_id} - rows.keys()
    accepted = {row.pk: row.accepted_id for row in rows.values()}
    meant: dict[int, AskedTaxon] = {}
    for text, row in asked:
        taxon = rows[end_of_chain(accepted, row.pk)]
        end = taxon.ordinal_end  # type: ignore[attr-defined]  # annotated
        ordinals = None if taxon.ordinal is None else OrdinalRange(taxon.ordinal, end)
        via = row.scientific_name if row.pk != taxon.pk else ""
        meant.setdefault(taxon.pk, AskedTaxon(text, taxon.pk, taxon.scientific_name, via, ordinals))
    return tuple(meant.values())


def merged(ranges: Iterable[OrdinalRange]) -> list[OrdinalRange]:
    """The same ordinals in as few ranges as can be."""
    joined: list[OrdinalRange] = []
    for first, end in sorted(ranges, key=lambda ordinals: ordinals.first):
        if joined and (joined[-1].end is None or joined[-1].end >= first):
            first, end_before = joined.pop()
            end = None if end is None or end_before is None else max(end, end_before)
        joined.append(OrdinalRange(first, end))
    return joined
