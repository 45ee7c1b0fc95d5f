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


#: Amounts and dates as a French reader sees them.
_FRENCH = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop></item></oor:items>
"""


def _sheets(workbook: Path, folder: Path) -> None:
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_FRENCH, "utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(workbook)],
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
