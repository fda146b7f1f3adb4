"""Features as rows of a table with Darwin Core terms, safe to open in a spreadsheet program."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from species.darwincore.features import Printed
from species.darwincore.serializers import ObservationSerializer
from species.masking import mask
from species.models import Dataset

# A cell that begins so is a formula to spreadsheet programs; an apostrophe before it makes it text.
# Some programs skip blanks and invisible characters before the sign, or take full-width and small
# signs and the true minus for the same.
FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212")
CONTROLS_FIRST = ("\t", "\r", "\n")  # some programs read what follows as the next cell
SKIPPED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})
# letters and symbols that show nothing
SKIPPED_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
BETWEEN = " | "  # of several values in one cell, as Darwin Core recommends
CITATION = "bibliographicCitation"
HEAD = (
    *("id", "decimalLongitude", "decimalLatitude"),
    *(name for name in ObservationSerializer().fields if name not in {"key", "location"}),
    CITATION,
)


class Line:
    """A target for csv.writer that returns each line."""

    def write(self, text: str) -> str:
        return text


class Table:
    """Lines of CSV (RFC 4180): the header, and features with their datasets' citations."""

    def __init__(self) -> None:
        self.write = csv.writer(Line()).writerow
        self.citations: dict[str, str] = {}

    def head(self) -> str:
        """Return the header."""
        return self.write(HEAD)

    def lines(self, features: Iterable[Printed]) -> Iterator[str]:
        """Yield a line for each feature; unknown datasets take one query."""
        told = [orjson.loads(feature.text) for feature in features]
        self.look_up({feature["properties"]["datasetID"] for feature in told})
        for feature in told:
            properties = feature["properties"]
            first = (feature["id"], *feature["geometry"]["coordinates"])
            citation = self.citations.get(properties["datasetID"], "")
            yield self.write((*first, *map(cell, properties.values()), cell(citation)))

    def look_up(self, datasets: set[str]) -> None:
        """Read the citations of these datasets."""
        if unknown := datasets - self.citations.keys():
            rows = Dataset.objects.filter(uuid__in=unknown).values_list("uuid", "citation")
            self.citations |= {str(uuid): mask(citation) for uuid, citation in rows}


def cell(value: Any) -> Any:
    """Return a value for a table: "" for null, joined lists, no formula."""
    text = BETWEEN.join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and may_be_formula(text) else text


def may_be_formula(text: str) -> bool:
    """Return whether a spreadsheet program may run the text as a formula."""
    if text[:1].isascii() and text[:1].isalnum():  # nearly all
        return False
    if text.startswith(CONTROLS_FIRST):
        return True
    first = next((char for char in text if not is_skipped(char)), "")
    return first in FORMULA_SIGNS


def is_skipped(char: str) -> bool:
    """Return whether the character is blank or invisible."""
    return char in SKIPPED_FILLERS or unicodedata.category(char) in SKIPPED_CATEGORIES
