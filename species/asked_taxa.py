"""The taxa that a question means: looked up by AphiaID, by name or by a part of a name, each as a range of the tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from species.models import Taxon
from species.models.observation_queries import OrdinalRange
from species.questions import BadQuestion

MAX_TAXA_OF_A_NAME = 50  # homonyms and shared common names
MAX_TAXA_OF_TEXT = 200  # each is a range of the index


@dataclass(frozen=True, slots=True)
class AskedTaxon:
    """A taxon that a question means. `asked`: the text that led to it; `via`: the name of the synonym on the way."""

    asked: str
    aphia_id: int
    name: str
    via: str
    ordinals: OrdinalRange | None

    def __str__(self) -> str:
        if self.via:
            told = {"name": self.name, "asked": self.via}
            return _("%(name)s (asked for as %(asked)s, a synonym)") % told
        is_called_so = self.asked.casefold() in {self.name.casefold(), str(self.aphia_id)}
        if is_called_so:
            return self.name
        return _("%(name)s (asked for as %(asked)s)") % {"name": self.name, "asked": self.asked}


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def taxa_called(texts: Iterable[str]) -> tuple[AskedTaxon, ...]:
    """The taxa of AphiaIDs and names; an AphiaID that is not held has no ordinals, so it matches nothing.

    Two queries, and one for each name. Raises BadQuestion for a name that no taxon here has.
    """
    texts = list(texts)
    numbers = [int(text) for text in texts if is_number(text)]
    held = {row.pk: row for row in Taxon.objects.filter(pk__in=numbers)} if numbers else {}
    asked = [(str(number), held[number]) for number in numbers if number in held]
    for name in (text for text in texts if not is_number(text)):
        rows = list(Taxon.objects.named(name).order_by("pk")[:MAX_TAXA_OF_A_NAME])
        if not rows:
            reason = _("No taxon called “%(name)s” is held here; q= searches in names.") % {"name": name}
            raise BadQuestion({"taxon": reason})
        asked += [(name, row) for row in rows]
    unheld = (
        AskedTaxon(str(n), n, _("AphiaID %(n)s (not held here)") % {"n": n}, "", None) for n in numbers if n not in held
    )
    return (*accepted_taxa(asked), *unheld)


def taxa_mentioning(text: str) -> tuple[AskedTaxon, ...]:
    """The taxa that have the text in a name. Raises BadQuestion when they are too many to tell apart."""
    rows = list(Taxon.objects.mentioning(text).order_by("pk")[: MAX_TAXA_OF_TEXT + 1])
    if len(rows) > MAX_TAXA_OF_TEXT:
        raise BadQuestion(
            {
                "q": _("More than %(max_taxa_of_text)s names hold “%(text)s”; please type more of it.")
                % {"max_taxa_of_text": MAX_TAXA_OF_TEXT, "text": text}
            }
        )
    return accepted_taxa([(text, row) for row in rows])


def accepted_taxa(asked: list[tuple[str, Taxon]]) -> tuple[AskedTaxon, ...]:
    """The accepted taxa of those asked for, each once, with their ranges; one query, more for chains of synonyms."""
    rows: dict[int, Taxon] = {}
    wanted = {row.accepted_id or row.pk for _, row in asked}
    while wanted:
        rows |= {row.pk: row for row in Taxon.objects.filter(pk__in=wanted).with_ordinal_end()}
        wanted = {row.accepted_id for row in rows.values() if row.accepted_id} - rows.keys()
    meant: dict[int, AskedTaxon] = {}
    for text, row in asked:
        taxon = end_of_chain(rows, row.accepted_id) if row.accepted_id else rows[row.pk]
        end = taxon.ordinal_end  # type: ignore[attr-defined]  # annotated
        ordinals = None if taxon.ordinal is None else OrdinalRange(taxon.ordinal, end)
        via = row.scientific_name if row.pk != taxon.pk else ""
        meant.setdefault(taxon.pk, AskedTaxon(text, taxon.pk, taxon.scientific_name, via, ordinals))
    return tuple(meant.values())


def end_of_chain(rows: Mapping[int, Taxon], aphia_id: int) -> Taxon:
    """The taxon that observations hang on; a chain that bites its tail ends where it would begin again."""
    seen = {aphia_id}
    while (target := rows[aphia_id].accepted_id) and target not in seen:
        seen.add(target)
        aphia_id = target
    return rows[aphia_id]


def merged(ranges: Iterable[OrdinalRange]) -> list[OrdinalRange]:
    """The same ordinals in as few ranges as can be."""
    joined: list[OrdinalRange] = []
    for first, end in sorted(ranges, key=lambda ordinals: ordinals.first):
        if joined and (joined[-1].end is None or joined[-1].end >= first):
            first, end_before = joined.pop()
            end = None if end is None or end_before is None else max(end, end_before)
        joined.append(OrdinalRange(first, end))
    return joined
