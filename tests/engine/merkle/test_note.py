"""Signed notes and checkpoints, against the specification's own example and against every byte changed."""

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.checkpoint import Checkpoint, read_checkpoint
from sekisho.engine.merkle.note import Signer, verifier_from

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SIGNER = Signer(name="sekisho.example/ledger", seed=bytes(range(32)))
HEAD = Checkpoint(origin=SIGNER.name, size=20852163, root=bytes(range(32)))


def test_a_note_of_another_implementation_opens() -> None:
    assert verifier_from(EXAMPLE_KEY).open(EXAMPLE) == "This is an example message.\n"


def test_keys_come_back_from_text() -> None:
    assert verifier_from(str(SIGNER.verifier)) == SIGNER.verifier
    for text in ("", "name+00000000+AAAA", str(SIGNER.verifier).replace("sekisho", "another"), "name+zz+*"):
        with pytest.raises(SekishoError, match=r"note\.malformed"):
            verifier_from(text)


def test_checkpoints_come_back() -> None:
    note = SIGNER.sign(HEAD.text())
    assert read_checkpoint(note, SIGNER.verifier) == HEAD
    cosigned = note + "— witness.example/w " + "A" * 92 + "\n"
    assert read_checkpoint(cosigned, SIGNER.verifier) == HEAD


def test_every_changed_byte_of_a_checkpoint_is_found() -> None:
    note = SIGNER.sign(HEAD.text()).encode()
    for place in range(len(note)):
        bent = bytes([*note[:place], note[place] ^ 1, *note[place + 1 :]])
        with pytest.raises((SekishoError, UnicodeDecodeError)):
            read_checkpoint(bent.decode(), SIGNER.verifier)


def test_another_key_of_the_same_name_does_not_open() -> None:
    stranger = Signer(name=SIGNER.name, seed=bytes(32))
    with pytest.raises(SekishoError, match=r"note\.not-signed"):
        read_checkpoint(stranger.sign(HEAD.text()), SIGNER.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "sekisho.example/other\n1\nAAAA\n",
        "sekisho.example/ledger\n01\nAAAA\n",
        "sekisho.example/ledger\n1\nAAAA\n",
        "x\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_of_this_log(text: str) -> None:
    with pytest.raises(SekishoError, match=r"checkpoint\.malformed"):
        read_checkpoint(SIGNER.sign(text), SIGNER.verifier)


@pytest.mark.parametrize("text", ["no newline", "two\n\nparts\n"])
def test_texts_that_cannot_be_signed(text: str) -> None:
    with pytest.raises(SekishoError, match=r"note\.not-signable"):
        SIGNER.sign(text)
