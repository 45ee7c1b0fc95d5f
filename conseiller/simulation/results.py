"""What the draws came to: draws, quantiles and shares above a ceiling, by exercice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from conseiller.compiled.measures import Section
from conseiller.dossier import schema
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.simulation.drawn import Cents, Drawn
from conseiller.simulation.one_draw import dossier_of
from conseiller.simulation.uncertainties import Uncertainty

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.charts import Chart
    from conseiller.display import Sheet

Measure = Literal["pay", "other_costs", "cost", "grant", "other_funding", "net_cost", "received", "cash_out"]

#: Probabilities whose quantiles are shown.
AT = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Measures shown where they vary, the reste à charge always.
MEASURES: tuple[Measure, ...] = ("net_cost", "cost", "grant", "other_funding", "received", "cash_out")


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

    def quantiles(self, measure: Measure = "net_cost", at: Sequence[float] = AT) -> pd.DataFrame:
        """Return quantiles of a measure by exercice.

        Parameters
        ----------
        measure : str
            "net_cost", "cost", "pay", "other_costs", "grant" (earned), "other_funding", "received"
            (the State grant cashed in), or "cash_out" (cost less other funding less what is cashed in:
            the reste à charge as the cash box sees it).
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

    def planned(self, measure: Measure = "net_cost") -> pd.Series:
        """Return a measure of the plan itself by exercice, in euros to the cent.

        Where payments may be late, what is received holds those without a day in the dossier, on the day they are due.
        """
        import pandas as pd

        years = self.plan.by("exercice", section=self.section)
        cashed = pd.Series(self._drawn.on_time() / 100, index=years.index)
        match measure:
            case "received":
                found = cashed
            case "cash_out":
                found = years["cost"] - years["other_funding"]
                found = found - cashed if self.section == "fonctionnement" else found
            case _:
                found = years[measure]
        return found.astype(float).round(2).rename_axis("exercice").rename(measure)

    def varies(self, measure: Measure = "net_cost") -> bool:
        """Return whether some draw differs from another, in some exercice."""
        amounts = self._of(measure)
        return bool((amounts != amounts[:1]).any())

    def table(self, ceiling: float | Mapping[int, float] | None = None) -> pd.DataFrame:
        """Return every measure that varies, and the reste à charge always, by exercice.

        Returns
        -------
        pandas.DataFrame
            One row a measure and exercice: ``plan``, the quantiles of `AT` under their probability; of the reste
            à charge, ``ceiling`` and ``passed`` (share of draws above it). "cash_out" comes with "received".
        """
        import pandas as pd

        frames = []
        for measure in MEASURES:
            cash = measure in ("received", "cash_out")  # the grant is of the section de fonctionnement
            told = "received" if cash else measure
            if measure != "net_cost" and (
                not self.varies(told) or (cash and self.section != "fonctionnement")
            ):
                continue
            frame = self.quantiles(measure, AT)
            frame.columns = pd.Index(AT, dtype=object)
            frame.insert(0, "plan", self.planned(measure))
            frame["ceiling"] = frame["passed"] = float("nan")
            if ceiling is not None and measure == "net_cost":
                passed = self.exceeds(ceiling, measure)
                frame["passed"] = passed
                limits = ceiling if isinstance(ceiling, Mapping) else dict.fromkeys(passed.index, ceiling)
                frame["ceiling"] = pd.Series(limits, dtype=float)
            frames.append(frame.reset_index().assign(measure=measure))
        return pd.concat(frames, ignore_index=True)

    def sheet(self, lang: Lang = "fr", ceiling: float | Mapping[int, float] | None = None) -> Sheet:
        """Return what is shown of the draws, to a terminal or in a notebook."""
        from conseiller.simulation.shown import sheet

        return sheet(self, ceiling, lang)

    def chart(self, lang: Lang = "fr", ceiling: float | Mapping[int, float] | None = None) -> Chart:
        """Return the fan of the reste à charge."""
        from conseiller.charts import fan

        return fan(self, ceiling=ceiling, lang=lang)

    def hypotheses(self, lang: Lang = "fr") -> pd.DataFrame:
        """Return what is drawn, in words: uncertainty, quantity, distribution and its source."""
        import pandas as pd

        from conseiller.simulation.together import correlated
        from conseiller.simulation.words import in_words, named, said_source
        from conseiller.text import number

        rows = [
            {
                "uncertainty": named(uncertainty, self.plan, lang),
                "quantity": tr(f"simulation.field.{field}", lang),
                "distribution": in_words(distribution, type(uncertainty).__name__, field, lang),
                "source": said_source(distribution.source, lang),
            }
            for uncertainty in self.uncertainties
            for field, distribution in uncertainty.distributions()
        ]
        rows += [
            {
                "uncertainty": named(growth, self.plan, lang),
                "quantity": tr("simulation.field.correlation", lang),
                "distribution": number(growth.correlation, lang),
                "source": said_source(growth.yearly.source, lang),
            }
            for growth in correlated(self.uncertainties)
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
            case "cash_out":
                cashed = c["received"] if self.section == "fonctionnement" else 0
                return self._of("cost") - c["other_funding"] - cashed
            case _:
                return c[measure]
