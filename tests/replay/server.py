"""The stand-in for OBIS v3 and WoRMS REST as a threaded HTTP server, with faults on demand and a
log of what was asked.

    OBIS    http://127.0.0.1:PORT/v3/        WoRMS   http://127.0.0.1:PORT/rest/
    GET  /_replay/log       requests so far: time, path, query (a dict), agent, fault, status
    POST /_replay/faults    {"path": "/v3/occurrence", "kind": "503", "times": 2, "skip": 0, "retry_after": "1"}
    POST /_replay/world     {"dataset": ID, "do": NAME of a method of World, "after_pages": K (optional), ...}
    POST /_replay/reset     the world, the log and the faults as at the start

Kinds of fault: a status ("400", "429", "503" ...), "truncate" (half of the announced body), "cut"
(half a body, no length announced), "hang" (silence), "drip" (a few bytes, then silence),
"drip-headers" (a header without end), "reset", "html", "html404", "empty", "other" (JSON of another
service), "bad-gzip", "error200" (a true answer with an `error` beside it), "redirect" (to itself),
"redirect-away" (to another host), "no-skip" (a page that ignores `after`), "unknown" (a 200 saying
ID_NOT_FOUND).
"""

import gzip
import socket
import struct
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from tests.replay.taxa import ALGAEBASE, LANGUAGES
from tests.replay.world import MAX_SIZE, Refused, World

WORMS_PAGE = 50
HTML = b"<!DOCTYPE html><html><body>Service \x1b[31mtemporarily unavailable</body></html>"


@dataclass
class Fault:
    """A fault for the next `times` requests under `path`, after `skip` others; `kind` names it."""

    kind: str
    path: str = "/"
    times: int = 1
    skip: int = 0
    retry_after: str | None = None


class Replay:
    """A running stand-in with `obis_url`, `worms_url`, `world` and `log`; use as a context manager."""

    def __init__(self, port: int = 0, world: World | None = None, hang_seconds: float = 30.0):
        self.world = world or World()
        self.log: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        # Compressed bulk pages by query, so that measurements of a portal do not include their
        # work.
        self.made: dict[frozenset, bytes] = {}
        self.hang_seconds = hang_seconds
        self.stopped = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._server.replay = self  # type: ignore[attr-defined]
        self.port = self._server.server_port
        self.obis_url = f"http://127.0.0.1:{self.port}/v3/"
        self.worms_url = f"http://127.0.0.1:{self.port}/rest/"

    def __enter__(self) -> "Replay":
        Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_exc) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        self._server.serve_forever()

    def fault(
        self,
        kind: str,
        path: str = "/",
        times: int = 1,
        skip: int = 0,
        retry_after: str | None = None,
    ) -> None:
        self.faults.append(Fault(str(kind), path, times, skip, retry_after))

    def asked(self, path: str = "/") -> list[dict[str, Any]]:
        """Return the requests so far whose path begins like this."""
        return [entry for entry in self.log if entry["path"].startswith(path)]

    def reset(self) -> None:
        self.world.reset()
        self.log.clear()
        self.faults.clear()

    def take_fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if path.startswith(fault.path) and fault.times > 0:
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None


def occurrences(world: World, query: dict[str, str]) -> bytes:
    """Return the response of /occurrence."""
    try:
        size = int(query.get("size") or 10)
    except ValueError as error:
        raise Refused(str(error)) from error
    if not 0 <= size <= MAX_SIZE:
        raise Refused(f"size must be between 0 and {MAX_SIZE}")
    errors = [
        "ID_NOT_FOUND" for v in (query.get("taxonid") or "").split(",") if v and not v.isdigit()
    ]
    with world.lock:
        found = world.select(query)
        start = _after(found, query.get("after"))
        rows = found[start : start + size]
        if size and query.get("datasetid"):
            world.page_served(query["datasetid"].split(","))
    body = orjson.dumps(
        {"total": len(found), "results": rows} | ({"error": errors} if errors else {})
    )
    if world.raw:
        elements = b",".join(world.raw.get(row["id"]) or orjson.dumps(row) for row in rows)
        body = b'{"total":%d,"results":[%s]}' % (len(found), elements)
    if value := world.spoiled.get(query.get("datasetid", "")):
        body = body.replace(b'"total":', b'"total":' + value.encode() + b',"announced":', 1)
    return body


def _after(found, after: str | None) -> int:
    """Return the index of the first id greater than `after`, by bisection."""
    low, high = 0, len(found) if after and after != "-1" else 0
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if found[middle]["id"] <= after else (low, middle)
    return low


