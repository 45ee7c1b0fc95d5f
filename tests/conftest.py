"""What tests may ask of the machine: programs, fonts and real files, with the reason printed where they lack.

A test that needs LibreOffice says ``@pytest.mark.system("soffice")``, or takes ``require_system`` and calls
it for the program's path. Where the program lacks, the test is skipped; with ``CONSEILLER_REQUIRE_SYSTEM=1``,
as in continuous integration, it fails.
"""

import gc
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("dev", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"  # ../shared: real files, read-only, absent from a plain clone

PROGRAMS = {
    "soffice": ("soffice", "libreoffice"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "pdftoppm": ("pdftoppm",),
    "pdftotext": ("pdftotext",),
}
FONTS = ("Carlito",)
#: Notebooks that test_lab.py runs whole in JupyterLab, where it can: run without it as well, they would prove no more.
IN_JUPYTERLAB = ("04_preparer_le_conseil.ipynb", "05_mon_dossier.ipynb")


def _find(name: str) -> str | None:
    """Path of a program, or the file of a font; None where it lacks."""
    if name in FONTS:
        fontconfig = shutil.which("fc-list")
        if fontconfig is None:
            return None
        listed = subprocess.run([fontconfig, name, "file"], capture_output=True, text=True, check=False)
        return listed.stdout.partition(":")[0].strip() or None
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)


def _require(name: str) -> str:
    if name not in FONTS and name not in PROGRAMS:
        pytest.fail(f"{name!r} is not among {', '.join((*PROGRAMS, *FONTS))}", pytrace=False)
    found = _find(name)
    if found is not None:
        return found
    reason = f"{name} is not installed on this machine"
    if os.environ.get("CONSEILLER_REQUIRE_SYSTEM") == "1":
        pytest.fail(f"{reason}, and CONSEILLER_REQUIRE_SYSTEM=1 asks for it", pytrace=False)
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("system"):
        for name in marker.args:
            _require(name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run files with slow tests first: processes that share the files then end together."""
    again = (
        set(IN_JUPYTERLAB)
        if "test_lab.py" in {item.path.name for item in items} and _find("chromium")
        else set()
    )
    config.hook.pytest_deselected(items=[item for item in items if item.path.name in again])
    items[:] = [item for item in items if item.path.name not in again]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Spare the collector what was imported, which is never rubbish: it walked it all again at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def require_system() -> Callable[[str], str]:
    """Ask for a program or font: ``soffice = require_system("soffice")``."""
    return _require


@pytest.fixture(scope="session")
def shared_sample() -> Callable[[str], Path]:
    """Ask for a real file: ``shared_sample("samples/pes/….xml")``; the test is skipped without ../shared."""

    def sample(path: str) -> Path:
        if not SHARED.is_dir():
            pytest.skip("the folder ../shared, with the real files, is not beside this checkout")
        found = SHARED / path
        if not found.exists():
            pytest.fail(f"../shared holds no {path}", pytrace=False)
        return found

    return sample
