"""The small policy that the tests of the language start from."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "policy"
POLICIES = Path(__file__).resolve().parents[3] / "policies"


@pytest.fixture(scope="session")
def small_text() -> str:
    return (GOLDEN / "small" / "policy.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def small(small_text: str) -> Policy:
    return load({"policy.yaml": small_text})


@pytest.fixture(scope="session", params=["arlink", "carrier"])
def published(request: pytest.FixtureRequest) -> Policy:
    """Each of the two carriers' policies."""
    folder = POLICIES / str(request.param)
    return load(
        {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    )


@pytest.fixture(scope="session")
def arlink_files() -> Mapping[str, str]:
    folder = POLICIES / "arlink"
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}


@pytest.fixture(scope="session")
def arlink(arlink_files: Mapping[str, str]) -> Policy:
    return load(arlink_files)


@pytest.fixture(scope="session")
def carrier() -> Policy:
    folder = POLICIES / "carrier"
    return load(
        {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    )
