"""What a plan may become: distributions, uncertainties, and many draws through the same rules."""

from conseiller.simulation.distributions import Discrete, Distribution, Fixed, Normal, Triangular, Uniform
from conseiller.simulation.payments import LatePayment
from conseiller.simulation.results import Simulation
from conseiller.simulation.run import simulate
from conseiller.simulation.uncertainties import (
    Growth,
    HireDelay,
    RateChange,
    Turnover,
    Uncertainty,
    Vacancy,
)

__all__ = [
    "Discrete",
    "Distribution",
    "Fixed",
    "Growth",
    "HireDelay",
    "LatePayment",
    "Normal",
    "RateChange",
    "Simulation",
    "Triangular",
    "Turnover",
    "Uncertainty",
    "Uniform",
    "Vacancy",
    "simulate",
]
