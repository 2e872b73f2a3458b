"""The fixtures of the connectors' tests: a store of each kind, from the world of `foreign_stores`."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from foreign_stores import STORES, made, system_of

from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import System

KINDS = ("sqlite", "postgresql", "duckdb", "delta", "jsonl")  # what the crashing and the residue tests walk through


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def system(kind: str) -> System:
    return system_of(STORES[kind])


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A store of this kind with ROWS in it."""
    with made(STORES[kind], tmp_path, lambda name: str(request.getfixturevalue(name))) as place:
        yield place


@pytest.fixture(scope="session")
def spark_url() -> Iterator[str]:
    """A Spark Connect server in this process: pysail stands for any cluster."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the server's own imports
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
        server.stop()


@pytest.fixture
def source(system: System, url: str) -> Iterator[Source]:
    opened = open_system(system, url)
    yield opened
    opened.close()
