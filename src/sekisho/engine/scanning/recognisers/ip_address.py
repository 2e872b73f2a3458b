"""Recognise IP addresses, versions 4 and 6. Version numbers of software look like version 4: a word must stand near.

An address seen by a carrier is part of a communication. Source: RFC 791, RFC 4291; TG 通信履歴.
"""

import ipaddress
import re

from sekisho.engine.scanning.recogniser import Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool | None:
    """True for version 6, can't tell for version 4, False for what is nobody's (loopback, unspecified)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return False
    if address.version == 6 and max(map(len, text.split(":"))) < 3:  # noqa: PLR2004 35:AB:12:…, 12:34:56: bytes and times
        return False
    return True if address.version == 6 else None  # noqa: PLR2004 the version


RECOGNISER = Recogniser(
    type="ip_address",
    label=Words("IPアドレス", "IP address"),
    form=Words("IPアドレスの形", "the form of an IP address"),
    rule=Words("IPv6として読める", "it reads as version 6"),
    grade=Grade.PERSONAL,
    find=by_pattern(
        re.compile(
            r"(?<![0-9A-Za-z.])(?<![0-9A-Fa-f]:)(?<!::)(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}|"
            r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4})(?![0-9A-Za-z])(?!:[0-9A-Fa-f:]{0,4}:)(?!\.\d)",
            re.ASCII,
        ),
        validate,
    ),
    near=("ip", "アドレス", "接続元", "forwarded", "src", "dst", "arp", "送信元", "アクセス", "client", "remote"),
    headers=("ip", "ip_address", "ipaddr", "client_ip", "remote_addr", "source_ip", "ipアドレス", "接続元"),
    trigger=r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9A-Fa-f]:[0-9A-Fa-f]{1,4}:",
)
