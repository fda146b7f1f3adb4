"""Log files for their owner only, since printed mails may contain links that reset passwords."""

from __future__ import annotations

import os
from typing import IO

from config.setup.paths import LOGS


def close_logs() -> None:
    """Remove other users' access to .local/log and to files of earlier set-ups in it."""
    if not LOGS.exists():
        return
    LOGS.chmod(0o700)
    for file in LOGS.iterdir():
        if file.is_file() and not file.is_symlink():
            file.chmod(0o600)


def open_log(name: str) -> IO[bytes]:
    """Open a log for appending; create it if needed."""
    LOGS.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_logs()
    return os.fdopen(os.open(LOGS / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
