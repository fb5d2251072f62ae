"""The invented surveys: a population whose truth is known, drawn, spoilt and exported."""

from bsna.simulation.delivery import deliver_simulated, simulated_survey
from bsna.simulation.survey import Simulated, draw_community, make_populations, simulate

__all__ = [
    "Simulated",
    "deliver_simulated",
    "draw_community",
    "make_populations",
    "simulate",
    "simulated_survey",
]
