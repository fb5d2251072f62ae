"""Links between a linear predictor and a chance, computed without cancellation however far out in the tails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy import special

LinkName: TypeAlias = Literal["logit", "probit", "cloglog"]
Curve: TypeAlias = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Link:
    """A distribution function F of the linear predictor z, with density f.

    A 0/1 outcome is 1 with chance F(z); an ordered one is above answer k with chance F(z - threshold k). `log_below` is
    log F, `log_above` log(1 - F), `log_density` log f, `bend` f'/f, and `quantile` the inverse of F.
    """

    name: LinkName
    log_below: Curve
    log_above: Curve
    log_density: Curve
    bend: Curve
    quantile: Curve

    def __reduce__(self) -> tuple[Callable[[str], "Link"], tuple[str]]:
        """Written down by name, as its functions cannot be."""
        return link_named, (self.name,)


def link_named(name: str) -> Link:
    """The link of that name. Raises ValueError, naming the alternatives, if there is none."""
    if name not in LINKS:
        raise ValueError(
            f"There is no link {name!r}, only {list(get_args(LinkName))}; for others see R survey (svyglm) or statsmodels"
        )
    return LINKS[name]


def log_one_minus_exp(gap: np.ndarray) -> np.ndarray:
    """log(1 - exp(-gap)) for a gap above zero, exact for small and large ones. Source: Mächler (2012)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(gap < 0.69, np.log(-np.expm1(-gap)), np.log1p(-np.exp(-gap))))


def _log_density_logit(z: np.ndarray) -> np.ndarray:
    return np.asarray(special.log_expit(z) + special.log_expit(-z))


def _log_density_probit(z: np.ndarray) -> np.ndarray:
    return np.asarray(-0.5 * z * z - 0.5 * np.log(2 * np.pi))


def _log_below_cloglog(z: np.ndarray) -> np.ndarray:
    return log_one_minus_exp(np.exp(z))


LINKS: dict[str, Link] = {
    "logit": Link(
        "logit",
        special.log_expit,
        lambda z: special.log_expit(-z),
        _log_density_logit,
        lambda z: -np.tanh(z / 2),
        special.logit,
    ),
    "probit": Link(
        "probit",
        special.log_ndtr,
        lambda z: special.log_ndtr(-z),
        _log_density_probit,
        lambda z: -z,
        special.ndtri,
    ),
    "cloglog": Link(
        "cloglog",
        _log_below_cloglog,
        lambda z: -np.exp(z),
        lambda z: z - np.exp(z),
        lambda z: 1 - np.exp(z),
        lambda p: np.log(-np.log1p(-p)),
    ),
}
