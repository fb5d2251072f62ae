"""What all tests share: where real files may be, and a house of one's own."""

import importlib.util
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

from bsna import paths
from bsna.publishing.rebuilding import copy_sources
from tests.house.browser import FLAGS, browser_path

ROOT = Path(__file__).parents[1]


def real_data() -> Path | None:
    """Folder with real survey files: $BSNA_REAL_DATA, or `shared/data` beside the checkout; None if absent."""
    declared = os.environ.get("BSNA_REAL_DATA")
    folder = Path(declared) if declared else ROOT.parent / "shared" / "data"
    return folder if (folder / "afrobarometer").is_dir() else None


def spark_is_there() -> bool:
    """Whether the extra `spark` is installed, and a Java to run it."""
    return importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None


def pytest_collection_modifyitems(config, items):
    """Tests on real files or on Spark run where those are; elsewhere they are left out, and counted."""
    absent = {"real"} if real_data() is None else set()
    absent |= set() if spark_is_there() else {"spark"}
    absent |= set() if browser_path() else {"browser"}
    kept = [item for item in items if not any(item.get_closest_marker(name) for name in absent)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_configure(config):
    config.addinivalue_line("markers", "real: needs real survey files, which are not part of the house")
    config.addinivalue_line("markers", "spark: needs the extra `spark`, and Java")
    config.addinivalue_line("markers", "browser: needs a Chromium")


def pytest_terminal_summary(terminalreporter):
    """Say loudly that pages were not looked at."""
    if not browser_path():
        terminalreporter.section("NO BROWSER FOUND", red=True, bold=True)
        terminalreporter.line(
            "No test looked at a page. Install Chromium (Debian: apt-get install chromium) and run again."
        )


def furnish(home: Path, surveys: tuple[str, ...]) -> Path:
    """A house with only these surveys, and no data yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOUSE_VARIABLE, str(ROOT))
        return copy_sources(home, surveys)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty house with the invented country."""
    monkeypatch.setenv("BSNA_HOUSE", str(furnish(tmp_path, ("zz",))))
    return tmp_path


@pytest.fixture
def eight_people():
    """Eight invented people of four villages in two strata; one row each. The page "How the numbers are made" shows them.

    Hawa did not say whether she feels safe.
    """
    people = [
        ("Awa", "river", "Ford", 8.0, 1, 0.0, 35.0),
        ("Bakary", "river", "Ford", 8.0, 0, 0.0, 25.0),
        ("Coumba", "river", "Weir", 12.0, 1, 1.0, 30.0),
        ("Demba", "river", "Weir", 12.0, 0, 1.0, 10.0),
        ("Eli", "hills", "Ridge", 24.0, 0, 0.0, 40.0),
        ("Fanta", "hills", "Ridge", 18.0, 1, 1.0, 40.0),
        ("Gaoussou", "hills", "Cairn", 18.0, 0, 1.0, 15.0),
        ("Hawa", "hills", "Cairn", 22.0, 1, float("nan"), 20.0),
    ]
    columns = ["person", "stratum", "village", "weight", "is_woman", "feels_safe", "walk_to_post_minutes"]
    return pd.DataFrame(people, columns=columns)


@pytest.fixture(scope="session")
def browser():
    """A browser for all tests that look at pages."""
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield chromium
        chromium.close()
