"""One house for all tests of the whole: two surveys of invented countries, run, and the book built."""

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import furnish
from tests.house.browser import FLAGS, browser_path
from tests.house.making import build_house


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """Two surveys of invented countries, run, and the book built; the second's file holds hostile text."""
    return build_house(furnish(tmp_path_factory.mktemp("house"), ("zz",)))


@pytest.fixture(scope="session")
def browser():
    """A browser for all tests that look at pages."""
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield chromium
        chromium.close()
