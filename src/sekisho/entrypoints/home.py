"""The carrier's home directory: where its database, keys and configuration stand.

home/
  carrier.yaml          name, policy folder, data map, urls of its systems, whether it is a demo
  sekisho.sqlite3       the product database (unless SEKISHO_DATABASE_URL names a PostgreSQL)
  keys/                 secret key, ledger signing key, pseudonym master key (0600)
  ledger/               tiles and checkpoint, as anyone may copy them
  people-sets/          bitmaps of consents, sealed; a memo that is made anew if it is missing
  outbox/               only in the demo: e-mail, sent to nobody
  systems/              only in the demo: the carrier's own five systems
"""

import contextlib
import errno
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from sekisho.engine.errors import SekishoError

DATABASE_FILE = "sekisho.sqlite3"
CARRIER_FILE = "carrier.yaml"
ROOM = "sekisho.entrypoints"


def directory() -> Path:
    """The home directory, absolute: SEKISHO_HOME, else `var/demo` where one stands."""
    return Path(os.environ.get("SEKISHO_HOME", "var/demo")).absolute()


def require_carrier(home: Path) -> None:
    """Refuse a home where no carrier stands, so that a mistyped one is not made, and one that can't be written.

    Raises: home.no-carrier, home.not-usable.
    """
    try:
        stands = (home / CARRIER_FILE).exists() or (home / DATABASE_FILE).exists()
        stands = stands or ("SEKISHO_DATABASE_URL" in os.environ and home.is_dir())
    except OSError as error:
        raise unusable(home, error) from error
    if not stands:
        raise SekishoError("home.no-carrier", room=ROOM, home=home)
    if not os.access(home, os.W_OK | os.X_OK):
        raise SekishoError("home.not-usable", room=ROOM, home=home, why=os.strerror(errno.EACCES))


def make(home: Path) -> None:
    """Make the folder of a new carrier, open to its owner only: registers hold names. Raises: home.not-usable."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # a mounted folder of somebody else's that may be written
            home.chmod(0o700)
    except OSError as error:
        raise unusable(home, error) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SekishoError("home.not-usable", room=ROOM, home=home, why=os.strerror(errno.EACCES))


def close(home: Path) -> None:
    """Leave the carrier's registers and systems readable by their owner only, wherever somebody copies them."""
    for top in (DATABASE_FILE, CARRIER_FILE, "defects.json"):
        if (home / top).exists():
            (home / top).chmod(0o600)
    for path in ((home / "systems"), *(home / "systems").rglob("*")):
        if path.exists():
            path.chmod(0o700 if path.is_dir() else 0o600)


def unusable(home: Path, error: OSError) -> SekishoError:
    """The refusal of a home that the operating system refuses."""
    return SekishoError("home.not-usable", room=ROOM, home=home, why=error.strerror or type(error).__name__)


def key_bytes(home: Path, name: str, size: int = 32) -> bytes:
    """A key of this carrier, made on first use, readable by its owner only. Raises: home.not-usable."""
    try:
        return _key_bytes(home / "keys" / name, size)
    except OSError as error:
        raise unusable(home, error) from error


def _key_bytes(path: Path, size: int) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, new = tempfile.mkstemp(dir=path.parent)  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
        # link, not rename: of two processes starting at once the first wins and both read its key
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(new)
        Path(new).unlink()
    return path.read_bytes()


def secret_key(home: Path) -> str:
    """Django's secret key: from the environment, else the carrier's own."""
    return os.environ.get("SEKISHO_SECRET_KEY") or key_bytes(home, "django").hex()


def database(home: Path) -> dict[str, object]:
    """Django's database settings: SQLite in the home, or the PostgreSQL that SEKISHO_DATABASE_URL names."""
    url = os.environ.get("SEKISHO_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / DATABASE_FILE,
            # Tests get a file, as in life (a database in memory has other locks), and every run its own.
            "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"sekisho-test-{os.getpid()}.sqlite3")},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # Rollback journal: the bundled SQLite may lack the WAL-reset fix. Erased bytes are zeroed.
                "init_command": (
                    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; "
                    "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or dict(parse_qsl(parts.query)).get("host", ""),
        "PORT": str(parts.port or ""),
    }
