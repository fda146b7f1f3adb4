"""Unicode normalization of names and passwords."""

import unicodedata


def normalize_name(text: str) -> str:
    """Return the name in NFKC."""
    return unicodedata.normalize("NFKC", text)


def normalize_display_name(text: str) -> str:
    """Return the name in NFKC with single spaces."""
    return " ".join(normalize_name(text).split())


def normalize_password(password: str) -> str:
    """Return the password in NFKC. Source: NIST SP 800-63B-4, 3.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def spellings(password: str) -> list[str]:
    """Return the forms of a password to check against a stored hash.

    NFKC comes first, then as typed and NFD, for hashes made before passwords were normalized.
    """
    return list(
        dict.fromkeys(
            (normalize_password(password), password, unicodedata.normalize("NFD", password))
        )
    )
