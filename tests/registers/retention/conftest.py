"""The small carrier of tests/fixtures/erasure_world.py, a copy for each test."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "erasure_world.py"


@pytest.fixture(scope="session")
def world_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erasure_world", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def world_stores(world_module: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("world")
    world_module.write_stores(home)
    return home


@pytest.fixture
def home(world_stores: Path, tmp_path: Path, settings: Any) -> Path:
    """A home with fresh stores; settings point to it."""
    there = tmp_path / "home"
    shutil.copytree(world_stores, there)
    settings.HOME = there
    return there


@pytest.fixture
def world(world_module: ModuleType, home: Path, transactional_db: None) -> ModuleType:
    """The carrier with its registers filled. They are committed: a PostgreSQL's files keep what a transaction deleted."""
    world_module.fill_registers()
    return world_module