def aphia_record(world: World, aphia_id: int) -> dict | None:
    """Return the AphiaRecord of a taxon; None if WoRMS does not know it."""
    taxon = world.taxa.get(aphia_id)
    if taxon is None:
        return None
    above = {step.rank.lower(): step.name for step in world.lineage(aphia_id)}
    valid = world.taxa.get(taxon.valid_id) if taxon.valid_id else None
    credit = f"AlgaeBase (2026). {taxon.name}. Accessed through: " if aphia_id in ALGAEBASE else ""
    number = {True: 1, False: 0, None: None}
    return {
        "AphiaID": aphia_id, "url": f"https://www.marinespecies.org/aphia.php?p=taxdetails&id={aphia_id}",
        "scientificname": taxon.name, "authority": taxon.authority, "status": taxon.status, "unacceptreason": None,
        "taxonRankID": None, "rank": taxon.rank, "valid_AphiaID": taxon.valid_id, "valid_name": valid and valid.name,
        "valid_authority": valid and valid.authority, "parentNameUsageID": taxon.parent_id,
        **{rank: above.get(rank) for rank in ("kingdom", "phylum", "class", "order", "family", "genus")},
        "citation": f"{credit}World Register of Marine Species, {taxon.name}",
        "lsid": f"urn:lsid:marinespecies.org:taxname:{aphia_id}", "isMarine": number[taxon.is_marine],
        "isBrackish": number[taxon.is_brackish], "isFreshwater": None, "isTerrestrial": None, "isExtinct": None,
        "match_type": "exact", "modified": taxon.modified,
    }  # fmt: skip


def classification(world: World, aphia_id: int) -> dict | None:
    nested = None
    for step in reversed(world.lineage(aphia_id)):
        nested = {
            "AphiaID": step.aphia_id,
            "rank": step.rank,
            "scientificname": step.name,
            "child": nested,
        }
    return nested


def changes(world: World, query: dict[str, str]) -> list[dict]:
    """Return one page of the feed; `offset` is the 1-based number of its first record."""
    low, high = query.get("startdate") or "1900", query.get("enddate") or "9999"
    rows = [
        world.odd_records.get(i, r)
        for i in sorted(world.taxa)
        if (r := aphia_record(world, i)) and low[:19] <= r["modified"][:19] <= high[:19]
    ]
    first = int(query.get("offset") or 1) - 1
    return rows[first : first + WORMS_PAGE]


