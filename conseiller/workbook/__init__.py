"""The Excel report and the Excel form of a dossier."""

from __future__ import annotations

from conseiller.workbook.report import write_form, write_workbook

__all__ = ["write_form", "write_workbook"]
