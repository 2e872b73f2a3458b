"""The address limits count by: only proxies the carrier names are believed, and what they did not say gains nobody anything."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier
from sekisho.web.addresses import address_of, caller, networks

TRUSTED = networks(("10.0.0.0/8", "2001:db8:1::/48", "192.0.2.1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "told"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # a stranger says who they are: not believed
        ("10.1.1.1", "203.0.113.9", "203.0.113.9"),
        (
            "10.1.1.1",
            "6.6.6.6, 203.0.113.9",
            "203.0.113.9",
        ),  # what the caller wrote stands left of what the proxy added
        ("10.1.1.1", "6.6.6.6, 203.0.113.9, 192.0.2.1", "203.0.113.9"),  # two proxies of ours
        ("10.1.1.1", "", "10.1.1.1"),
        ("10.1.1.1", "unknown", "10.1.1.1"),  # unreadable: all of them share one limit
        ("10.1.1.1", "6.6.6.6, nonsense", "10.1.1.1"),
        ("10.1.1.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.1.1.1", '"[2001:db8:9::1]:99"'.strip('"'), "2001:db8:9::/64"),
        ("2001:db8:1::5", "2001:db8:7::1", "2001:db8:7::/64"),
        ("2001:db8:7::abcd", "", "2001:db8:7::/64"),  # a subscriber's whole network is one caller
        ("::ffff:10.1.1.1", "203.0.113.9", "203.0.113.9"),
        ("10.1.1.1", "10.2.2.2", "10.2.2.2"),
        ("", "203.0.113.9", ""),
    ],
)
def test_whose_address(peer: str, forwarded: str, told: str) -> None:
    assert caller(peer, forwarded, TRUSTED) == told


@given(st.text(alphabet="0123456789abcdef.:,[] ", max_size=60))
def test_nobody_escapes_by_what_they_write(written: str) -> None:
    """Whatever stands in front, one honest proxy's own word at the end decides."""
    assert caller("10.1.1.1", f"{written},203.0.113.9", TRUSTED) == "203.0.113.9"
    assert caller("198.51.100.7", written, TRUSTED) == "198.51.100.7"


def test_the_carrier_names_its_proxies(tmp_path: Path, settings: LazySettings) -> None:
    settings.HOME = tmp_path
    request = RequestFactory().post("/", REMOTE_ADDR="10.1.1.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    given = carrier.Carrier(name="試験", policy=tmp_path)
    carrier.write(tmp_path, given)
    assert address_of(request) == "10.1.1.1"
    (tmp_path / carrier.FILE).unlink()
    carrier.write(tmp_path, carrier.Carrier(name="試験の事業者", policy=tmp_path, proxies=("10.0.0.0/8",)))
    assert address_of(request) == "203.0.113.9"
    read = carrier.read(tmp_path)
    assert read is not None
    assert read.proxies == ("10.0.0.0/8",)


@pytest.mark.parametrize("proxies", ["10.0.0.0/8", "[10.0.0.0/99]", "[load-balancer]"])
def test_what_is_no_network_is_refused(tmp_path: Path, proxies: str) -> None:
    text = f"carrier: {{name: 試験, policy: policy}}\nweb: {{proxies: {proxies}}}\n"
    (tmp_path / carrier.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(SekishoError) as raised:
        carrier.read(tmp_path)
    assert raised.value.code == "home.carrier-unreadable"
