"""AphiaIDs in numbers, LSIDs, and addresses of WoRMS and OBIS."""

import re

from species.taxon_names.text import clean_name, fold_text

MAX_APHIA_ID = 2**31 - 1

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
BRACKETED_ID = re.compile(
    r"\s?[\[(](?:AphiaID[ :=]{0,2})?(\d{1,3}|\d{5,10})[\])](?=[\s,]|$)", re.ASCII | re.IGNORECASE
)


def parse_aphia_id(text: str) -> int | None:
    """Return the AphiaID of a number, an LSID or an address; None for other texts."""
    cleaned = clean_name(text).replace(" ", "") if ":" in text or "/" in text else clean_name(text)
    for pattern in IDENTIFIERS:
        if match := pattern.fullmatch(fold_text(text)) or pattern.fullmatch(cleaned):
            return int(match[1])
    return None


def find_bracketed_id(text: str) -> int | None:
    """Return the AphiaID in brackets after a name, as in "Gadus morhua [126436]".

    Four digits are a year.
    """
    found = BRACKETED_ID.search(clean_name(text))
    return int(found[1]) if found else None


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
