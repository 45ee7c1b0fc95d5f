"""What a finance officer reads in a projection: grid, clocks, decisions, controls, notices.

Nothing here computes a rule again or knows a report: every figure is a grouping
of the projection, every sentence a text of the catalogue.
"""

from conseiller.analysis.budget import budget_grid, budget_proposal, to_clipboard_text
from conseiller.analysis.checks import Control, controls
from conseiller.analysis.clocks import bridge, convention_balance, earned_matrix, papers, year_end
from conseiller.analysis.decisions import Decision, decision_calendar
from conseiller.analysis.financing import Financing, financings
from conseiller.analysis.notices import notices
from conseiller.analysis.reliance import Use, parameters_used

__all__ = [
    "Control",
    "Decision",
    "Financing",
    "Use",
    "bridge",
    "budget_grid",
    "budget_proposal",
    "controls",
    "convention_balance",
    "decision_calendar",
    "earned_matrix",
    "financings",
    "notices",
    "papers",
    "parameters_used",
    "to_clipboard_text",
    "year_end",
]
