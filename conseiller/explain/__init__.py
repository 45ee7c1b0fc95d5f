"""Explains a figure: the rule, its operands, and so on down to the dossier and the law.

The third reading of the registry: the same expression tree that the engine
computes and the workbook prints is printed here with its values. Of a choice,
the branch taken is shown and the other named with the reason. Every explanation
can be evaluated again from its leaves.
"""

from conseiller.explain._asked import column_of, explain
from conseiller.explain._explanation import ExplainError, Explanation

__all__ = ["ExplainError", "Explanation", "column_of", "explain"]
