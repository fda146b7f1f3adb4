# ruff: noqa: RUF001  # the look-alike characters are the point
"""Taxon names as people paste them: identifiers, authorship, qualifiers and typographic noise; no
database.

Sources: ICZN articles 4 to 6, 22 and 51 (subgenera, authorship), ICN articles 24 and H.3 (rank
markers, hybrids), and the LSIDs and addresses of WoRMS.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_APHIA_ID = 2**31 - 1
MAX_WORDS = 16  # of a name with its authorship; longer text is matched as it is typed

IDENTIFIERS = (
    re.compile(
        r"(?:https?://\S{1,60}/)?(?:urn:)?lsid:marinespecies\.org:taxname:(\d{1,10})",
        re.ASCII | re.IGNORECASE,
    ),
    re.compile(
        r"(?:https?://)?(?:www\.)?marinespecies\.org/(?:\w{1,20}/)?aphia\.php\?(?:[^\s#]{0,80}(?:&|&amp;))?"
        r"id=(\d{1,10})(?:[&#]\S{0,80})?",
        re.ASCII | re.IGNORECASE,
    ),
    re.compile(
        r"(?:https?://)?(?:www\.)?marinespecies\.org/rest/Aphia\w{1,40}/(\d{1,10})/?",
        re.ASCII | re.IGNORECASE,
    ),
    re.compile(
        r"(?:https?://)?(?:(?:www\.)?obis\.org|api\.obis\.org/v3)/taxon/(\d{1,10})/?(?:[?#]\S{0,80})?",
        re.ASCII | re.IGNORECASE,
    ),
    re.compile(
        r"(?:Aphia(?:[ _-]?ID)?|WoRMS(?:[ _-]?ID)?)[ :=#]{1,3}(\d{1,10})", re.ASCII | re.IGNORECASE
    ),
    re.compile(r"AphiaID(\d{1,10})", re.ASCII | re.IGNORECASE),
    re.compile(r"(\d{1,200})", re.ASCII),
)
# Pieces between commas; a comma within quotes or brackets separates nothing.
PIECE = re.compile(r'(?:"[^"]*"|“[^“”]*”|\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|[^,])+')
YEAR_FIRST = re.compile(r"[(\[]?\d{4}(?!\d)", re.ASCII)
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)
MARKUP = re.compile(r"</?(?:i|em|b|strong|span)>|[†*_\N{NO-BREAK SPACE}]", re.IGNORECASE)
APOSTROPHES = dict.fromkeys(map(ord, "’‘‛ʼ`´′"), "'")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
CONTROLS = {"Cc", "Cf", "Cs"}
QUOTES = "\"'“”„«»‹›"

CONNECTORS = {"&", "et", "and", "und", "y", "e", "in", "ex", "al", "al.", "non", "nec", "sensu", "auct.", "auctt.",
              "emend.", "apud", "bis", "fil.", "f.", "filius", "jun.", "sen.", "ms", "ms."}  # fmt: skip
PARTICLES = {"de", "del", "della", "da", "das", "do", "dos", "du", "des", "di", "la", "le", "van", "von", "der", "den",
             "dem", "ter", "ten", "vander", "zu", "zur", "af", "av", "'t", "el"}  # fmt: skip
_SENSE = r"(?:sensu\s(?:lato|stricto|amplo)|s\.\s?(?:lat|ampl|str|l|s)\.)"
_DOUBT = r"(?:\?|sic!?|cf\.?|juv\.?|juvenile|indet\.?)"
# Words that do not change which taxon is meant.
QUALIFIERS = re.compile(
    r"(?:^|(?<=\s))(?:(?:n|gen|sp|spec|ssp|subsp|var|comb|stat|nom)\.?\s?nov\.?|n\.\s?sp\.?|sp\.\s?inq\.|(?:spp|sp|spec)\."
    rf"(?:\s[A-Z0-9]{{1,3}})?|spp|sp|cfr\.?|agg\.?|{_DOUBT}|{_SENSE}|inc\.\s?sed\.|incertae\ssedis"
    r"|nom(?:en|\.)\s?(?:cons|nud|dub|prot|obl|rej|inval|illeg|ambig|conservandum|nudum|dubium|protectum|oblitum)\.?"
    rf"|[\[(](?:{_DOUBT}|{_SENSE})[\])])(?=\s|$|,)"
)
ITS_NUMBER = re.compile(
    r"\s?[\[(](?:AphiaID[ :=]{0,2})?(\d{1,3}|\d{5,10})[\])](?=[\s,]|$)", re.ASCII | re.IGNORECASE
)
# Words by which an author says that another taxon is meant: the name is misapplied, or only near to
# this one.
MISAPPLIED = re.compile(
    r"(?<=\s)[\[(]?(?:sensu\s)?(?:non|nec|not|auctt?|auctorum|misapplied|misid)(?=[\s.,:)\]]|$).*",
    re.IGNORECASE,
)
NEAR = re.compile(r"(?<=\s)[\[(]?(?:aff|nr|near)(?:\.|(?=[\s)\]])|$)[\])]?", re.IGNORECASE)
RANKS = {
    "subsp.",
    "ssp.",
    "var.",
    "f.",
    "forma",
    "fo.",
    "subvar.",
    "subf.",
    "morph",
    "natio",
    "subspecies",
    "variety",
}
CROSSES = {"×", "x", "X"}
AUTHOR = re.compile(r"(?:[dDlLO]')?[^\W\d_](?:[\w.'-]|(?<=\w)/(?=\w))*", re.UNICODE)
EPITHET = re.compile(r"[^\W\d_][^\W\d_'-]*(?:['-][^\W\d_]+)*")
ABBREVIATED = {"l": "linnaeus", "linne": "linnaeus", "linn": "linnaeus"}


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name that a text can mean. `authorship` is the rest of the text.

    `needs_author`: nothing but the taxon's own authorship can prove that the rest belongs to the
    author.
    """

    name: str
    authorship: str = ""
    needs_author: bool = False

    def is_by(self, authorship: str) -> bool:
        """Whether the rest of the text names the first of these authors."""
        ours, theirs = author_words(self.authorship), author_words(authorship)
        return bool(ours and theirs) and (
            ours[0] == theirs[0] or ABBREVIATED.get(ours[0]) == theirs[0]
        )


