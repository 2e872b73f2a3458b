"""`sekisho decide`: JSON lines in, JSON lines out. Every line is answered; one that is no ask makes the exit code 1."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.refusing import refusing


@click.command()
@click.option("-f", "--file", "source", type=click.File(encoding="utf-8", errors="surrogateescape"), default="-")
def command(source: TextIO) -> None:
    """Ask the gate: one JSON object per line in, one per line out.

    \b
    Every ask names
      actor          who asks: a staff or client reference
      purpose        a purpose of the policy
      items          ["class" or "class.field", …]
      data_subjects  [reference, or {"customer_no": …}, or {"number": …, "at": instant with zone}, …]

    \b
    and, where they matter,
      act        use (default), third_party_provision, joint_use, entrustment, succession
      at         the moment of asking, an instant with zone; now if left out
      recipient, channel (mail, sms, phone, post), claims [reference, …]
      resource   what is known of the rows: {"line": …, "started_at": …, "bill.due_on": …, …}

    \b
    A reason about an unknown fact names under `tell` the keys that would tell it. An ask with any other key is refused.

    \b
    Example, with the demo carrier:
      echo '{"actor":"bunseki","purpose":"analysis","items":["usage"],"data_subjects":[{"customer_no":"C00100002"}]}' | sekisho decide
    """
    failed = False
    with refusing(2), runtime.running():
        for answer in answers(source):
            failed = failed or "error" in answer
            click.echo(json.dumps(answer, ensure_ascii=False))
    sys.exit(1 if failed else 0)


def answers(lines: TextIO) -> Iterator[dict[str, object]]:
    """The answer to each line, as it becomes durable; blank lines are passed over."""
    from sekisho.registers.decisions.actions import decide
    from sekisho.registers.decisions.queries.asks import ask_from
    from sekisho.registers.decisions.queries.malformed import JSON, MalformedAsk

    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield decide(ask_from(json.loads(line), now=datetime.now(UTC))).as_json()
        except (ValueError, RecursionError):
            yield _refused(number, MalformedAsk(JSON))
        except SekishoError as error:
            yield _refused(number, error)


def _refused(number: int, error: SekishoError) -> dict[str, object]:
    told: dict[str, object] = {"code": error.code, "message": error.message(), "remedy": error.remedy()}
    fields = getattr(error, "fields", ())
    return {"line": number, "error": told | ({"fields": list(fields)} if fields else {})}
