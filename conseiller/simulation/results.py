"""What the draws came to: draws, quantiles and shares above a ceiling, by exercice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from conseiller.compiled.measures import Section
from conseiller.dossier import schema
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.simulation.drawn import Drawn
from conseiller.simulation.one_draw import dossier_of
from conseiller.simulation.uncertainties import Uncertainty

if TYPE_CHECKING:
    import pandas as pd

Measure = Literal["pay", "other_costs", "cost", "grant", "other_funding", "net_cost", "received"]
Cents = NDArray[np.int64]


class Simulation:
    """Draws of a plan. Build one with `conseiller.simulate`.

    Attributes
    ----------
    plan : Projection
        The plan itself.
    draws : int
    seed : int
    uncertainties : tuple of Uncertainty
    section : {"fonctionnement", "investissement"}
    """

    def __init__(self, drawn: Drawn, draws: int, section: Section, cents: Mapping[str, Cents]) -> None:
        self.draws = draws
        self.section: Section = section
        self._drawn = drawn
        self._cents = cents

    @property
    def plan(self) -> Projection:
        """The plan itself."""
        return self._drawn.plan

    @property
    def seed(self) -> int:
        """The number that starts the draws."""
        return self._drawn.seed

    @property
    def uncertainties(self) -> tuple[Uncertainty, ...]:
        """What is uncertain, in the order given."""
        return self._drawn.uncertainties

    def __repr__(self) -> str:
        return f"Simulation(draws={self.draws}, seed={self.seed}, uncertainties={list(self.uncertainties)})"

    def by(self, measure: Measure = "net_cost") -> pd.DataFrame:
        """Return a measure of every draw: index draw (from 0), one column an exercice, in euros to the cent."""
        import pandas as pd

        columns = pd.Index(self.plan.exercices, name="exercice")
        return pd.DataFrame(
            self._of(measure) / 100, columns=columns, index=pd.RangeIndex(self.draws, name="draw")
        )

    def quantiles(
        self, measure: Measure = "net_cost", at: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    ) -> pd.DataFrame:
        """Return quantiles of a measure by exercice.

        Parameters
        ----------
        measure : str
            "net_cost", "cost", "pay", "other_costs", "grant" (earned), "other_funding", or "received"
            (the State grant cashed in).
        at : sequence of float
            Probabilities, 0 to 1.

        Returns
        -------
        pandas.DataFrame
            Index exercice; one column a probability; euros, rounded to the cent; linear between draws.
        """
        import pandas as pd

        found = np.quantile(self._of(measure) / 100, list(at), axis=0).T
        index = pd.Index(self.plan.exercices, name="exercice")
        return pd.DataFrame(np.round(found, 2) + 0.0, index=index, columns=pd.Index(at, name="probability"))

    def exceeds(self, ceiling: float | Mapping[int, float], measure: Measure = "net_cost") -> pd.Series:
        """Return the share of draws in which a measure passes a ceiling, by exercice.

        Parameters
        ----------
        ceiling : float or mapping
            Euros, the same each exercice or by exercice.
        measure : str
            As for `quantiles`.
        """
        import pandas as pd

        by_year = ceiling if isinstance(ceiling, Mapping) else dict.fromkeys(self.plan.exercices, ceiling)
        years = [year for year in self.plan.exercices if year in by_year]
        amounts = self._of(measure)[:, [year - self.plan.exercices[0] for year in years]]
        passed = amounts > np.rint([100 * by_year[year] for year in years])
        return pd.Series(passed.mean(axis=0), index=pd.Index(years, name="exercice"), name="probability")

    def hypotheses(self, lang: Lang = "fr") -> pd.DataFrame:
        """Return what is drawn, in words: uncertainty, quantity, distribution and its source."""
        import pandas as pd

        from conseiller.simulation.words import in_words, named

        rows = [
            {
                "uncertainty": named(uncertainty, self.plan, lang),
                "quantity": tr(f"simulation.field.{field}", lang),
                "distribution": in_words(distribution, type(uncertainty).__name__, field, lang),
                "source": distribution.source,
            }
            for uncertainty in self.uncertainties
            for field, distribution in uncertainty.distributions()
        ]
        labels = {
            key: tr(f"simulation.column.{key}", lang)
            for key in ("uncertainty", "quantity", "distribution", "source")
        }
        return pd.DataFrame(rows, columns=list(labels)).rename(columns=labels)

    def dossier_of(self, draw: int) -> schema.Dossier:
        """Return the case of one draw: projected on its own, it gives the figures of that draw."""
        return dossier_of(self._drawn, draw)

    def _of(self, measure: str) -> Cents:
        """Return a measure in cents, draws × exercices."""
        c = self._cents
        match measure:
            case "cost":
                return c["pay"] + c["other_costs"]
            case "net_cost":
                return self._of("cost") - c["grant"] - c["other_funding"]
            case _:
                return c[measure]
