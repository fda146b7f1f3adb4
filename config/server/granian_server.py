"""Serve the portal with granian: the one configuration for `make run`, containers and bare servers.

Granian keeps silent, idle and slow connections away from the threads that run the portal, and
config/server/gateway.py does the same with slow request bodies. Downloads and expensive queries
occupy a thread; config/http/lanes.py bounds their number, so that some threads are always free for
pages and /healthz.
"""

import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from config import env

# per worker process; started on demand, each with a database connection while it lives
THREADS = 40
BACKLOG = 4_096  # connections, divided among the workers; beyond these the kernel lets clients wait
HEADER_SECONDS = 15  # to send the request's head, and how long an idle connection is kept
# A map's address may contain a drawn area and every filter. config/http/long_addresses.py refuses
# more than 8,190 bytes with a reason; the server itself refuses larger heads than this (431).
HEAD_BYTES = 64 * 1024
# a client that reads nothing for so long is disconnected, which ends its download
STALLED_SECONDS = 120
STOP_SECONDS = 10  # for requests under way at SIGTERM
# a page waits so long for the interpreter, at each of its queries, while a file is made
SWITCH_SECONDS = 0.0005
PR_SET_PDEATHSIG = 1
TCP_USER_TIMEOUT = 18


def serve(
    host: str, port: int, workers: int, reload: bool = False, access_log: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT. Workers that die are replaced."""
    allow_connections()
    Granian(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        backlog=BACKLOG,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_SECONDS * 1_000, max_buffer_size=HEAD_BYTES
        ),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
        log_access=access_log,
        reload=reload,
    ).serve(target_loader=load_application, wrap_loader=False)


def allow_connections() -> None:
    """Raise the limit of open files as far as possible, since each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def load_application() -> Callable[..., Any]:
    """Return the ASGI application of one worker process."""
    from config.server.gateway import Gateway  # Django is set up in each worker
    from config.wsgi import application as portal

    import_views_and_templates()
    end_with_parent()
    sys.setswitchinterval(SWITCH_SECONDS)
    disconnect_stalled = once(drop_stalled_clients)
    gateway = Gateway(portal, THREADS)

    async def application(*request: Any) -> None:
        disconnect_stalled()
        await gateway(*request)

    return application


def import_views_and_templates() -> None:
    """Import all that pages need, so that the first visitor of a worker does not wait for it."""
    from django.conf import settings
    from django.template import Engine
    from django.urls import reverse
    from django.utils import formats, translation
    from django.utils.module_loading import import_string

    reverse("healthz")  # imports the URLconf with all views
    _ = Engine.get_default().template_context_processors  # imports the template tags, too
    import_string(settings.MESSAGE_STORAGE)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            formats.get_format("DATE_FORMAT")


def once(action: Callable[[], None]) -> Callable[[], None]:
    """Return a function that runs the action at its first call only."""
    waiting = [action]

    def run() -> None:
        with contextlib.suppress(IndexError):
            waiting.pop()()

    return run


def end_with_parent() -> None:
    """Have Linux send SIGTERM to this worker when the server is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def drop_stalled_clients() -> None:
    """Set TCP_USER_TIMEOUT on the listening socket, for its connections to inherit.

    Otherwise a client that stops reading keeps its download, and a place in that lane, for ever.
    """
    for descriptor in Path("/proc/self/fd").iterdir():
        with (
            contextlib.suppress(OSError),
            socket.socket(fileno=os.dup(int(descriptor.name))) as found,
        ):
            if found.family != socket.AF_UNIX and found.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            ):
                found.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, STALLED_SECONDS * 1_000)


def worker_count() -> int:
    """Return WEB_CONCURRENCY, the number of worker processes."""
    return env.number("WEB_CONCURRENCY", 2, int, low=1)