def answer(world: World, path: str, query: dict[str, str], ids: list[str]) -> tuple[int, Any]:
    """Return (status, body) of a GET; `ids` are the values of aphiaids[]."""
    match [unquote(part) for part in path.strip("/").split("/")]:
        case ["v3", "occurrence"]:
            return 200, occurrences(world, query)
        case ["v3", "dataset"]:
            rows = [
                world.datasets[key] for key in sorted(world.datasets) if key not in world.unlisted
            ]
            skip, size = int(query.get("skip") or 0), int(query.get("size") or len(rows))
            # OBIS too announces one more
            return 200, {"total": len(rows) + 1, "results": rows[skip : skip + size]}
        case ["v3", "dataset", key]:
            rows = [world.datasets[key]] if key in world.datasets else []
            return 200, {"total": len(rows), "results": rows}
        case ["rest", "AphiaRecordsByAphiaIDs"]:
            if len(ids) > WORMS_PAGE:
                raise Refused(f"at most {WORMS_PAGE} ids")
            rows = [world.odd_records.get(int(i), aphia_record(world, int(i))) for i in ids]
            return (200, rows) if any(rows) else (204, None)
        case ["rest", "AphiaClassificationByAphiaID", key]:
            return (200, classification(world, int(key))) if int(key) in world.taxa else (204, None)
        case ["rest", "AphiaVernacularsByAphiaID", key]:
            named = [{"vernacular": name, "language_code": code, "language": LANGUAGES.get(code)}
                     for code, name in world.vernaculars.get(int(key), ())]  # fmt: skip
            named = world.odd_vernaculars.get(int(key), named)
            return (200, named) if named else (204, None)
        case ["rest", "AphiaRecordsByDate"]:
            rows = changes(world, query)
            return (200, rows) if rows else (204, None)
    return 404, {"error": "not found"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def replay(self) -> Replay:
        return self.server.replay  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/_replay/log":
            return self._send(200, self.replay.log)
        values = parse_qs(url.query, keep_blank_values=True)
        query = {name: listed[-1] for name, listed in values.items()}
        fault = self.replay.take_fault(url.path)
        entry = {
            "time": time.time(),
            "path": url.path,
            "query": query,
            "ids": values.get("aphiaids[]", []),
        }
        entry |= {
            "agent": self.headers.get("User-Agent"),
            "fault": fault and fault.kind,
            "status": None,
        }
        self.replay.log.append(entry)
        question = frozenset(query.items())
        if not fault and (made := self.replay.made.get(question)):
            entry["status"] = 200
            return self._send(200, made, headers={"Content-Encoding": "gzip"})
        if fault and fault.kind == "no-skip":
            query.pop("after", None)
        try:
            status, body = answer(self.replay.world, url.path, query, entry["ids"])
        except (Refused, ValueError) as error:
            status, body = 400, {"error": str(error)}
        entry["status"] = int(fault.kind) if fault and fault.kind.isdigit() else status
        if self.replay.world.bulk[0] and not fault and url.path == "/v3/occurrence":
            body = self.replay.made[question] = gzip.compress(body, 1)
            return self._send(status, body, headers={"Content-Encoding": "gzip"})
        return self._fail(fault, body) if fault else self._send(status, body)

    def do_POST(self) -> None:
        order = orjson.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        try:
            match urlsplit(self.path).path:
                case "/_replay/faults":
                    self.replay.fault(**order)
                    return self._send(200, [asdict(fault) for fault in self.replay.faults])
                case "/_replay/world":
                    self.replay.made.clear()
                    return self._send(200, self.replay.world.order(order))
                case "/_replay/reset":
                    self.replay.reset()
                    return self._send(200, {"datasets": len(self.replay.world.datasets)})
        except (Refused, KeyError, TypeError, ValueError) as error:
            return self._send(400, {"error": repr(error)})
        return self._send(404, {"error": "not found"})

    def _send(
        self, status: int, body: Any, *, headers: dict[str, str] | None = None, damage: str = ""
    ) -> None:
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Content-Type": "application/json; charset=utf-8"} | (headers or {})
        zips = (
            "gzip" in self.headers.get("Accept-Encoding", "") and "Content-Encoding" not in headers
        )
        if len(data) > 1024 and zips:
            data = gzip.compress(data, 1)
            headers["Content-Encoding"] = "gzip"
        if damage == "bad-gzip":
            data, headers["Content-Encoding"] = b"this is no gzip stream", "gzip"
        if damage != "cut":
            headers["Content-Length"] = str(len(data))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.close_connection = self.close_connection or damage in ("cut", "truncate")
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if damage in ("cut", "truncate") else data)

    def _fail(self, fault: Fault, body: Any) -> None:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        canned = {
            "html": (200, HTML, {"Content-Type": "text/html"}),
            "html404": (404, HTML, {"Content-Type": "text/html"}),
            "empty": (200, b"", {}),
            "other": (200, {"hello": "this is another service", "items": []}, {}),
            "error200": (200, data[:-1] + b',"error":["TEMPORARILY_UNAVAILABLE"]}', {}),
            "redirect": (302, None, {"Location": self.path}),
            "redirect-away": (
                302,
                None,
                {"Location": "http://elsewhere.example/v3/occurrence?secret=1"},
            ),
            "no-skip": (200, data, {}),
            "unknown": (200, {"total": 0, "results": [], "error": ["ID_NOT_FOUND"]}, {}),
        }
        if fault.kind in canned:
            status, answered, headers = canned[fault.kind]
            return self._send(status, answered, headers=headers)
        if fault.kind in ("truncate", "cut", "bad-gzip"):
            return self._send(200, data, damage=fault.kind)
        if fault.kind in ("hang", "drip", "drip-headers", "reset"):
            return self._fall_silent(fault.kind, len(data))
        late = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        return self._send(int(fault.kind), {"error": f"replayed {fault.kind}"}, headers=late)

    def _fall_silent(self, kind: str, length: int) -> None:
        self.close_connection = True
        if kind == "reset":
            # Linger 0: the kernel sends a reset instead of a clean end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return self.connection.close()
        if kind == "drip":
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(b'{"total": ')
        if kind == "drip-headers":
            return self._drip_headers()
        self.replay.stopped.wait(self.replay.hang_seconds)
        return None

    def _drip_headers(self) -> None:
        with suppress(OSError):  # the client has given up
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self.replay.stopped.wait(0.05):
                self.wfile.write(b"x")

    def log_message(self, *_args) -> None:
        """Print nothing: the log is at /_replay/log."""
