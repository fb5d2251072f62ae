from pathlib import Path

import pytest

from tests.intake.village import PROFILE_TOML


@pytest.fixture
def hill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty house with the profile of the hill."""
    monkeypatch.setenv("BSNA_HOUSE", str(tmp_path))
    for folder in ("profiles", "checks", "corrections"):
        (tmp_path / "assessment" / folder).mkdir(parents=True)
    (tmp_path / "assessment" / "profiles" / "hill.toml").write_text(PROFILE_TOML, encoding="utf-8")
    return tmp_path
