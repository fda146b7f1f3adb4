"""The name of the running build, a hash of every file that can change a response.

ETags and immutable addresses contain it, so that no browser keeps responses of an earlier release.
"""

import hashlib
from pathlib import Path

FOLDERS = (
    "config",
    "locale",
    "species",
    "static/css",
    "static/js",
    "static/vendor",
    "templates",
    "users",
)
SUFFIXES = {".css", ".html", ".js", ".mo", ".py", ".txt", ".xml"}
PACKAGES = "poetry.lock"


def name_of(checkout: Path) -> str:
    """Return twelve hexadecimal digits, the same wherever the same release runs. Takes about 30 ms."""
    files = [
        path
        for folder in FOLDERS
        for path in (checkout / folder).rglob("*")
        if path.suffix in SUFFIXES
    ]
    read = hashlib.sha256()
    for path in sorted([*files, checkout / PACKAGES]):
        body = path.read_bytes()
        read.update(f"{path.relative_to(checkout).as_posix()} {len(body)}\n".encode() + body)
    return read.hexdigest()[:12]
