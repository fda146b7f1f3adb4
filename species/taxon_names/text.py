# ruff: noqa: RUF001  # the look-alike characters are the point
"""One spelling for names that were pasted: letters, spaces, dashes, apostrophes, markup."""

import re
import unicodedata

MARKUP = re.compile(r"</?(?:i|em|b|strong|span)>|[†*_\N{NO-BREAK SPACE}]", re.IGNORECASE)
APOSTROPHES = dict.fromkeys(map(ord, "’‘‛ʼ`´′"), "'")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
CONTROLS = {"Cc", "Cf", "Cs"}
QUOTES = "\"'“”„«»‹›"


def fold_text(text: str) -> str:
    """Return NFKC text without invisible characters and outer quotes; underscores stay."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(char for char in folded if unicodedata.category(char) not in CONTROLS)
    return " ".join(visible.split()).strip(QUOTES + "<> ").strip()


def clean_name(text: str) -> str:
    """Return a name with plain letters, spaces, dashes and apostrophes.

    Markup, quotes and punctuation around it are removed.
    """
    spaced = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zs", "Zl", "Zp"} else char for char in text
    )
    folded = fold_text(
        MARKUP.sub(lambda match: " " if match[0] in "_\N{NO-BREAK SPACE}" else "", spaced)
    )
    plain = folded.translate(DASHES | APOSTROPHES).strip(QUOTES + ",;: ")
    return " ".join(plain.split())
