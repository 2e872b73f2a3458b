"""What every test shares: services, golden files, hypothesis profiles, and the rule that a skip is a failure."""

import os
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

# A worker of pytest-xdist is started by `python -c`; pyspark takes a process without a main file for one of its own doctests.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__

EVIDENCE_TRIGGERS = {
    vendor: tuple(
        (f"evidence_{table}", f"evidence_{table}_{what}") for table in ("entry", "checkpoint") for what in whats
    )
    for vendor, whats in {"sqlite": ("no_delete",), "postgresql": ("no_delete", "no_truncate")}.items()
}
GOLDEN = Path(__file__).resolve().parent / "golden"
LONG = os.environ.get("SEKISHO_LONG") == "1"
REQUIRE_SERVICES = os.environ.get("SEKISHO_REQUIRE_SERVICES") == "1"

# A skipped test proves nothing, so any skip whose reason is not here fails the run. `./test` starts all services and
# sets SEKISHO_REQUIRE_SERVICES=1, which turns these into errors as well.
NO_POSTGRES = "PostgreSQL is not running: ./test starts one"
NO_MARIADB = "MariaDB is not running: ./test starts one"
NO_CHROMIUM = "Chromium is not installed: ./test installs it"
ALLOWED_SKIPS = (NO_POSTGRES, NO_MARIADB, NO_CHROMIUM)

PRODUCT_DB_FIXTURES = {
    "admin_client",
    "admin_user",
    "db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "django_db_setup",
    "live_server",
    "transactional_db",
}
SERVICE_FIXTURES = {"postgres_url", "mariadb_url", "chromium_path"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without the background-networking flags Chromium calls home at every start; a test talks to this machine only.
CHROMIUM_ARGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

hypothesis.settings.register_profile(
    "default",
    max_examples=25,
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,  # a build fails for what the change did, not for the day's luck
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "long",
    parent=hypothesis.settings.get_profile("default"),
    max_examples=1000,
    derandomize=False,
)
hypothesis.settings.load_profile("long" if LONG else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/ with what the code says now")


def pytest_report_header() -> list[str]:
    return ["skips allowed only for: " + "; ".join(ALLOWED_SKIPS)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs the product database or a service; leave out soaks unless asked for."""
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        has_database = fixtures & PRODUCT_DB_FIXTURES or item.get_closest_marker("django_db")
        if has_database and not item.get_closest_marker("once"):
            item.add_marker(pytest.mark.product_db)
        if fixtures & SERVICE_FIXTURES:
            item.add_marker(pytest.mark.services)
        (left_out if item.get_closest_marker("long") and not LONG else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if reason not in ALLOWED_SKIPS:
        report.outcome = "failed"
        report.longrepr = f"skipped for a reason that ALLOWED_SKIPS in tests/conftest.py does not list: {reason}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Refuse to run on another database than the one meant: a late setting would fall back to SQLite in silence.

    Tests that commit are cleaned up by emptying every table, which the ledger's own triggers refuse: they are taken
    away here, and tests/evidence puts them back to test them.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table, trigger in EVIDENCE_TRIGGERS[connection.vendor]:
            cursor.execute(
                f"DROP TRIGGER IF EXISTS {trigger}" + (f" ON {table}" if connection.vendor == "postgresql" else "")
            )

    expected = os.environ.get("SEKISHO_EXPECT_VENDOR")
    if expected and connection.vendor != expected:
        pytest.fail(f"the product database is {connection.vendor}, but this run is meant for {expected}")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """URL of a throwaway PostgreSQL whose user may create databases and roles."""
    url = os.environ.get("SEKISHO_TEST_POSTGRES_URL", "")
    if not url:
        _missing(NO_POSTGRES)
    import psycopg

    with psycopg.connect(url, connect_timeout=10):
        return url


@pytest.fixture(scope="session")
def mariadb_url() -> str:
    """URL of a throwaway MariaDB whose user may create databases and users."""
    url = os.environ.get("SEKISHO_TEST_MARIADB_URL", "")
    if not url:
        _missing(NO_MARIADB)
    from urllib.parse import urlsplit

    import pymysql

    place = urlsplit(url)
    pymysql.connect(
        host=place.hostname, port=place.port or 3306, user=place.username, password=place.password or ""
    ).close()
    return url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of Debian's Chromium (or SEKISHO_CHROMIUM), for playwright's `executable_path`."""
    names = (os.environ.get("SEKISHO_CHROMIUM", ""), *CHROMIUM_NAMES)
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        _missing(NO_CHROMIUM)
    return path


@pytest.fixture(scope="session")
def chromium_args() -> list[str]:
    """Switches for `chromium.launch(args=…)`; as root Chromium starts only without its sandbox."""
    return [*CHROMIUM_ARGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("policy/arlink.html", text)`: compare with the file, or rewrite it under --update-golden."""

    def compare(path: str, text: str) -> None:
        file = GOLDEN / path
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            return
        if not file.exists():
            pytest.fail(f"tests/golden/{path} does not exist: run with --update-golden and read what it writes")
        assert text == file.read_text(encoding="utf-8"), f"differs from tests/golden/{path} (--update-golden rewrites)"

    return compare


def _missing(reason: str) -> NoReturn:
    if REQUIRE_SERVICES:
        pytest.fail(f"{reason} (SEKISHO_REQUIRE_SERVICES=1)")
    pytest.skip(reason)
