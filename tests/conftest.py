"""What all tests share: where real files may be, and a house of one's own."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("assessment", "notebooks", "book", "_config.yml")


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
    kept = [item for item in items if not any(item.get_closest_marker(name) for name in absent)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_configure(config):
    config.addinivalue_line("markers", "real: needs real survey files, which are not part of the house")
    config.addinivalue_line("markers", "spark: needs the extra `spark`, and Java")


def furnish(home: Path, surveys: tuple[str, ...]) -> Path:
    """A house with only these surveys, and no data yet."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, home / part, ignore=shutil.ignore_patterns("_build"))
        else:
            shutil.copyfile(source, home / part)
    for path in (home / "assessment" / "profiles").glob("*.toml"):
        if path.stem not in surveys:
            path.unlink()
    return home


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty house with the invented country."""
    monkeypatch.setenv("BSNA_HOUSE", str(furnish(tmp_path, ("zz",))))
    return tmp_path
