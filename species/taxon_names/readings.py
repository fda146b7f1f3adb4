# ruff: noqa: RUF001  # the look-alike characters are the point
"""Scientific names in texts with authorship, qualifiers and noise.

Sources: ICZN articles 4 to 6 (subgenera), ICN articles 24 and H.3 (rank markers, hybrids).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from species.taxon_names.authorship import (
    PARTICLES,
    YEAR,
    is_authorship,
    is_capitalised_authorship,
    surnames_in,
)
from species.taxon_names.identifiers import BRACKETED_ID
from species.taxon_names.text import clean_name

MAX_WORDS = 16  # of a name with its authorship; longer texts are only matched as they are

_SENSE = r"(?:sensu\s(?:lato|stricto|amplo)|s\.\s?(?:lat|ampl|str|l|s)\.)"
_DOUBT = r"(?:\?|sic!?|cf\.?|juv\.?|juvenile|indet\.?)"
# Words that do not change which taxon is meant.
QUALIFIERS = re.compile(
    r"(?:^|(?<=\s))(?:(?:n|gen|sp|spec|ssp|subsp|var|comb|stat|nom)\.?\s?nov\.?|n\.\s?sp\.?|sp\.\s?inq\.|(?:spp|sp|spec)\."
    rf"(?:\s[A-Z0-9]{{1,3}})?|spp|sp|cfr\.?|agg\.?|{_DOUBT}|{_SENSE}|inc\.\s?sed\.|incertae\ssedis"
    r"|nom(?:en|\.)\s?(?:cons|nud|dub|prot|obl|rej|inval|illeg|ambig|conservandum|nudum|dubium|protectum|oblitum)\.?"
    rf"|[\[(](?:{_DOUBT}|{_SENSE})[\])])(?=\s|$|,)"
)
# Words by which an author says that another taxon is meant: the name is misapplied, or only near to
# this one.
MISAPPLIED = re.compile(
    r"(?<=\s)[\[(]?(?:sensu\s)?(?:non|nec|not|auctt?|auctorum|misapplied|misid)(?=[\s.,:)\]]|$).*",
    re.IGNORECASE,
)
NEAR = re.compile(r"(?<=\s)[\[(]?(?:aff|nr|near)(?:\.|(?=[\s)\]])|$)[\])]?", re.IGNORECASE)
RANKS = {
    *("subsp.", "ssp.", "var.", "f.", "forma", "fo.", "subvar.", "subf.", "morph", "natio"),
    *("subspecies", "variety"),
}
CROSSES = {"×", "x", "X"}
EPITHET = re.compile(r"[^\W\d_][^\W\d_'-]*(?:['-][^\W\d_]+)*")
ABBREVIATED = {"l": "linnaeus", "linne": "linnaeus", "linn": "linnaeus"}


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name that a text can mean; `authorship` is the rest of the text.

    `needs_author`: the rest is authorship only if the taxon has this author.
    """

    name: str
    authorship: str = ""
    needs_author: bool = False

    def is_by(self, authorship: str) -> bool:
        """Return whether the rest of the text names the first of these authors."""
        ours, theirs = surnames_in(self.authorship), surnames_in(authorship)
        return bool(ours and theirs) and (
            ours[0] == theirs[0] or ABBREVIATED.get(ours[0]) == theirs[0]
        )


def read_names(text: str) -> list[NameReading]:
    """Return the scientific names that a text can mean, the longest first."""
    if changes_meaning(text):
        return []
    named = BRACKETED_ID.sub("", clean_name(text).replace("×", " × "))
    plain = QUALIFIERS.sub(" ", named).replace("?", " ").replace(" ,", ",")
    words = [word for word in plain.split() if word not in {",", ";"}]
    if not words or len(words) > MAX_WORDS:
        return []
    found = []
    for end in range(len(words), 0, -1):
        name, rest = words[:end], " ".join(words[end:])
        if rest and not is_authorship(rest):
            continue
        is_certain = not rest or ends_before_author(name, rest)
        found += [
            NameReading(spelling, rest, needs_author=not is_certain)
            for spelling in spell_name(name)
        ]
    return list(dict.fromkeys(found))


def changes_meaning(text: str) -> bool:
    """Return whether "auct.", "non" or "aff." says that another taxon is meant."""
    return bool(name_misapplied(text))


def name_misapplied(text: str) -> str:
    """Return the name that is said not to be the taxon meant, as in "Gadus morhua auct."; or ""."""
    plain = clean_name(text)
    name = " ".join(NEAR.sub(" ", MISAPPLIED.sub("", plain)).split())
    return name if name != plain else ""


def has_author(term: str) -> bool:
    """Return whether an author follows a species name, as in "Mola alexandrini Ranzani"."""
    return any(reading.authorship and not reading.needs_author for reading in read_names(term))


def ends_before_author(name: list[str], rest: str) -> bool:
    """Return whether capitals alone show where a species name ends and its author begins."""
    epithets = [word for word in name[1:] if not is_bracketed(word) and word not in RANKS | CROSSES]
    is_species = bool(epithets) and all(
        EPITHET.fullmatch(word) and word.islower() for word in epithets
    )
    if not surnames_in(rest):
        return True  # a year alone
    first = rest.split()[0]
    starts = (
        first[0] in "(["
        or first[0].isupper()
        or first in PARTICLES
        or bool(re.match(r"[dlo]'\w", first))
    )
    return is_species and starts and is_capitalised_authorship(rest)


def is_bracketed(word: str) -> bool:
    return word.startswith("(") and word.endswith(")")


def spell_name(words: list[str]) -> Iterator[str]:
    """Yield a name as written, without a subgenus, and hybrids with either cross or none."""
    words = [word.strip(",;:") for word in words]
    yield " ".join(words)
    if (
        len(words) > 2
        and is_bracketed(words[1])
        and not YEAR.search(words[1])
        and words[2].islower()
    ):
        yield " ".join([words[0], *words[2:]])
    at = next((at for at, word in enumerate(words[:2]) if word in CROSSES), -1)
    parts = [word for word in words if word not in CROSSES]
    # Between two parents a cross makes a formula, which is no name.
    if (
        at >= 0
        and len(parts) == len(words) - 1
        and len(parts) > at
        and (at == 0 or parts[1].islower())
    ):
        before, after = parts[:at], parts[at:]
        for crossed in (["×", *after], ["x", *after], [f"×{after[0]}", *after[1:]], after):
            yield " ".join([*before, *crossed])
