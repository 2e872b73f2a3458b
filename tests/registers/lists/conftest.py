"""The carrier of list_world.py, its store written once, a copy for each test."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

WORLD = Path(__file__).with_name("list_world.py")


@pytest.fixture(scope="session")
def list_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("list_world", WORLD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_world"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def list_stores(list_module: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("lists")
    list_module.write_stores(home)
    return home


@pytest.fixture
def list_home(list_stores: Path, tmp_path: Path, settings: Any) -> Path:
    there = tmp_path / "home"
    shutil.copytree(list_stores, there)
    settings.HOME = there
    return there


@pytest.fixture
def lists(list_module: ModuleType, list_home: Path, transactional_db: None) -> ModuleType:
    list_module.fill_registers()
    return list_module
