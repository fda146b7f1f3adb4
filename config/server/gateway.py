"""Run the WSGI application on threads behind the event loop of an ASGI server.

The loop receives the body before a thread starts, so slow senders occupy no thread. It also notices
when a client leaves, so that its queries can be cancelled.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, nullcontext
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from config.http.clients import Client
from config.http.database import queries_end_with
from config.http.late_bodies import IS_LATE
from config.http.uploads import MAX_BODY
from config.server.threads import Threads

BODY_SECONDS = 30  # in which a body has to arrive
SMALL_BODY = 64 * 1024  # bytes; there may be as many such bodies as connections,
LARGE_BODIES = 8  # and so many larger ones at a time: they are kept in memory
WATCH_AFTER_SECONDS = 0.2  # most requests have been answered by then
CANCEL_SECONDS = 0.5  # between attempts to cancel: one that comes between two queries has no effect
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}  # any other request is completed without its client

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gone(Exception):
    """The client left before its request was complete."""


class Gateway:
    """An ASGI application that runs a WSGI application on a limited number of threads."""

    def __init__(self, application: Application, threads: int) -> None:
        self.application, self.threads = application, Threads(threads)
        self.large_bodies = asyncio.Semaphore(LARGE_BODIES)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        environ = environ_of(scope)
        try:
            if has_body(environ):
                await asyncio.wait_for(self.read_body(environ, receive), BODY_SECONDS)
        except TimeoutError:
            drop_body(environ)
        except Gone:
            return
        client, loop, watches = Client(), asyncio.get_running_loop(), []

        def watch() -> None:
            watches.append(loop.create_task(cancel_when_left(client, receive)))

        timer = loop.call_later(WATCH_AFTER_SECONDS, watch)
        try:
            await self.answer(environ, client, send)
        finally:
            timer.cancel()
            for task in watches:
                task.cancel()

    async def read_body(self, environ: dict[str, Any], receive: Receive) -> None:
        """Put the body into the environment; nothing of a body that is too large."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        body = bytearray()
        if is_chunked or length <= MAX_BODY:
            async with AsyncExitStack() as held:
                is_large = length > SMALL_BODY
                if is_large:
                    await held.enter_async_context(self.large_bodies)
                async for piece in pieces_of_body(receive):
                    body += piece
                    # in chunks: its length shows as it comes
                    if len(body) > SMALL_BODY and not is_large:
                        is_large = True
                        await held.enter_async_context(self.large_bodies)
                    if len(body) > MAX_BODY:
                        break
        if is_chunked:
            environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = BytesIO(body if len(body) <= MAX_BODY else b"")

    async def answer(self, environ: dict[str, Any], client: Client, send: Send) -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def finish(last: list[Message], error: BaseException | None) -> None:
            if not done.done():
                done.set_exception(error) if error else done.set_result(last)

        def post(messages: list[Message]) -> None:
            """Send from the thread, and wait until the client can take more."""
            asyncio.run_coroutine_threadsafe(send_all(send, messages), loop).result()

        def work() -> None:
            last: list[Message] = []
            error = None
            try:
                with (
                    queries_end_with(client)
                    if environ["REQUEST_METHOD"] in SAFE_METHODS
                    else nullcontext()
                ):
                    if not client.has_left:
                        last = run(self.application, environ, client, post)
            except BaseException as raised:
                error = raised
            loop.call_soon_threadsafe(finish, last, error)

        self.threads.run(work)
        await send_all(send, await done)


def run(
    application: Application,
    environ: dict[str, Any],
    client: Client,
    post: Callable[[list[Message]], None],
) -> list[Message]:
    """Answer one request in this thread. Post all pieces of a stream but the last, and return it."""
    head: list[Message] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        encoded = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        head[:] = [{"type": "http.response.start", "status": int(status[:3]), "headers": encoded}]

    response = application(environ, start_response)
    try:
        if not getattr(response, "streaming", False):
            return [*head, body_of(b"".join(response))]
        for piece in response:
            if client.has_left:
                return []
            post([*head, body_of(piece, more=True)])
            head.clear()
        return [*head, body_of(b"")]
    finally:
        getattr(response, "close", lambda: None)()


async def send_all(send: Send, messages: list[Message]) -> None:
    for message in messages:
        await send(message)


def body_of(piece: bytes, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more}


def drop_body(environ: dict[str, Any]) -> None:
    """Remove the body, so that the application answers 408."""
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ |= {"CONTENT_LENGTH": "0", "wsgi.input": BytesIO(), IS_LATE: True}


def has_body(environ: dict[str, Any]) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") != "0"


async def pieces_of_body(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def cancel_when_left(client: Client, receive: Receive) -> None:
    """Cancel the request's queries once its client has left, until the request ends."""
    while (await receive())["type"] != "http.disconnect":
        pass
    loop = asyncio.get_running_loop()
    client.has_left = True
    while True:
        await loop.run_in_executor(None, client.cancel)
        await asyncio.sleep(CANCEL_SECONDS)


def environ_of(scope: dict[str, Any]) -> dict[str, Any]:
    """Return the request's variables (PEP 3333)."""
    server, client = scope["server"] or ("", ""), scope["client"] or ("", "")
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "wsgi.input": BytesIO(),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue  # X_Forwarded_For must not pass for X-Forwarded-For
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = (
            f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
            if key in environ
            else text
        )
    return environ
