"""Each fault that OBIS and WoRMS show in an outage, over the real HTTP stack."""

import os
import signal
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Timer

import orjson
import pytest

from species.refresh.fetch import http
from species.refresh.fetch.errors import NotFound, UpstreamError, parse_json, printable
from species.refresh.fetch.http import JsonClient
from species.refresh.stop_signals import Terminated, handle_stop_signals

PASSING = [
    "400", "408", "429", "500", "502", "503", "504", "truncate", "cut", "reset", "html", "empty", "bad-gzip",
    "redirect",
]  # fmt: skip


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(replay, pauses):
    with JsonClient(
        replay.obis_url, timeout=(5, 1.5), sleep=pauses.append, contact="ops@example.org"
    ) as client:
        yield client


def total(client: JsonClient, path: str = "occurrence") -> int:
    answer = client.get(path, [("size", "5")], parse_json)
    return answer["total"]


def test_a_plain_answer_needs_one_request_without_a_pause(client, replay, pauses):
    assert total(client) == sum(
        not (r["absence"] or r["dropped"])
        for rows in replay.world.by_dataset.values()
        for r in rows
    )
    assert len(replay.log) == 1
    assert pauses == []


def test_the_user_agent_says_who_asks_and_how_to_reach_them(client, replay):
    total(client)
    assert "marine-species-tracker" in replay.log[0]["agent"]
    assert "ops@example.org" in replay.log[0]["agent"]


@pytest.mark.parametrize("kind", PASSING)
def test_a_fault_that_passes_is_asked_again_and_leaves_no_trace(client, replay, pauses, kind):
    replay.fault(kind, times=2)
    assert total(client) > 0
    if kind != "redirect":  # which is followed, not waited for
        assert len(replay.log) == 3
        assert len(pauses) == 2


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_silence_ends_at_the_read_timeout_and_is_asked_again(client, replay, pauses, kind):
    replay.fault(kind)
    assert total(client) > 0
    assert len(pauses) == 1


@pytest.mark.parametrize("kind", ["500", "truncate", "reset", "html", "bad-gzip"])
def test_a_fault_that_stays_ends_in_one_error_for_people(client, replay, pauses, kind):
    replay.fault(kind, times=99)
    with pytest.raises(
        UpstreamError, match=f"127.0.0.1:{replay.port}/v3/occurrence, asked 7 times"
    ):
        total(client)
    assert len(replay.log) == 7


def test_pauses_grow_and_differ_between_portals(client, replay, pauses):
    replay.fault("503", times=99)
    for _ in range(2):
        with pytest.raises(UpstreamError):
            total(client)
    first, second = pauses[:6], pauses[6:]
    assert first == sorted(first)
    assert first[-1] > 16 * first[0]
    assert first != second


def test_a_400_that_stays_is_believed_soon_and_told_in_upstreams_words(client, replay):
    with pytest.raises(
        UpstreamError, match=r"status 400, saying: .*size must be between 0 and 10000"
    ):
        client.get("occurrence", [("size", "10001")], parse_json)
    assert len(replay.log) == 4


def test_retry_after_in_seconds_is_honoured(client, replay, pauses):
    replay.fault("429", retry_after="17")
    total(client)
    assert pauses == [17]


def test_retry_after_as_a_date_is_honoured(client, replay, pauses):
    replay.fault(
        "503", retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    )
    total(client)
    assert 85 < pauses[0] <= 90


@pytest.mark.parametrize(
    "value", ["-5", "soon", "", "Mon, 01 Jan 2001 00:00:00 GMT", "99999999999999999999 days", "nan"]
)
def test_a_retry_after_that_says_nothing_leaves_the_ordinary_pause(client, replay, pauses, value):
    replay.fault("429", retry_after=value)
    total(client)
    assert pauses[0] < 2


@pytest.mark.parametrize("value", ["86400", "inf"])
def test_retry_after_is_capped(client, replay, pauses, value):
    replay.fault("429", retry_after=value)
    total(client)
    assert pauses == [http.LONGEST_RETRY_AFTER_SECONDS]


@pytest.mark.parametrize("status", ["401", "403", "410", "414"])
def test_a_refusal_is_not_asked_again(client, replay, status):
    replay.fault(status, times=9)
    with pytest.raises(UpstreamError, match=status):
        total(client)
    assert len(replay.log) == 1


def test_an_address_that_does_not_exist_is_told_apart(client):
    with pytest.raises(NotFound, match="status 404"):
        total(client, "nothing-here")


