"""Redraws the pictures of the documentation: charts, workbook, board pack, notebooks and interactive page.

LibreOffice, poppler and Chromium draw what an officer would see; where one lacks, its pictures stay as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

import conseiller as cn
from conseiller.brief.pack import write_pack
from conseiller.charts import all_charts, save
from conseiller.projection import Projection

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "pictures"
DOSSIER = ROOT / "data" / "campagnes-artois"
#: Sheets of the workbook: the page on which each begins, once printed, says its name.
SHEETS = {"workbook-synthese": "Synthèse", "workbook-echeancier": "Échéancier"}
#: Pages of the board pack: file, page, dots per inch.
PAGES = {
    "note": ("note.pdf", 1, 85),
    "deliberation": ("deliberation.docx", 1, 70),
    "deliberation-financement": ("deliberation.docx", 2, 70),
    "slide": ("diaporama.pptx", 2, 75),
}
#: Notebooks: file, words that the picture begins with, height in pixels.
NOTEBOOKS = {
    "notebook-01": ("01_subvention_et_couts.ipynb", "Que paie", 1150),
    "notebook-03": ("03_fin_de_subvention.ipynb", "Que coûtent", 1150),
}
#: Amounts and dates as a French reader sees them.
_FRENCH = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop></item></oor:items>
"""


def main() -> None:
    """Draw every picture into ``docs/pictures``."""
    TARGET.mkdir(exist_ok=True)
    plan = cn.project(cn.load(DOSSIER))
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path in save(all_charts(plan), folder, ("png",)):
            shutil.copy(path, TARGET / path.name)
        if shutil.which("soffice") and shutil.which("pdftoppm"):
            printed(plan, folder)
        if shutil.which("chromium"):
            seen(folder)


# --- on paper -----------------------------------------------------------------------------------------


def printed(plan: Projection, folder: Path) -> None:
    """Draw sheets of the workbook and pages of the board pack."""
    files = {path.name: path for path in write_pack(plan, folder)}
    workbook = plan.to_excel(folder / "classeur.xlsx")
    to_pdf([files["deliberation.docx"], files["diaporama.pptx"], workbook], folder)
    for key, (name, page, dpi) in PAGES.items():
        page_picture((folder / name).with_suffix(".pdf"), page, dpi, key)
    book = folder / "classeur.pdf"
    for key, title in SHEETS.items():
        page_picture(book, page_of(book, title), 70, key)


def to_pdf(files: Sequence[Path], folder: Path) -> None:
    """Print office files, as a French LibreOffice does."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_FRENCH, "utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True)


def page_of(pdf: Path, title: str) -> int:
    """Return the number of the page that begins a sheet."""
    command = ["pdftotext", str(pdf), "-"]
    text = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    for number, page in enumerate(text.split("\f"), start=1):
        if f"– {title}" in page or page.lstrip().startswith(title):
            return number
    raise LookupError(f"no page of {pdf.name} begins with {title!r}")


def page_picture(pdf: Path, page: int, dpi: int, key: str) -> None:
    """Draw one page, with a thin frame."""
    stem = pdf.with_name(key)
    number = str(page)
    command = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-f", number, "-l", number]
    subprocess.run([*command, str(pdf), str(stem)], check=True)
    keep(stem.with_name(f"{key}.png"), key, frame=True)


# --- on a screen --------------------------------------------------------------------------------------


def seen(folder: Path) -> None:
    """Draw notebooks as they read without a kernel, and the interactive page after a slider has moved."""
    from playwright.sync_api import sync_playwright

    from conseiller.app import running

    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--log-level=ERROR",
        "--to",
        "html",
        "--output-dir",
        str(folder),
    ]
    notebooks = [str(ROOT / "notebooks" / name) for name, _, _ in NOTEBOOKS.values()]
    subprocess.run([*command, *notebooks], check=True)
    with sync_playwright() as p, running(DOSSIER) as address:
        chromium = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for key, (name, words, height) in NOTEBOOKS.items():
            page = chromium.new_page(viewport={"width": 1000, "height": height})
            page.goto((folder / name).with_suffix(".html").as_uri(), wait_until="domcontentloaded")
            page.get_by_text(words).first.scroll_into_view_if_needed()
            page.screenshot(path=str(folder / f"{key}.png"))
            keep(folder / f"{key}.png", key, frame=True)
        page = chromium.new_page(viewport={"width": 1000, "height": 1130})
        page.goto(address)
        chart = page.locator("img[alt^='Reste à charge']")
        chart.wait_for(timeout=60_000)
        for _ in range(4):
            before = chart.get_attribute("alt")
            page.locator(".widget-slider .noUi-handle").last.press("ArrowRight")
            follows = "([alt]) => document.querySelector('img[alt]').alt !== alt"
            page.wait_for_function(follows, arg=[before], timeout=20_000)
        page.screenshot(path=str(folder / "app.png"))
        keep(folder / "app.png", "app", frame=True)
        chromium.close()


def keep(source: Path, key: str, frame: bool = False) -> None:
    """Keep a picture in 256 colours: a third of the weight, and no eye can tell."""
    picture = Image.open(source).convert("RGB")
    if frame:
        framed = Image.new("RGB", (picture.width + 2, picture.height + 2), (190, 190, 190))
        framed.paste(picture, (1, 1))
        picture = framed
    picture.quantize(256, Image.Quantize.MEDIANCUT).save(TARGET / f"{key}.png", optimize=True)


if __name__ == "__main__":
    main()
