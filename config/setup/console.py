"""Messages of the set-up, and its errors in one line."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


class SetupError(Exception):
    """The set-up cannot continue; the message says why, and how to fix it."""


def say(message: str) -> None:
    """Print one line of progress at once, also when the output is a pipe."""
    print(f"==> {message}", flush=True)


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Print a SetupError and exit with status 1, or 130 after Ctrl-C, without a traceback."""
    try:
        yield
    except SetupError as error:
        print(f"\nError: {error}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr, flush=True)
        raise SystemExit(130) from None
    except PermissionError as error:
        owner_hint = f"{error.filename} cannot be read or written by this user (id {os.getuid()})"
        print(
            f"\nError: {owner_hint}. Was the set-up run as another user before?",
            file=sys.stderr,
            flush=True,
        )
        raise SystemExit(1) from None
