"""Redraws the pictures of the documentation: charts, and sheets of the workbook as LibreOffice shows them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import conseiller as cn
from conseiller.charts import all_charts, save

ROOT = Path(__file__).parent
TARGET = ROOT / "pictures"
#: Sheets shown, by the page on which each begins once printed.
SHEETS = {"synthese": "Synthèse", "echeancier": "Échéancier"}


def main() -> None:
    """Draw every picture into ``docs/pictures``."""
    TARGET.mkdir(exist_ok=True)
    plan = cn.project(cn.load(ROOT.parent / "data" / "campagnes-artois"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in save(all_charts(plan), folder, ("png",)):
            shutil.copy(path, TARGET / path.name)
        if shutil.which("soffice") and shutil.which("pdftoppm"):
            _sheets(plan.to_excel(folder / "classeur.xlsx"), folder)


def _sheets(workbook: Path, folder: Path) -> None:
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(workbook)],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        ["pdftoppm", "-r", "70", "-png", str(workbook.with_suffix(".pdf")), str(folder / "page")], check=True
    )
    pages = sorted(folder.glob("page-*.png"))
    for key, title in SHEETS.items():
        for number, page in enumerate(pages, start=1):
            text = subprocess.run(
                ["pdftotext", "-f", str(number), "-l", str(number), str(workbook.with_suffix(".pdf")), "-"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            if f"– {title}" in text or text.lstrip().startswith(title):
                shutil.copy(page, TARGET / f"workbook-{key}.png")
                break


if __name__ == "__main__":
    main()