def aphia_id_of(text: str) -> int | None:
    """Return the AphiaID of a number, an LSID or an address of WoRMS or OBIS, None for anything
    else.
    """
    cleaned = clean(text).replace(" ", "") if ":" in text or "/" in text else clean(text)
    for pattern in IDENTIFIERS:
        if match := pattern.fullmatch(raw(text)) or pattern.fullmatch(cleaned):
            return int(match[1])
    return None


def number_beside(text: str) -> int | None:
    """Return the AphiaID in brackets behind a name, as in "Gadus morhua [126436]"; four digits are
    a year.
    """
    found = ITS_NUMBER.search(clean(text))
    return int(found[1]) if found else None


def changes_meaning(text: str) -> bool:
    """Return whether a qualifier such as "auct.", "non" or "aff." says that another taxon is meant."""
    return bool(name_misapplied(text))


def name_misapplied(text: str) -> str:
    """Return the name that a text says is not the taxon meant, as in "Gadus morhua auct."; "" for
    other texts.
    """
    plain = clean(text)
    name = " ".join(NEAR.sub(" ", MISAPPLIED.sub("", plain)).split())
    return name if name != plain else ""


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def raw(text: str) -> str:
    """Return NFKC text without invisible characters and outer quotes; unlike `clean`, underscores
    stay.
    """
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(char for char in folded if unicodedata.category(char) not in CONTROLS)
    return " ".join(visible.split()).strip(QUOTES + "<> ").strip()


def clean(text: str) -> str:
    """Return the text with one kind of letter, space, dash and apostrophe, without markup, quotes
    and full stop.
    """
    spaced = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zs", "Zl", "Zp"} else char for char in text
    )
    folded = raw(MARKUP.sub(lambda match: " " if match[0] in "_\N{NO-BREAK SPACE}" else "", spaced))
    plain = folded.translate(DASHES | APOSTROPHES).strip(QUOTES + ",;: ")
    return " ".join(plain.split())


def split_names(values: Iterable[str]) -> list[str]:
    """Return the names and AphiaIDs of `taxon=` values, which separate them with commas.

    A comma within brackets or quotes is part of a name, and so is one before a year: four digits
    after a name are the year of its authorship, never an AphiaID.
    """
    found: list[str] = []
    for value in values:
        terms: list[str] = []
        for piece in (match[0].strip() for match in PIECE.finditer(value)):
            if not piece:
                continue
            if YEAR_FIRST.match(piece) and terms and aphia_id_of(terms[-1]) is None:
                terms[-1:] = [with_year(terms, piece)]
            elif (
                CO_AUTHORS.search(piece)
                and terms
                and is_capitalised_authorship(piece)
                and has_author(terms[-1])
            ):
                terms[-1] = f"{terms[-1]}, {piece}"
            else:
                terms.append(unquoted(piece))
        found += terms
    return found


