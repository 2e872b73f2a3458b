"""The same on PostgreSQL: the product database is copied table by table in one snapshot, and loaded into an empty one."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from restores import Carrier, small_world

pytestmark = pytest.mark.slow
DATABASE = "sekisho_restored"


@pytest.fixture(scope="module")
def carrier(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    _begin(postgres_url)
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{DATABASE}"))
    carrier = Carrier(tmp_path_factory.mktemp("restores-postgresql"), SEKISHO_DATABASE_URL=url)
    carrier.do("build")
    yield carrier
    carrier.close()
    _drop(postgres_url)


def test_nobody_comes_back_in_postgresql(carrier: Carrier, postgres_url: str) -> None:
    world = small_world()
    backup = carrier.do("backup")
    carrier.do("erase", person=world.HANA)
    carrier.do("withdraw", person="P-04")
    lost, stood = world.state(carrier.home), carrier.do("registers")
    carrier.lose()
    _begin(postgres_url)
    carrier.do("restore", backup=backup)
    assert carrier.do("registers")["people"][world.HANA]["known"], "the backup must bring her back, or nothing is shown"
    opening = carrier.do("check")
    assert opening["erased_again"] == 1
    assert world.state(carrier.home) == lost
    assert carrier.do("registers")["people"] == stood["people"]
    assert carrier.do("verify") == []
    assert carrier.do("apart")["missing"] == 0
    carrier.do("erase", person="P-08")  # numbers go on after those that were loaded


def _begin(url: str) -> None:
    _drop(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _drop(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
