"""The test bench keeps its own rules: no silent skip, the database that was meant, locks that name no host."""

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFTEST = Path(__file__).with_name("conftest.py")

pytest_plugins = ["pytester"]


@pytest.mark.django_db
def test_product_database_is_the_one_meant() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert connection.vendor == os.environ.get("SEKISHO_EXPECT_VENDOR", connection.vendor)


def test_postgres_answers(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT '𠮷'").fetchone() == ("𠮷",)


def test_chromium_sets_japanese_in_a_japanese_face(chromium_path: str, chromium_args: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
        page = browser.new_page()
        page.set_content("<p id=a>関所</p><p id=b style='font-family:monospace'>関所</p>")
        assert page.inner_text("#a") == "関所"
        session = page.context.new_cdp_session(page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": "#a"})["nodeId"]
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        browser.close()
    assert fonts, "Chromium drew no glyph"
    assert all("CJK" in font["familyName"] for font in fonts), fonts


@pytest.mark.parametrize(
    ("body", "passed", "failed"),
    [
        ("def test_a(): pytest.skip('no time')", 0, 1),
        ("@pytest.mark.skip(reason='no time')\ndef test_a(): pass", 0, 1),
        ("@pytest.mark.xfail(reason='known', strict=True)\ndef test_a(): assert False", 0, 0),
        ("def test_a(): pass", 1, 0),
    ],
)
def test_a_skip_fails_unless_its_reason_is_listed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, body: str, passed: int, failed: int
) -> None:
    outcome = _run(pytester, monkeypatch, f"import pytest\n{body}\n")
    counted = outcome.parseoutcomes()
    assert (counted.get("passed", 0), counted.get("failed", 0) + counted.get("errors", 0)) == (passed, failed)
    assert (outcome.ret != 0) == bool(failed)


def test_a_module_that_skips_itself_fails(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(pytester, monkeypatch, "import pytest\npytest.importorskip('no_such_module')\n").ret != 0


def test_missing_service_is_a_listed_skip_alone_and_an_error_when_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "def test_a(postgres_url): pass\n"
    monkeypatch.delenv("SEKISHO_TEST_POSTGRES_URL", raising=False)
    monkeypatch.delenv("SEKISHO_REQUIRE_SERVICES", raising=False)
    assert _run(pytester, monkeypatch, body).parseoutcomes() == {"skipped": 1}
    monkeypatch.setenv("SEKISHO_REQUIRE_SERVICES", "1")
    assert _run(pytester, monkeypatch, body).parseoutcomes() == {"errors": 1}


def test_golden_differs_loudly(golden: Callable[[str, str], None], pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("--update-golden"):
        with pytest.raises(pytest.fail.Exception, match="--update-golden"):
            golden("no/such/file.txt", "text")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_is_hashed_names_no_host_and_covers_pyproject(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=\S)", lock.split("\n", 1)[1].strip())
    assert all(" --hash=sha256:" in entry and not entry.startswith("-") for entry in entries)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    if name == "requirements-dev.txt":
        asked = asked + project["dependency-groups"]["dev"]
    locked = {_name(entry) for entry in entries}
    assert {_name(requirement) for requirement in asked} <= locked


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, body: str) -> pytest.RunResult:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\nmarkers =\n  product_db: x\n  services: x\n  long: x\n")
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(body)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider")
