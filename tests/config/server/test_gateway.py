"""The WSGI application behind an ASGI server: variables, bodies, streams and clients that leave."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.handlers.wsgi import WSGIHandler

from config.http.clients import Client
from config.http.late_bodies import IS_LATE
from config.http.uploads import MAX_BODY
from config.server import gateway
from config.server.threads import Threads

SCOPE = {
    **{"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http"},
    **{"raw_path": b"/sp%C3%A4ter/", "query_string": b"q=%C3%A4", "server": ("127.0.0.1", "8000")},
    **{"client": ("203.0.113.7", "50000"), "headers": []},
}


def echo(environ, start_response):
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


class Streamed:
    """A response as Django marks it."""

    streaming = True

    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)


def exchange(application, *received, headers=(), sent=None, address=None):
    """Return the messages sent in answer to a request of the messages received; then its client
    waits.
    """
    sent, waiting = [] if sent is None else sent, list(received)

    async def receive():
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    async def run():
        scope = {**SCOPE, "headers": list(headers)} | (
            {"raw_path": address.encode()} if address else {}
        )
        await gateway.Gateway(application, 2)(scope, receive, send)

    # In a thread of its own: after browser tests Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()
    return sent


def piece(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def test_the_environ_holds_the_request_and_nothing_of_the_process(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgis://portal:secret@db/portal")
    headers = [
        (b"host", b"localhost"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"accept", b"a"),
        (b"accept", b"b"),
    ]
    headers += [
        (b"x_forwarded_for", b"192.0.2.1"),
        (b"content-type", b"text/plain"),
        (b"x-name", b"\xc3\xa4"),
    ]
    environ = gateway.environ_of({**SCOPE, "headers": headers})
    named = {name: value for name, value in environ.items() if not name.startswith("wsgi.")}
    assert named == {
        **{
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "QUERY_STRING": "q=%C3%A4",
            "SERVER_PROTOCOL": "HTTP/1.1",
        },
        **{"PATH_INFO": "/sp\xc3\xa4ter/", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"},
        **{
            "REMOTE_ADDR": "203.0.113.7",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": "a=1; b=2",
            "HTTP_ACCEPT": "a,b",
        },
        **{"CONTENT_TYPE": "text/plain", "HTTP_X_NAME": "\xc3\xa4"},
    }


def test_a_body_is_handed_over_whole():
    start, body = exchange(
        echo, piece(b"ab", more=True), piece(b"c"), headers=[(b"content-length", b"3")]
    )
    assert start["headers"] == [(b"x-length", b"3")]
    assert body["body"] == b"abc"


def test_a_body_in_chunks_has_the_length_that_it_turns_out_to_have():
    chunked = [(b"transfer-encoding", b"chunked")]
    start, body = exchange(echo, piece(b"ab", more=True), piece(b"c"), headers=chunked)
    assert (start["headers"], body["body"]) == ([(b"x-length", b"3")], b"abc")
    start, body = exchange(echo, piece(b"x" * (MAX_BODY + 1), more=True), headers=chunked)
    assert (start["headers"], body["body"]) == ([(b"x-length", b"%d" % (MAX_BODY + 1))], b"")


def test_a_body_that_is_too_long_is_not_received():
    start, body = exchange(echo, headers=[(b"content-length", b"%d" % (MAX_BODY + 1))])
    assert (start["status"], body["body"]) == (200, b"")


LATE = [
    ("/api/v1/auth/login/", "application/problem+json", "en"),
    ("/tiles/observations/0/0/0.mvt", "application/problem+json", "en"),
    ("/ogc/collections", "application/problem+json", "en"),
    ("/q/", "text/html; charset=utf-8", "de"),
    ("/accounts/login/", "text/html; charset=utf-8", "de"),
]


@pytest.mark.parametrize(("address", "media_type", "language"), LATE)
def test_a_body_that_does_not_arrive_in_time_is_408_in_the_format_of_the_address(
    monkeypatch, address, media_type, language
):
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.05)
    for framing in ((b"content-length", b"3"), (b"transfer-encoding", b"chunked")):
        headers = [framing, (b"host", b"localhost"), (b"accept-language", b"de")]
        start, body = exchange(
            WSGIHandler(), piece(b"a", more=True), headers=headers, address=address
        )
        answered = {name.decode(): value.decode() for name, value in start["headers"]}
        assert (start["status"], answered["content-type"]) == (408, media_type)
        assert answered["connection"] == "close"
        assert "no-store" in answered["cache-control"]
        if language == "en":
            assert json.loads(body["body"])["status"] == 408
        else:
            assert "zu langsam" in body["body"].decode()


def test_no_header_makes_a_request_one_whose_body_is_late():
    environ = gateway.environ_of({**SCOPE, "headers": [(IS_LATE.encode(), b"1")]})
    assert IS_LATE not in environ


def test_nothing_is_answered_to_a_client_that_left_before_its_body_was_complete():
    gone = {"type": "http.disconnect"}
    assert exchange(echo, piece(b"a", more=True), gone, headers=[(b"content-length", b"3")]) == []


def test_a_stream_is_sent_in_pieces_and_an_error_in_it_leaves_it_unfinished():
    def streaming(environ, start_response):
        start_response("200 OK", [])
        return Streamed([b"a", b"b"])

    start, *pieces = exchange(streaming)
    assert start["status"] == 200
    assert [(sent["body"], sent["more_body"]) for sent in pieces] == [
        (b"a", True),
        (b"b", True),
        (b"", False),
    ]

    def failing():
        yield b"a"
        raise ValueError("no more")

    def cut_off(environ, start_response):
        start_response("200 OK", [])
        return Streamed(failing())

    sent = []
    with pytest.raises(ValueError, match="no more"):
        exchange(cut_off, sent=sent)
    assert sent[-1] == {"type": "http.response.body", "body": b"a", "more_body": True}


def test_work_is_cancelled_within_its_block_only():
    client, cancelled = Client(), []
    client.cancel()
    with client.cancelling(lambda: cancelled.append(1)):
        client.cancel()
    client.cancel()
    assert cancelled == [1]


def test_a_block_ends_after_a_cancellation_under_way():
    client, order, begun = Client(), [], threading.Event()

    def cancel():
        begun.set()
        time.sleep(0.2)
        order.append("cancelled")

    with client.cancelling(cancel):
        other = threading.Thread(target=client.cancel)
        other.start()
        assert begun.wait(10)
    order.append("next request")
    other.join()
    assert order == ["cancelled", "next request"]


def test_threads_are_bounded_and_all_jobs_are_done():
    threads, done, names = Threads(3), threading.Semaphore(0), set()

    def job():
        names.add(threading.current_thread().name)
        time.sleep(0.005)
        done.release()

    for _ in range(40):
        threads.run(job)
    assert all(done.acquire(timeout=10) for _ in range(40))
    assert 1 <= len(names) <= 3


def test_idle_threads_end(monkeypatch):
    monkeypatch.setattr("config.server.threads.IDLE_SECONDS", 0.05)
    threads, done = Threads(3), threading.Semaphore(0)
    for _ in range(6):
        threads.run(done.release)
    end = time.monotonic() + 10
    while threads.number and time.monotonic() < end:
        time.sleep(0.02)
    assert threads.number == 0
    threads.run(done.release)
    assert all(done.acquire(timeout=10) for _ in range(7))
