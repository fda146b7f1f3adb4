"""Authors and years after a name.

Sources: ICZN articles 22 and 51, ICN article 46 (authorship).
"""

import re
import unicodedata

YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)
CONNECTORS = {"&", "et", "and", "und", "y", "e", "in", "ex", "al", "al.", "non", "nec", "sensu", "auct.", "auctt.",
              "emend.", "apud", "bis", "fil.", "f.", "filius", "jun.", "sen.", "ms", "ms."}  # fmt: skip
PARTICLES = {"de", "del", "della", "da", "das", "do", "dos", "du", "des", "di", "la", "le", "van", "von", "der", "den",
             "dem", "ter", "ten", "vander", "zu", "zur", "af", "av", "'t", "el"}  # fmt: skip
AUTHOR = re.compile(r"(?:[dDlLO]')?[^\W\d_](?:[\w.'-]|(?<=\w)/(?=\w))*", re.UNICODE)

CO_AUTHORS = re.compile(r"\s(?:&|et|and)\s", re.IGNORECASE)


def is_authorship(text: str) -> bool:
    """Return whether the text can be authors, such as "(Montagu, 1821)" or "L. in Gmelin"."""
    bare = re.sub(r"[()\[\],;:]", " ", text).split()
    return (
        bool(bare)
        and all(is_author_word(word) for word in bare)
        and any(names_author(word) for word in bare)
    )


def is_capitalised_authorship(text: str) -> bool:
    """Return whether all authors begin with a capital, apart from connectors and particles."""
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


def surnames_in(authorship: str) -> list[str]:
    """Return the surnames in lower case, without accents, particles and years."""
    folded = unicodedata.normalize(
        "NFKD", authorship.replace("æ", "ae").replace("ø", "o")
    ).casefold()
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    words = re.findall(r"[^\W\d_]+", bare)
    skipped = {word.strip(".'") for word in CONNECTORS | PARTICLES}
    return [word for word in words if word not in skipped]
