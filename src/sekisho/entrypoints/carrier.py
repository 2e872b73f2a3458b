"""The carrier's configuration: `carrier.yaml` in its home."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sekisho.connectors.documents import read_folder
from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.home import ROOM
from sekisho.web.addresses import are_networks

FILE = "carrier.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How e-mail leaves: `smtp://`, `smtps://` (TLS from the start) or `smtp+tls://` (STARTTLS), or `folder:NAME` of the home."""

    url: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What this installation is: its name, where its policy stands, whether it is a demo that follows edits."""

    name: str
    policy: Path
    demo: bool = False
    follow: bool = False
    urls: Mapping[str, str] = field(default_factory=dict)  # system id -> url, where it isn't the data map's own
    mail: Mail | None = None
    proxies: tuple[str, ...] = ()  # addresses and networks whose X-Forwarded-For is believed; nobody else's is
    centre: str = ""  # where people reach the privacy centre, as letters print it

    def documents(self) -> Mapping[str, str]:
        """The documents of the policy folder, as they are now."""
        return read_folder(self.policy)


def read(home: Path) -> Carrier | None:
    """The configuration of this home; None where nothing has been built. Raises: home.carrier-unreadable."""
    path = home / FILE
    if not path.exists():
        return None
    try:
        return _read(home, YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except (YAMLError, UnicodeDecodeError, KeyError, TypeError, OSError) as error:
        raise SekishoError("home.carrier-unreadable", room=ROOM, path=path, why=type(error).__name__) from error


def _read(home: Path, document: Mapping[str, Any]) -> Carrier:
    carrier, mail, web = document["carrier"], document.get("mail"), document.get("web") or {}
    proxies = tuple(str(one) for one in web.get("proxies") or ())
    if isinstance(web.get("proxies"), str) or not are_networks(proxies):
        raise TypeError("proxies")
    return Carrier(
        name=carrier["name"],
        policy=(home / carrier["policy"]).resolve(),
        demo=bool(carrier.get("demo")),
        follow=bool(carrier.get("follow")),
        urls=document.get("urls") or {},
        mail=Mail(url=str(mail["url"]), sender=str(mail["sender"])) if mail else None,
        proxies=proxies,
        centre=str(web.get("centre") or ""),
    )


def write(home: Path, carrier: Carrier) -> None:
    """Write the configuration of a new home."""
    document: dict[str, Any] = {
        "carrier": {
            "name": carrier.name,
            "policy": str(carrier.policy),
            "demo": carrier.demo,
            "follow": carrier.follow,
        },
        "urls": dict(carrier.urls),
    }
    if carrier.mail is not None:
        document["mail"] = {"url": carrier.mail.url, "sender": carrier.mail.sender}
    web = {"proxies": list(carrier.proxies), "centre": carrier.centre}
    if any(web.values()):
        document["web"] = {key: value for key, value in web.items() if value}
    with (home / FILE).open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(document, file)
