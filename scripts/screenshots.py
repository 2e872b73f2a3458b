"""Take the pictures in docs/screenshots/ from a served demo carrier: `sekisho serve`, then this, with SEKISHO_HOME set.

`pngquant`, where there is one, makes them small.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8870"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
CASE = "K-2026-0001"
LIST, NOTICE = "L-2026-0001", "L-2026-0002"


def main() -> None:
    """Every picture, one after the other."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    logins = json.loads((Path(os.environ["SEKISHO_HOME"]) / "demo-logins.json").read_text(encoding="utf-8"))
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *root])
        page = browser.new_page(viewport=DESKTOP, locale="ja-JP")
        _take(page, "/", "centre")
        _take(page, "/requests/", "centre-requests")
        _take(page, "/en/", "centre-english")
        _take(page, "/console/login/", "login")
        page.fill("[name=username]", logins[0]["username"])
        page.fill("[name=password]", logins[0]["password"])
        page.click("button.primary")
        page.wait_for_url("**/promises/")
        _take(page, "/console/promises/", "board")
        _take(page, "/console/promises/?state=broken", "board-broken")
        _take(page, "/console/policy/", "policy")
        _take(page, "/console/cases/", "cases")
        _take(page, "/console/lists/", "lists")
        _take(page, f"/console/lists/{LIST}/", "list", whole=True)
        _take(page, f"/console/lists/{NOTICE}/", "list-notice", whole=True)
        page.goto(f"{ADDRESS}/console/cases/{CASE}/person/")
        if page.locator("form button.primary").count():
            page.click("form button.primary")
        _take(page, f"/console/cases/{CASE}/person/", "person")
        page.set_viewport_size(PHONE)
        _take(page, "/console/promises/", "board-phone")
        _take(page, f"/console/cases/{CASE}/person/", "person-phone")
        _take(page, f"/console/lists/{LIST}/", "list-phone", whole=True)
        _take(page, "/", "centre-phone")
        browser.close()


def _take(page: Page, path: str, name: str, *, whole: bool = False) -> None:
    page.goto(ADDRESS + path)
    file = FOLDER / f"{name}.png"
    page.screenshot(path=str(file), full_page=whole)
    if pngquant := shutil.which("pngquant"):
        subprocess.run([pngquant, "--force", "--strip", "--output", str(file), "64", str(file)], check=True)  # noqa: S603
    print(file.relative_to(FOLDER.parents[1]), file.stat().st_size)


if __name__ == "__main__":
    main()
