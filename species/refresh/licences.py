"""Reads a licence, in any of its spellings, as one of CC0, CC BY, CC BY-NC, other or not stated."""

import re
import unicodedata

from species.refresh.text import cache_short, clean_text, says_nothing
from species.terms import License

# Tried in this order, on lower-case ASCII words: the strictest reading wins where a text names several licences.
_READINGS: tuple[tuple[re.Pattern[str], License], ...] = (
    (
        re.compile(
            r"\bcc ?by ?(nc ?)?(sa|nd)|licenses by (nc )?(sa|nd)\b|\bby (nc )?(sa|nd)\b|share ?alike|no ?deriv"
            r"|compartir ?igual|partage|sin obra|pas de modif|licenses (nc|sa|nd)\b"
        ),
        License.OTHER,
    ),
    (
        re.compile(
            r"\bcc ?by ?nc|licenses by nc|\bby nc ?\d|(creative commons|\bcc\b)"
            r".*(non ?commercial|no ?comercial|nao ?comercial|utilisation commerciale|\bby nc\b)"
        ),
        License.CC_BY_NC,
    ),
    (
        re.compile(
            r"\bcc ?by(\d|\b)|licenses by\b|creative commons (by|attribution|atribucion|atribuicao)"
            r"|creative commons (reconocimiento|paternite)"
        ),
        License.CC_BY,
    ),
    (
        re.compile(
            r"\bcc ?(0|zero)|publicdomain zero|creative commons zero"
            r"|waived all .*rights|renonce .*droits|domaine public cc ?0"
        ),
        License.CC0,
    ),
)
_LONGEST = 5_000  # characters; a longer text says more than the name of one licence
_STRICTNESS = {License.CC0: 0, License.CC_BY: 1, License.CC_BY_NC: 2, License.OTHER: 3}


@cache_short
def _read(text: str) -> License:
    if says_nothing(text.strip(" \"'")):
        return License.UNKNOWN
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    words = " ".join(re.split("[^0-9a-z]+", ascii_text)).strip()
    return next((license for pattern, license in _READINGS if pattern.search(words)), License.OTHER)


def normalise_license(text: object) -> License:
    """The licence that a text states; UNKNOWN when it says nothing, OTHER when it says something else."""
    stated = clean_text(text).strip()
    return _read(stated) if len(stated) <= _LONGEST else License.OTHER


def effective_license(record: License, dataset: License) -> License:
    """The stricter of a record's and its dataset's licence; one that says nothing does not count."""
    stated = [license for license in (record, dataset) if license in _STRICTNESS]
    return max(stated, key=_STRICTNESS.__getitem__, default=License.UNKNOWN)
