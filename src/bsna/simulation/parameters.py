"""Parameters of a simulated survey: what all countries share, and what one country overrides."""

from typing import Any

from bsna import paths
from bsna.intake.sheets import read_toml


def load_parameters(profile_id: str) -> dict[str, Any]:
    """Parameters of one survey: assessment/simulation/common.toml, overridden by <profile>.toml.

    Raises ValueError naming the file if either is missing or overrides a key that common.toml lacks.
    """
    common, own = _read("common"), _read(profile_id)
    return _merge(common, own, f"{profile_id}.toml")


def _read(name: str) -> dict[str, Any]:
    path = paths.assessment("simulation", f"{name}.toml")
    if not path.is_file():
        raise ValueError(f"{path} is missing; a simulated survey needs its parameters")
    return read_toml(path)


def _merge(common: dict[str, Any], own: dict[str, Any], where: str) -> dict[str, Any]:
    merged = dict(common)
    for key, value in own.items():
        if key not in common and not where.endswith("communes"):
            raise ValueError(f"{where} sets {key!r}, which common.toml does not know")
        both = isinstance(value, dict) and isinstance(common[key], dict) and not _is_leaf(value)
        merged[key] = _merge(common[key], value, f"{where}: {key}") if both else value
    return merged


def _is_leaf(value: dict[str, Any]) -> bool:
    """The marginals of a question are replaced as a whole, never mixed."""
    return any(key in value for key in ("probs", "upper", "first", "weights", "mean"))
