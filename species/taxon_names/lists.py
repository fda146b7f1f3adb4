# ruff: noqa: RUF001  # the look-alike characters are the point
"""Lists of names and AphiaIDs, separated by commas, in one parameter."""

import re
from collections.abc import Iterable

from species.taxon_names.authorship import CO_AUTHORS, is_capitalised_authorship
from species.taxon_names.identifiers import parse_aphia_id
from species.taxon_names.readings import has_author
from species.taxon_names.text import clean_name

# Pieces between commas; a comma within quotes or brackets separates nothing.
PIECE = re.compile(r'(?:"[^"]*"|“[^“”]*”|\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|[^,])+')
YEAR_FIRST = re.compile(r"[(\[]?\d{4}(?!\d)", re.ASCII)


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
            if YEAR_FIRST.match(piece) and terms and parse_aphia_id(terms[-1]) is None:
                terms[-1:] = [attach_year(terms, piece)]
            elif (
                CO_AUTHORS.search(piece)
                and terms
                and is_capitalised_authorship(piece)
                and has_author(terms[-1])
            ):
                terms[-1] = f"{terms[-1]}, {piece}"
            else:
                terms.append(strip_quotes(piece))
        found += terms
    return found


def attach_year(terms: list[str], year: str) -> str:
    """Return the last name with its year; removes its co-authors from `terms`."""
    at = len(terms) - 1
    while (
        at > 0
        and is_capitalised_authorship(clean_name(terms[at]))
        and CO_AUTHORS.search(", ".join(terms[at:]))
    ):
        at -= 1
    if at < len(terms) - 1 and has_author(terms[at]):
        joined = ", ".join([*terms[at:], year])
        del terms[at:-1]
        return joined
    return f"{terms[-1]}, {year}"


def strip_quotes(piece: str) -> str:
    """Return the piece without the quotes around all of it, which `join_names` adds."""
    inner = piece[1:-1]
    is_quoted = len(piece) > 2 and (piece[0], piece[-1]) in {('"', '"'), ("“", "”")}
    return inner.strip() if is_quoted and '"' not in inner else piece.replace('"', " ").strip()


def join_names(terms: Iterable[str]) -> str:
    """Return a text that `split_names` reads as these terms; quoted only where necessary."""
    terms = list(terms)
    text = ",".join(terms)
    if split_names([text]) == terms:
        return text
    return ",".join(f'"{term}"' if parse_aphia_id(term) is None else term for term in terms)
