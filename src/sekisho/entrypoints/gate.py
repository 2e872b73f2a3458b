"""The gate inside the carrier's own process: the client's interface without HTTP."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sekisho.client import Answer, BadQuestion, Gate, Question
from sekisho.client.answer import answer_from
from sekisho.entrypoints import runtime


class LocalTransport:
    """Questions to the decision point of this process; Django is set up already."""

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Raises: BadQuestion; a policy or a ledger that isn't there raises SekishoError."""
        return tuple(self._one(asked) for asked in questions)

    def close(self) -> None:
        """Nothing to let go of: connections belong to the process."""

    @staticmethod
    def _one(asked: Question) -> Answer:
        from sekisho.registers.decisions.actions import decide
        from sekisho.registers.decisions.queries.asks import ask_from
        from sekisho.registers.decisions.queries.malformed import MalformedAsk

        try:
            return answer_from(decide(ask_from(asked.ask(), now=datetime.now(UTC))).as_json())
        except MalformedAsk as error:
            raise BadQuestion(error.code, error.fields, error.remedy()) from error


@contextmanager
def local_gate() -> Generator[Gate]:
    """The gate of the carrier in SEKISHO_HOME, for a script: what it sealed is numbered and signed when it ends."""
    with runtime.running():
        yield Gate(LocalTransport())