def with_year(terms: list[str], year: str) -> str:
    """Return the last name with its year; co-authors set off by commas are taken out of `terms`."""
    at = len(terms) - 1
    while (
        at > 0
        and is_capitalised_authorship(clean(terms[at]))
        and CO_AUTHORS.search(", ".join(terms[at:]))
    ):
        at -= 1
    if at < len(terms) - 1 and has_author(terms[at]):
        joined = ", ".join([*terms[at:], year])
        del terms[at:-1]
        return joined
    return f"{terms[-1]}, {year}"


CO_AUTHORS = re.compile(r"\s(?:&|et|and)\s", re.IGNORECASE)


def has_author(term: str) -> bool:
    """Whether a species name is followed by an author, as in "Mola alexandrini Ranzani"."""
    return any(reading.authorship and not reading.needs_author for reading in readings(term))


def unquoted(piece: str) -> str:
    """Without the quotes around the whole piece, which `joined` puts there."""
    inner = piece[1:-1]
    is_quoted = len(piece) > 2 and (piece[0], piece[-1]) in {('"', '"'), ("“", "”")}
    return inner.strip() if is_quoted and '"' not in inner else piece.replace('"', " ").strip()


def joined(terms: Iterable[str]) -> str:
    """Return one text that `split_names` reads as these terms; quotes appear only where they are
    needed.
    """
    terms = list(terms)
    text = ",".join(terms)
    if split_names([text]) == terms:
        return text
    return ",".join(f'"{term}"' if aphia_id_of(term) is None else term for term in terms)


def readings(text: str) -> list[NameReading]:
    """Return the scientific names that a text can mean, the longest first."""
    if changes_meaning(text):
        return []
    named = ITS_NUMBER.sub("", clean(text).replace("×", " × "))
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
            NameReading(spelling, rest, needs_author=not is_certain) for spelling in spellings(name)
        ]
    return list(dict.fromkeys(found))


def ends_before_author(name: list[str], rest: str) -> bool:
    """Whether capitals alone show where a name of two words or more ends and its authorship begins."""
    epithets = [word for word in name[1:] if not is_bracketed(word) and word not in RANKS | CROSSES]
    is_species = bool(epithets) and all(
        EPITHET.fullmatch(word) and word.islower() for word in epithets
    )
    if not author_words(rest):
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


def is_authorship(text: str) -> bool:
    """Whether the text can be authors with or without a year, such as "(Montagu, 1821)" or "L. in
    Gmelin".
    """
    bare = re.sub(r"[()\[\],;:]", " ", text).split()
    return (
        bool(bare)
        and all(is_author_word(word) for word in bare)
        and any(names_author(word) for word in bare)
    )


def is_capitalised_authorship(text: str) -> bool:
    """Whether besides connectors and particles every author begins with a capital, as after a
    species name.
    """
    small = {word for word in re.findall(r"[^\s()\[\],;:]+", text) if word[0].islower()}
    return is_authorship(text) and all(
        word in CONNECTORS | PARTICLES or re.match(r"[dl]'\w", word) for word in small
    )


def names_author(word: str) -> bool:
    return bool(YEAR.search(word)) or (
        word.casefold() not in CONNECTORS | PARTICLES and word[0].isalpha()
    )


def is_author_word(word: str) -> bool:
    if word.casefold() in CONNECTORS | PARTICLES or re.fullmatch(
        r"\d{4}[a-z]?(?:[-/]\d{2,4})?|-", word
    ):
        return True
    return bool(AUTHOR.fullmatch(word))


def spellings(words: list[str]) -> Iterator[str]:
    """Yield a name as written, then without a subgenus, and hybrids with either cross or none."""
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


def author_words(authorship: str) -> list[str]:
    """Return the surnames of an authorship, in lower case and without accents, particles and years."""
    folded = unicodedata.normalize(
        "NFKD", authorship.replace("æ", "ae").replace("ø", "o")
    ).casefold()
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    words = re.findall(r"[^\W\d_]+", bare)
    skipped = {word.strip(".'") for word in CONNECTORS | PARTICLES}
    return [word for word in words if word not in skipped]
