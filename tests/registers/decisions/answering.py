"""Answer decisions from eight threads until killed, telling each answer's evidence the moment it is given."""

import runpy
import sys
import threading
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from sekisho.engine.gate.ask import Act, Ask  # noqa: E402
from sekisho.registers.decisions.actions import decide  # noqa: E402

world = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
if sys.argv[1:] == ["build"]:
    call_command("migrate", verbosity=0)
    world["build"]()
telling = threading.Lock()


def answer() -> None:
    asked = Ask(
        actor="s-clerk",
        act=Act.USE,
        data_subjects=("p-hana",),
        items=("identity.name",),
        purpose="billing",
        at=world["AT"],
    )
    while True:
        told = decide(asked).evidence
        with telling:
            if not told:
                continue  # refused, because it could not be sealed in time
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()


for _ in range(8):
    threading.Thread(target=answer).start()
