"""The report of a case: workbook and charts, all ready before the first takes its place."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conseiller.files import refuse_if_busy
from conseiller.messages import Lang, tr
from conseiller.projection import Projection

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking


def write_report(
    plan: Projection, folder: Path, name: str, lang: Lang = "fr", tracking: Tracking | None = None
) -> list[Path]:
    """Write the workbook and the charts of a projection.

    Parameters
    ----------
    plan : Projection
    folder : Path
        Where to write; made when missing.
    name : str
        Name of the workbook, without extension.
    lang : {"fr", "en"}
    tracking : Tracking, optional
        The books tied to this plan, for the workbook and the chart of plan against books.

    Returns
    -------
    list of Path
        The files written, workbook first.

    Raises
    ------
    FileInUseError
        When a previous file is open in an office program or read-only; nothing has changed then.
    """
    from conseiller.charts import all_charts, save

    folder.mkdir(parents=True, exist_ok=True)
    refuse_if_busy(folder / f"{name}.xlsx")
    staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        made = [plan.to_excel(staging / f"{name}.xlsx", lang, tracking=tracking)]
        made += save(all_charts(plan, lang, tracking), staging / tr("cli.charts_folder", lang))
        targets = [folder / path.relative_to(staging) for path in made]
        for target in targets:
            refuse_if_busy(target)
        for path, target in zip(made, targets, strict=True):
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return targets
