"""The client's address, as throttles, log-ins and the audit log use it.

It is the peer's address unless the peer is in TRUSTED_PROXIES: then it is the right-most address in
X-Forwarded-For that is not a trusted proxy's. The client itself may have written those to the left.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
LONGEST_HEADER = 2_000
# A connection without addresses (a unix socket) comes from this machine, so 127.0.0.1 in
# TRUSTED_PROXIES covers it.
NOWHERE = IPv4Address("127.0.0.1")


@lru_cache(maxsize=4)
def networks(words: tuple[str, ...]) -> tuple:
    """Return the networks; a plain address is a network of one. Raises ValueError."""
    return tuple(ip_network(word, strict=False) for word in words)


def is_trusted(address: Address) -> bool:
    return any(address in network for network in networks(tuple(settings.TRUSTED_PROXIES)))


def parse(text: str) -> Address | None:
    """Return the address, without its port and with mapped IPv6 as IPv4; None if it is invalid."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def peer_of(request: HttpRequest) -> Address:
    return parse(request.META.get("REMOTE_ADDR", "")) or NOWHERE


def from_trusted_proxy(request: HttpRequest) -> bool:
    """Return whether the peer of the connection is a trusted proxy."""
    return is_trusted(peer_of(request))


def client_address(request: HttpRequest) -> str:
    """Return the client's address. An invalid hop makes the proxy that sent it the client."""
    client = peer_of(request)
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "")[-LONGEST_HEADER:].split(",")
    while is_trusted(client) and hops:
        hop = parse(hops.pop())
        if hop is None:
            break
        client = hop
    return str(client)


def throttle_key(request: HttpRequest) -> str:
    """Return the key to count a client by: its IPv4 address, or its /64 network of IPv6."""
    address = ip_address(client_address(request))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address)
