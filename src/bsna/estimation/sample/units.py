"""The sampling units of a table, numbered as its rows come by."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from bsna.estimation.sample.compress import combined_codes
from bsna.estimation.sample.design import SurveyDesign
from bsna.estimation.sample.streams import WIDEST_LOOKUP, codes_of


@dataclass(frozen=True)
class Units:
    """`design` is that of the sampling units, one row each; `keys` are the columns whose values name them."""

    design: SurveyDesign
    keys: tuple[str, ...]

    def of(self, columns: Mapping[str, pa.Array]) -> np.ndarray:
        """Number of the sampling unit of each row of a batch, shape (m,)."""
        first = columns[self.keys[0]]
        if len(self.keys) == 1 and pa.types.is_integer(first.type) and first.null_count == 0:
            low, units = self._from_lowest
            if len(units):
                return np.take(units, np.asarray(first) - low)
        levels = [self.design.levels(key) for key in self.keys]
        codes = [codes_of(columns[key], known) for key, known in zip(self.keys, levels, strict=True)]
        known, units = self._by_combination
        return units[np.searchsorted(known, combined_codes(codes, [len(level) for level in levels]))]

    @cached_property
    def _by_combination(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the combinations of keys that there are, in order, and their units."""
        coded = [self.design.codes(key) for key in self.keys]
        joint = combined_codes([codes for codes, _ in coded], [len(levels) for _, levels in coded])
        order = np.argsort(joint)
        return joint[order], self.design.unit_codes[order]

    @cached_property
    def _from_lowest(self) -> tuple[int, np.ndarray]:
        """For units known by one whole number: the lowest, and the unit of each number from there. Empty if too far apart."""
        known = np.asarray(self.design.levels(self.keys[0]))
        low, high = int(known.min()), int(known.max())
        units = np.zeros(high - low + 1 if high - low < WIDEST_LOOKUP else 0, dtype=np.int32)
        if len(units):
            units[known - low] = self._by_combination[1]
        return low, units
