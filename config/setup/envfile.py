"""Private KEY=VALUE files in .local, with the portal's database and secret key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from config.setup.paths import LOCAL, SECRET_KEY_FILE

PROFILE = "private"  # http on this machine only: settings.py then asks for no TLS


def read_env(path: Path) -> dict[str, str]:
    """Return the variables of an env file; an absent file is an empty one."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_env(path: Path, database_url: str) -> None:
    """Write the file with this address and the checkout's secret key. Mode 0600, in one step."""
    values = {"PORTAL_PROFILE": PROFILE, "DATABASE_URL": database_url, "SECRET_KEY": secret_key()}
    write_private(path, "".join(f"{name}={value}\n" for name, value in values.items()))


def secret_key() -> str:
    """Return the checkout's own SECRET_KEY, made at the first call and kept in a file of mode 0600."""
    if not SECRET_KEY_FILE.exists():
        write_private(SECRET_KEY_FILE, secrets.token_urlsafe(50))
    return SECRET_KEY_FILE.read_text(encoding="utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Put text into a file that only its owner can read; a reader sees the old text or the new,
    never a part.
    """
    LOCAL.mkdir(mode=0o755, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def known_login(path: Path) -> tuple[str, int] | None:
    """Return password and port of the cluster that an env file points at, or None when it names
    none.
    """
    parts = urlsplit(read_env(path).get("DATABASE_URL", ""))
    return (parts.password, parts.port) if parts.password and parts.port else None
