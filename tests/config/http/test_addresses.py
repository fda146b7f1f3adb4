"""Whose address counts: the peer's, or what our own proxies say."""

import pytest
from django.test import RequestFactory

from config.http.addresses import client_address, throttle_key


def request(peer, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize("forwarded", [None, "9.9.9.9", "9.9.9.9, 10.0.0.1"])
def test_a_stranger_cannot_choose_an_address(forwarded):
    assert client_address(request("203.0.113.7", forwarded)) == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.4", "198.51.100.4"),
        ("9.9.9.9, 198.51.100.4", "198.51.100.4"),  # what stands left, the client wrote
        ("198.51.100.4, 10.1.2.3", "198.51.100.4"),  # two proxies of ours
        ("198.51.100.4:5123", "198.51.100.4"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("9.9.9.9, nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("10.0.0.9", "10.0.0.9"),  # a client in the proxies' own network
    ],
)
def test_behind_our_proxies_the_right_most_stranger_is_the_client(settings, forwarded, client):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert client_address(request("10.0.0.1", forwarded)) == client


def test_without_an_address_at_all_there_is_still_one_to_count_by():
    assert client_address(request("")) == "127.0.0.1"


def test_throttles_count_an_ipv6_customer_as_one():
    keys = {throttle_key(request(f"2001:db8:1:2:{tail}")) for tail in ("0:0:0:1", "ffff:0:0:2")}
    assert keys == {"2001:db8:1:2::/64"}
    assert throttle_key(request("2001:db8:1:3::1")) not in keys
    assert throttle_key(request("::ffff:203.0.113.7")) == "203.0.113.7"
