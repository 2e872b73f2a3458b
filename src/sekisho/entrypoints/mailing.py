"""E-mail as `carrier.yaml` says under `mail`: by SMTP, or into a folder of the home where nothing is to leave.

The configuration is read when something is sent, so that commands which send nothing do not pay for it.
"""

import smtplib
import ssl
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as FolderBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.message import EmailMessage

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier
from sekisho.entrypoints.home import ROOM

SCHEMES = {"smtp": (False, False), "smtps": (True, False), "smtp+tls": (False, True)}  # TLS from the start, STARTTLS


class CarrierBackend(BaseEmailBackend):
    """Django's way to send, by what the carrier configured."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were handed over. Raises: home.no-mail, home.mail-not-sent."""
        home = Path(settings.HOME)
        found = carrier.read(home)
        if found is None or found.mail is None:
            raise SekishoError("home.no-mail", room=ROOM)
        for message in email_messages:
            message.from_email = found.mail.sender
        try:
            return backend_of(found.mail.url, home).send_messages(list(email_messages)) or 0
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:  # their words quote addresses
            raise SekishoError("home.mail-not-sent", room=ROOM, why=type(error).__name__) from None


def backend_of(url: str, home: Path) -> BaseEmailBackend:
    """What sends for an address. Raises: home.no-mail."""
    scheme, _, rest = url.partition(":")
    if scheme == "folder" and rest:
        return FolderBackend(file_path=str(home / rest))
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise SekishoError("home.no-mail", room=ROOM)
    use_ssl, use_tls = SCHEMES[parts.scheme]
    return SmtpBackend(
        host=parts.hostname,
        port=parts.port or (465 if use_ssl else 587 if use_tls else 25),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_ssl=use_ssl,
        use_tls=use_tls,
        timeout=settings.EMAIL_TIMEOUT,
    )
