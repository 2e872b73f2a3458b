"""The carrier of sql_world.py, its stores written once, a copy for each test."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def sql_module() -> ModuleType:
    return _module("sql_world")


@pytest.fixture(scope="session")
def tpch() -> ModuleType:
    return _module("tpch")


@pytest.fixture(scope="session")
def sql_stores(sql_module: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sql")
    sql_module.write_stores(home)
    return home


@pytest.fixture
def sql_home(sql_stores: Path, tmp_path: Path, settings: Any) -> Path:
    there = tmp_path / "home"
    shutil.copytree(sql_stores, there)
    settings.HOME = there
    return there


@pytest.fixture
def sql_world(sql_module: ModuleType, sql_home: Path, db: None) -> ModuleType:
    sql_module.fill_registers()
    return sql_module


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
