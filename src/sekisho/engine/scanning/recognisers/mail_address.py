"""Recognise e-mail addresses. Source: RFC 5321 and 5322, the part people use; old mobile mail has dots at odd places."""

import re

from sekisho.engine.scanning.recogniser import Grade, Recogniser, Words, by_pattern

LONGEST = 254
MACHINES = frozenset({"no-reply", "noreply", "no_reply", "donotreply", "mailer-daemon", "postmaster"})  # nobody's


def validate(text: str) -> bool:
    """Whether the domain ends as domains do, nothing is too long, and somebody reads it."""
    local, _, domain = text.rpartition("@")
    if local.lower() in MACHINES:
        return False
    dotted = f".{domain}."  # every label between dots
    return len(text) <= LONGEST and len(local) <= 64 and ".." not in dotted and ".-" not in dotted  # noqa: PLR2004 RFC 5321 4.5.3.1.1


RECOGNISER = Recogniser(
    type="mail_address",
    label=Words("メールアドレス", "e-mail address"),
    form=Words("@を含むアドレス", "an address with @"),
    rule=Words("ドメイン名の形が正しい", "its domain is well formed"),
    grade=Grade.PERSONAL,
    find=by_pattern(
        re.compile(
            r"(?<![0-9A-Za-z._%+/=-])[0-9A-Za-z_%+/=!#$&'*?^`{|}~-][0-9A-Za-z._%+/=!#$&'*?^`{|}~-]{0,63}"
            r"@[0-9A-Za-z](?:[0-9A-Za-z-]{0,62}\.)+[A-Za-z]{2,24}(?![0-9A-Za-z-])",
            re.ASCII,
        ),
        validate,
    ),
    near=("メール", "mail", "アドレス"),
    headers=("mail", "email", "e_mail", "mail_address", "email_address", "メール", "メールアドレス"),
    trigger="@",
)
