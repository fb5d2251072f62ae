"""One house for all tests of the whole: two surveys of invented countries, run, one without data, and the book built."""

import pytest

from tests.conftest import furnish
from tests.house.making import build_house


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """Two surveys of invented countries, run, and the book built; the second's file holds hostile text. A third has no data."""
    return build_house(furnish(tmp_path_factory.mktemp("house"), ("zz", "mli_afrobarometer_r6")))
