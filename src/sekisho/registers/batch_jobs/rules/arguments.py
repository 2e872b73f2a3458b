"""Arguments of a job are ids: whoever reads the queue, its database or a log learns nothing about anybody."""

import re
from collections.abc import Mapping
from datetime import date

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs.rules.kinds import ROOM, Kind

# Lower-case words and hexadecimal, tied by hyphens: no name, mail address or date of birth has this shape, and a number
# of a telephone (ten digits or more in a row) is taken out below.
REF = re.compile(r"[a-z]{1,16}(?:-[0-9a-z]{1,64}){1,4}", re.ASCII)
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
TELEPHONE = re.compile(r"(?<![0-9a-f])0[0-9]{9,10}(?![0-9a-f])", re.ASCII)


def require_ids(kind: Kind, arguments: Mapping[str, object]) -> dict[str, str]:
    """The arguments as they may be kept. Values are not repeated in the refusal: they may be personal.

    Raises: batch_jobs.arguments.
    """
    wrong = sorted(set(arguments) ^ set(kind.arguments))
    kept = {}
    for name, shape in kind.arguments.items():
        value = arguments.get(name)
        if isinstance(value, str) and _has(shape, value):
            kept[name] = value
        elif name not in wrong:
            wrong.append(name)
    if wrong:
        named = ", ".join(name if NAME.fullmatch(name) else "?" for name in wrong)
        raise SekishoError("batch_jobs.arguments", room=ROOM, kind=kind.id, names=named)
    return kept


def _has(shape: str, value: str) -> bool:
    if shape == "day":
        return _is_day(value)
    pattern = {"ref": REF, "name": NAME, "digest": DIGEST}[shape]
    return pattern.fullmatch(value) is not None and TELEPHONE.search(value) is None


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
