"""Log likelihoods in the parameters of a model: one linear predictor, or one with thresholds between answers."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bsna.estimation.regression.families import Family
from bsna.estimation.regression.links import Link, log_one_minus_exp
from bsna.estimation.regression.newton import Block, Parts, Summit


@dataclass(frozen=True)
class OnePredictor:
    """A family whose linear predictor is the offset plus columns times parameters; the first column is of ones."""

    family: Family

    def eta(self, beta: np.ndarray, block: Block) -> np.ndarray:
        """Linear predictor, shape (D,)."""
        return np.asarray(block.offset + block.x @ beta)

    def parts(self, beta: np.ndarray, block: Block) -> Parts:
        """As `newton.Likelihood`; second derivatives are the observed ones."""
        at = self.family.slopes(block.y, self.eta(beta, block))
        return self._added(block, at.value, at.first, at.observed)

    def summit(self, beta: np.ndarray, block: Block) -> Summit:
        """Deviance, expected information, as R's svyglm takes it, and scores."""
        at = self.family.slopes(block.y, self.eta(beta, block))
        deviance = 2 * block.weight @ (self.family.saturated(block.y) - at.value)
        information = self._added(block, at.value, at.first, at.expected).information
        return Summit(float(deviance), information, block.x * at.first[:, None])

    def slack(self, step: np.ndarray, block: Block) -> np.ndarray:
        """As `newton.Likelihood`."""
        return self.family.slack(block.y, block.x @ step)

    def deviance(self, beta: np.ndarray, block: Block) -> float:
        """Twice what the log likelihood falls short of a perfect fit."""
        short = self.family.saturated(block.y) - self.family.slopes(block.y, self.eta(beta, block)).value
        return float(2 * block.weight @ short)

    @staticmethod
    def _added(block: Block, value: np.ndarray, first: np.ndarray, second: np.ndarray) -> Parts:
        weighted = block.x * (block.weight * second)[:, None]
        return Parts(float(block.weight @ value), block.x.T @ (block.weight * first), weighted.T @ block.x)


class Ends(NamedTuple):
    """Of each row, between which predictors its answer lies: log chance, and its derivatives in the upper and the lower
    one (first, and second: upper, lower and across); shape (D,) each."""

    value: np.ndarray
    up: np.ndarray
    down: np.ndarray
    up_up: np.ndarray
    down_down: np.ndarray
    across: np.ndarray


@dataclass(frozen=True)
class Ordered:
    """An ordered outcome of `count` answers: above answer k with chance F(eta - threshold k), F that of the link.

    Parameters are the p slopes, then the count - 1 thresholds. Source: McCullagh (1980).
    """

    link: Link
    count: int

    def parts(self, beta: np.ndarray, block: Block) -> Parts:
        """As `newton.Likelihood`; second derivatives are the observed ones."""
        p, w = block.x.shape[1], block.weight
        at = self.ends(beta, block)
        gradient = np.concatenate(
            [block.x.T @ (w * (at.up + at.down)), -self._by_threshold(w * at.up, w * at.down, block)]
        )
        information = np.zeros((len(beta), len(beta)))
        weighted = block.x * (w * (at.up_up + 2 * at.across + at.down_down))[:, None]
        information[:p, :p] = -(weighted.T @ block.x)
        mixed = self._spread(w * (at.up_up + at.across), w * (at.down_down + at.across), block)
        information[:p, p:] = block.x.T @ mixed
        information[p:, :p] = information[:p, p:].T
        inner = np.arange(p, len(beta))
        information[inner, inner] = -self._by_threshold(w * at.up_up, w * at.down_down, block)
        beside = np.bincount(block.y, w * at.across, self.count)[1:-1]
        information[inner[:-1], inner[1:]] = information[inner[1:], inner[:-1]] = -beside
        return Parts(float(w @ at.value), gradient, information)

    def summit(self, beta: np.ndarray, block: Block) -> Summit:
        """Deviance, observed information, as R's svyolr takes it, and scores."""
        at, whole = self.ends(beta, block), self.parts(beta, block)
        scores = np.column_stack([block.x * (at.up + at.down)[:, None], -self._spread(at.up, at.down, block)])
        return Summit(-2 * whole.value, whole.information, scores)

    def slack(self, step: np.ndarray, block: Block) -> np.ndarray:
        """As `newton.Likelihood`: the upper predictor of an answer must not fall, nor the lower one rise."""
        up, down = self._predictors(step, block._replace(offset=np.zeros(len(block.y))))
        return np.concatenate([up[block.y > 0], -down[block.y < self.count - 1]])

    def deviance(self, beta: np.ndarray, block: Block) -> float:
        """Less twice the log likelihood."""
        return float(-2 * block.weight @ self.ends(beta, block).value)

    def ends(self, beta: np.ndarray, block: Block) -> Ends:
        """Log chance of each row's answer and its derivatives, by whichever tail of F does not cancel."""
        link, first, last = self.link, block.y == 0, block.y == self.count - 1
        up, down = self._predictors(beta, block)
        below = np.where(first, 0.0, link.log_below(up)), np.where(last, -np.inf, link.log_below(down))
        above = np.where(first, -np.inf, link.log_above(up)), np.where(last, 0.0, link.log_above(down))
        left = below[0] < above[1]
        gap = np.where(left, below[0], above[1]) - np.where(left, below[1], above[0])
        value = np.where(left, below[0], above[1]) + log_one_minus_exp(gap)
        rise = np.where(first, 0.0, np.exp(link.log_density(up) - value))
        fall = np.where(last, 0.0, np.exp(link.log_density(down) - value))
        up_up, down_down = rise * (link.bend(up) - rise), -fall * (link.bend(down) + fall)
        return Ends(value, rise, -fall, up_up, down_down, rise * fall)

    def _predictors(self, beta: np.ndarray, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """Linear predictors at the upper and lower end of each answer; at the open ends any number stands."""
        p = block.x.shape[1]
        eta = block.offset + block.x @ beta[:p]
        cuts = np.concatenate([beta[[p]], beta[p:], beta[[-1]]])
        return eta - cuts[block.y], eta - cuts[block.y + 1]

    def _spread(self, up: np.ndarray, down: np.ndarray, block: Block) -> np.ndarray:
        """Values (D, count - 1) by threshold: `up` at that below each row's answer, `down` at that above it."""
        wide = np.zeros((len(block.y), self.count + 1))
        rows = np.arange(len(block.y))
        wide[rows, block.y] = up
        wide[rows, block.y + 1] = down
        return wide[:, 1:-1]

    def _by_threshold(self, up: np.ndarray, down: np.ndarray, block: Block) -> np.ndarray:
        """Sums of `_spread` over rows, shape (count - 1,)."""
        return np.bincount(block.y, up, self.count)[1:] + np.bincount(block.y, down, self.count)[:-1]
