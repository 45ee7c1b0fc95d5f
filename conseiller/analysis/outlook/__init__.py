"""The year in course and the next: what changes and why, the choices and their price, what would move the figures.

Every figure is a sum or a difference of projections: the plan's own, or the plan
projected again with a change of the dossier or of the law. Only the section de
fonctionnement is looked at; the grant is the grant earned.
"""

from conseiller.analysis.outlook._causes import CAUSES, EXIT_LINES, Cause, Change, changes
from conseiller.analysis.outlook._choices import Choice, ChoiceCode, Choices, choices, kept_full_time
from conseiller.analysis.outlook._effects import (
    POINT_RISE,
    PSC_RISE,
    SMIC_RISE,
    Effect,
    Sensitivity,
    above_fnal,
    sensitivities,
    under_minimum_wage,
)
from conseiller.analysis.outlook._years import Year, chapters, covering, outlook_years, two_years

__all__ = [
    "CAUSES",
    "EXIT_LINES",
    "POINT_RISE",
    "PSC_RISE",
    "SMIC_RISE",
    "Cause",
    "Change",
    "Choice",
    "ChoiceCode",
    "Choices",
    "Effect",
    "Sensitivity",
    "Year",
    "above_fnal",
    "changes",
    "chapters",
    "choices",
    "covering",
    "kept_full_time",
    "outlook_years",
    "sensitivities",
    "two_years",
    "under_minimum_wage",
]
