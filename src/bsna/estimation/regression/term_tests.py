"""Do some terms belong in a model? Tests of several coefficients at once, by their own covariance or by likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

from bsna.estimation.mixtures import TailMethod, f_sum_above
from bsna.estimation.regression.fits import Fit
from bsna.estimation.regression.newton import maximised
from bsna.estimation.regression.terms import names_by_term

SINGULAR = 1e-12


@dataclass(frozen=True)
class TermTest:
    """Test that all coefficients of some `terms`, the columns `names`, are nil.

    `chi2` is the statistic on the scale of a chi-square with `df1` degrees of freedom, `f` that over `df1`, `df2` the
    denominator's degrees of freedom (infinite: none). `p_value` uses both. `weights` (df1,), for working tests, are those of
    the sum of chi-squares that `chi2` follows: all one if the sample were simple; () for a Wald test.
    """

    terms: tuple[str, ...]
    names: tuple[str, ...]
    chi2: float
    f: float
    df1: int
    df2: float
    p_value: float
    weights: tuple[float, ...]


def wald_test(fit: Fit, terms: Sequence[str], *, df: float | None = None) -> TermTest:
    """Wald test by the design's covariance; F with `df` (those of the fit if None), chi-square if it is infinite.

    As R's regTermTest. Terms are named as in the model, interactions by themselves ("a:b"). Raises ValueError for a term that
    is not in the model, or if there are too few clusters to test so many columns. Source: Wald (1943).
    """
    at, df2 = _places(fit, terms), fit.df if df is None else df
    chi2 = _quadratic(fit, fit.covariance, at)
    f = chi2 / len(at)
    if not df2 > 0:
        p_value = float("nan")
    else:
        p_value = float(special.chdtrc(len(at), chi2) if np.isinf(df2) else special.fdtrc(len(at), df2, f))
    return _test(fit, terms, at, chi2, df2, p_value, ())


def working_likelihood_ratio_test(
    fit: Fit, terms: Sequence[str], *, df: float | None = None, method: TailMethod = "saddlepoint"
) -> TermTest:
    """Rao–Scott test by the likelihood as if the sample were simple: what the deviance rises without the terms.

    As R's regTermTest(method = "LRT"). It needs fewer clusters than a Wald test. Arguments and errors as there; `method` is
    explained in `mixtures`; NoFit if the smaller model has no fit. Source: Lumley and Scott (2014).
    """
    at = _places(fit, terms)
    block, kept = fit.block(), np.setdiff1d(np.arange(len(fit.inner)), at)
    smaller = block._replace(x=np.asfortranarray(block.x[:, kept[kept < block.x.shape[1]]]))
    peak = maximised(fit.equation.likelihood, [smaller], fit.inner[kept])
    chi2 = max(fit.equation.likelihood.deviance(peak.beta, smaller) - fit.deviance, 0.0)
    return _working(fit, terms, at, chi2, df, method)


def working_wald_test(
    fit: Fit, terms: Sequence[str], *, df: float | None = None, method: TailMethod = "saddlepoint"
) -> TermTest:
    """As `working_likelihood_ratio_test`, from the coefficients and their covariance in a simple sample.

    As R's regTermTest(method = "WorkingWald"); no smaller model is fitted.
    """
    at = _places(fit, terms)
    return _working(fit, terms, at, _quadratic(fit, fit.working_covariance, at), df, method)


def _working(
    fit: Fit, terms: Sequence[str], at: list[int], chi2: float, df: float | None, method: TailMethod
) -> TermTest:
    df2, pick = fit.df if df is None else df, np.ix_(at, at)
    weights = np.maximum(linalg.eigh(fit.covariance[pick], fit.working_covariance[pick], eigvals_only=True)[::-1], 0.0)
    p_value = f_sum_above(chi2, weights, df2, method=method) if df2 > 0 else float("nan")
    return _test(fit, terms, at, chi2, df2, p_value, tuple(float(weight) for weight in weights))


def _test(
    fit: Fit, terms: Sequence[str], at: list[int], chi2: float, df2: float, p_value: float, weights: tuple[float, ...]
) -> TermTest:
    names = tuple(fit.names[k] for k in at)
    return TermTest(tuple(terms), names, chi2, chi2 / len(at), len(at), df2, p_value, weights)


def _places(fit: Fit, terms: Sequence[str]) -> list[int]:
    """Positions of the coefficients of some terms."""
    if strange := [name for name in terms if name not in {term.name for term in fit.terms}]:
        raise ValueError(f"{strange} are no terms of the model, which has {[term.name for term in fit.terms]}")
    if not terms:
        raise ValueError("A test needs at least one term")
    names = [name for term, columns in names_by_term(fit.terms).items() if term in terms for name in columns]
    return [fit.names.index(name) for name in names]


def _quadratic(fit: Fit, covariance: np.ndarray, at: list[int]) -> float:
    """Coefficients over their covariance, squared: b' V^-1 b, whatever the units."""
    chosen, part = fit.coefficients[at], covariance[np.ix_(at, at)]
    unit = np.sqrt(np.diag(part))
    if not (unit > 0).all() or linalg.eigvalsh(part / unit / unit[:, None])[0] < SINGULAR:
        raise ValueError(
            f"The covariance of {[fit.names[k] for k in at]} is singular: {fit.clusters} clusters are too few to test "
            f"{len(at)} coefficients at once"
        )
    return float(chosen / unit @ linalg.solve(part / unit / unit[:, None], chosen / unit, assume_a="pos"))