def test_204_is_nothing_and_no_error(replay, pauses):
    with JsonClient(replay.worms_url, sleep=pauses.append) as client:
        assert client.get("AphiaVernacularsByAphiaID/999999", [], parse_json) is None


def test_a_redirect_to_another_host_is_not_followed_and_its_query_not_told(client, replay):
    replay.fault("redirect-away")
    with pytest.raises(
        UpstreamError, match=r"another place \(http://elsewhere.example/v3/occurrence\)"
    ) as caught:
        total(client)
    assert "secret" not in str(caught.value)


def test_redirects_in_a_circle_end(client, replay):
    replay.fault("redirect", times=999)
    with pytest.raises(UpstreamError, match="redirects"):
        total(client)


def test_messages_hold_no_control_characters_of_upstream(client, replay):
    replay.fault("html", times=99)
    with pytest.raises(UpstreamError, match="HTML instead of JSON") as caught:
        total(client)
    assert str(caught.value).isprintable()


def test_credentials_in_the_address_are_never_told(replay, pauses):
    address = replay.obis_url.replace("//", "//user:hidden@")
    replay.fault("500", times=99)
    with (
        JsonClient(address, retries=1, sleep=pauses.append) as client,
        pytest.raises(UpstreamError) as caught,
    ):
        total(client)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "obis", "ftp://example.org/", "file:///etc/passwd", "http://"]
)
def test_an_address_that_is_none_is_refused_before_any_request(address):
    with pytest.raises(UpstreamError, match="not an http"):
        JsonClient(address)


def test_nobody_there_is_an_error_for_people(pauses):
    with (
        JsonClient("http://127.0.0.1:9/", retries=2, sleep=pauses.append) as client,
        pytest.raises(UpstreamError) as caught,
    ):
        total(client)
    assert "no connection, or it was dropped" in str(caught.value)


def test_each_retry_is_reported_with_its_reason_and_pause(replay):
    heard = []
    replay.fault("503")
    with JsonClient(
        replay.obis_url, sleep=lambda _: None, on_retry=lambda *said: heard.append(said)
    ) as client:
        total(client)
    [(reason, pause)] = heard
    assert "status 503" in reason
    assert pause > 0


def test_requests_keep_their_distance(replay, pauses):
    with JsonClient(replay.obis_url, pace=30, sleep=pauses.append) as client:
        total(client)
        total(client)
    assert len(pauses) == 1
    assert 29 < pauses[0] <= 30


def test_a_body_beyond_the_limit_is_refused_not_stored(client, monkeypatch):
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 1_000)
    with pytest.raises(UpstreamError, match="ask for less at once"):
        total(client)


def test_a_body_that_never_ends_is_given_up(client, replay, monkeypatch):
    monkeypatch.setattr(http, "MAX_BODY_SECONDS", -1)
    with pytest.raises(UpstreamError, match="did not end"):
        total(client)


def test_half_a_surrogate_pair_or_a_stray_byte_spoils_no_page():
    assert parse_json(rb'{"a": "x\ud83d", "b": "\udc1f", "c": "\ud83d\udc1f"}') == {
        "a": "x\ufffd",
        "b": "\ufffd",
        "c": "🐟",
    }
    assert parse_json(b'["caf\xe9"]') == ["caf\ufffd"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": [1, 2', b"<html>", b"\xff\xfe", b'{"a": NaN}'])
def test_what_is_no_json_is_unusable(body):
    with pytest.raises(http.UnusableAnswer):
        parse_json(body)


def test_quoted_upstream_text_is_one_short_line():
    assert printable("a\x1b[31m\x00b\r\n\u202ec\u200b " + "x" * 999, 20).isprintable()
    assert len(printable("x" * 999, 20)) == 20
    assert orjson.dumps(printable("\ud800"))


def test_headers_that_drip_for_ever_end_at_the_deadline_and_are_asked_for_again(
    client, replay, pauses, monkeypatch
):
    # the socket's own limit of 1.5 s begins anew with each byte
    monkeypatch.setattr(http, "MAX_EXCHANGE_SECONDS", 0.5)
    replay.fault("drip-headers")
    assert total(client) > 0
    assert len(pauses) == 1


@pytest.mark.parametrize("kind", ["drip-headers", "hang"])
def test_a_request_that_takes_long_is_ended_by_a_signal(replay, kind):
    replay.fault(kind)
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    with JsonClient(replay.obis_url) as client, handle_stop_signals(), pytest.raises(Terminated):
        timer.start()
        total(client)
