"""How the tests press what leads to another page."""

from playwright.sync_api import Locator


def press(target: Locator) -> None:
    """Press, and wait for the page that comes of it: what is read next belongs to the answer, however slow."""
    with target.page.expect_navigation():
        target.click()
