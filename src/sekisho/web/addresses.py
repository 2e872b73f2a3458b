"""Whose address a request came from, where proxies that the carrier names stand before us.

`web.proxies` of carrier.yaml lists their addresses or networks. Nobody else is believed: X-Forwarded-For is read from its
end, as far as each stop is one of them, and the first that is not is the address. What cannot be read counts as the last
proxy that can: then its callers share one limit, and nobody escapes theirs.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.http import HttpRequest

from sekisho.web.context import proxies

Network = IPv4Network | IPv6Network
SITE = 64  # bits of an IPv6 address that one subscriber is given; all of it is one caller (RFC 6177)


def address_of(request: HttpRequest) -> str:
    """What limits count a caller by: an IPv4 address, or the network of an IPv6 one."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return caller(str(request.META.get("REMOTE_ADDR", "")), forwarded, networks(proxies()))


def caller(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The rightmost address that is none of the trusted proxies, folded to what one subscriber has."""
    found = _read(peer)
    if found is None:
        return ""
    for stop in reversed(forwarded.split(",")) if forwarded else ():
        if not any(found in network for network in trusted):
            break
        before = _read(stop)
        if before is None:
            break
        found = before
    return str(ip_network((found, SITE), strict=False)) if isinstance(found, IPv6Address) else str(found)


@lru_cache(maxsize=4)
def networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks as they were written. Raises ValueError where one is neither."""
    return tuple(ip_network(one, strict=False) for one in named)


def are_networks(named: Iterable[object]) -> bool:
    """Whether each is an address or a network, as somebody writes it."""
    try:
        networks(tuple(str(one) for one in named))
    except ValueError:
        return False
    return True


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address as a header writes it: perhaps with a port, in brackets, or an IPv4 one inside an IPv6 one."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
