"""Read any spelling of a licence as CC0, CC BY, CC BY-NC, other or not stated, with its URI.

A text counts only if it names exactly one licence and otherwise has only words known to leave it as
it is. Negations, embargoes, second licences, restrictions in any language and signs such as "?"
make it "other".
"""

import re
import unicodedata
from typing import NamedTuple

from species.refresh.clean.licence_texts import (
    ELEMENTS,
    MARKUP,
    NAMING,
    NEUTRAL,
    NEUTRAL_OF_CC0,
    NEUTRAL_URI,
    PORTS,
    SENTENCES,
    SENTENCES_OF_CC0,
    URI,
    VERSIONS,
    WAIVER,
)
from species.refresh.text import cache_short, clean_text, says_nothing
from species.terms import License

LONGEST = 2_000  # characters of a text that may count as a licence's name
ROOT = "https://creativecommons.org/"
CC0, MARK = "zero", "mark"
ACCENTS = {202, 230}  # canonical combining classes

_CLASSES = {CC0: License.CC0, "by": License.CC_BY, "by-nc": License.CC_BY_NC}
_MEANING = {phrase: word for word, phrases in ELEMENTS.items() for phrase in phrases}
_PHRASE = re.compile(rf"\b(?:{'|'.join(sorted(_MEANING, key=len, reverse=True))})\b")
_SENTENCE = re.compile(rf"\b(?:{'|'.join(SENTENCES)})\b")
_SENTENCE_OF_CC0 = re.compile(rf"\b(?:{'|'.join((*SENTENCES, *SENTENCES_OF_CC0))})\b")
# With typographic quotation marks (2018-201f, angle quotes) and dashes (2010-2015).
_SEPARATORS = re.compile(r"""[\s.,;:()\[\]{}"'`\xab\xbb\u2018-\u201f\-\u2010-\u2015_/&|<>=]+""")


class LicenseReading(NamedTuple):
    """The class of a licence, and its URI if the text names the version."""

    license: License
    uri: str


class _Named(NamedTuple):
    """A licence named in a text: a code such as "by-nc" or "zero", version and port or ""."""

    code: str
    version: str
    port: str

    @property
    def uri(self) -> str:
        """Return the address at creativecommons.org, or "" without a version."""
        if self.code in (CC0, MARK):
            return f"{ROOT}publicdomain/{self.code}/1.0/"
        port = f"{self.port}/" if self.port else ""
        return f"{ROOT}licenses/{self.code}/{self.version}/{port}" if self.version else ""


_NOTHING, _OTHER = LicenseReading(License.UNKNOWN, ""), LicenseReading(License.OTHER, "")


def read_license(text: object) -> LicenseReading:
    """Return the licence that a text states; UNKNOWN if none, OTHER if it is not certain."""
    return _read(clean_text(text))


def normalise_license(text: object) -> License:
    """Return the class of the licence that a text states."""
    return read_license(text).license


@cache_short
def _read(text: str) -> LicenseReading:
    text = text.strip(" \t\r\n\"'")
    if says_nothing(text):
        return _NOTHING
    # footnotes, fractions
    if len(text) > LONGEST or any(unicodedata.category(sign) == "No" for sign in text):
        return _OTHER
    named: list[_Named] = []
    rest = URI.sub(lambda match: _note(named, _of_uri(match)), unicodedata.normalize("NFKC", text))
    words = WAIVER.sub(
        lambda _: _note(named, _Named(CC0, "1.0", "")),
        _fold_words(MARKUP.sub(" ", NEUTRAL_URI.sub(" ", rest))),
    )
    unnamed = NAMING.sub(lambda match: _note(named, _of_words(match)), _shorten(words, _SENTENCE))
    license = _the_only(named)
    if license and license.code == CC0:
        unnamed = NAMING.sub(" ", _shorten(words, _SENTENCE_OF_CC0))
    if license is None or not (NEUTRAL_OF_CC0 if license.code == CC0 else NEUTRAL).issuperset(
        unnamed.split()
    ):
        return _OTHER
    return LicenseReading(_CLASSES.get(license.code, License.OTHER), license.uri)


def _fold_words(text: str) -> str:
    """Return text in lower case without accents, its separators as single spaces.

    Only accents above and cedillas are removed; strokes through letters, as in a negated sign,
    stay.
    """
    plain = "".join(
        c
        for c in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.combining(c) not in ACCENTS
    )
    return _SEPARATORS.sub(" ", plain).strip()


def _shorten(words: str, sentence: re.Pattern[str]) -> str:
    """Return words without standard sentences, and with short codes for the long names of elements."""
    return _PHRASE.sub(lambda match: _MEANING[match[0]], sentence.sub(" ", words))


def _note(named: list[_Named], license: _Named | None) -> str:
    """Append a licence and return its replacement in the text; an impossible one leaves a sign."""
    if license is None:
        return " ? "
    named.append(license)
    return " "


def _of_uri(match: re.Match[str]) -> _Named | None:
    if match["tool"]:
        return _Named(match["tool"].lower(), "1.0", "")
    return _versioned(match["code"].lower(), match["version"], (match["port"] or "").lower())


def _of_words(match: re.Match[str]) -> _Named | None:
    if match["zero"]:
        return _Named(CC0, "1.0", "")
    elements = (match["elements"] or match["title"]).replace(" ", "")
    code = "-".join(elements[n : n + 2] for n in range(0, len(elements), 2))
    digits, port = match["version"], PORTS.get(match["port"] or "", "")
    return (
        _versioned(code, f"{digits[0]}.{digits[2:] or '0'}", port)
        if digits
        else _Named(code, "", "")
    )


def _versioned(code: str, version: str, port: str) -> _Named | None:
    """Return the licence if the version exists; 4.0 has no ports."""
    return (
        None
        if version not in VERSIONS or (port and version == "4.0")
        else _Named(code, version, port)
    )


def _the_only(named: list[_Named]) -> _Named | None:
    """Return the one licence that all namings mean, with version and port; None if they differ."""
    codes, versions, ports = (
        ({*values} - {""} for values in zip(*named, strict=True)) if named else (set(),) * 3
    )
    if len(codes) != 1 or len(versions) > 1 or len(ports) > 1:
        return None
    return _Named(codes.pop(), *("".join(values) for values in (versions, ports)))
