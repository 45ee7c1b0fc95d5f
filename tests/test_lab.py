"""The notebooks and the interactive page in a real browser: JupyterLab, then Voilà with the network cut off.

One JupyterLab and one interactive page serve all tests. Screenshots of what the reader sees are left in
``reports/screenshots``.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("voila")
pytest.importorskip("jupyterlab")

REPOSITORY = Path(__file__).resolve().parents[1]
SCREENSHOTS = REPOSITORY / "reports" / "screenshots"
ARTOIS = REPOSITORY / "data" / "campagnes-artois"
CHART = "img[alt^='Reste à charge']"
#: No name resolves but that of this computer.
CUT_OFF = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"

#: Longest wait for anything in a page [milliseconds].
WAIT = 90_000
KERNEL = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page, in view or not
}

pytestmark = [
    pytest.mark.system("chromium"),
    pytest.mark.slow,
]


class Tab:
    """A page of the browser and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.outside: list[str] = []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if not re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:|about:", request.url):
            self.outside.append(request.url)

    def shot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))


@pytest.fixture(scope="module")
def browser(require_system: Callable[[str], str]) -> Iterator[Any]:
    program = require_system("chromium")
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", CUT_OFF],
            timeout=WAIT,
        )
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def tab(browser: Any, width: int, height: int) -> Iterator[Tab]:
    """Open a page of its own; at the end nothing may have gone wrong, nor been asked of another site."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(WAIT)
    try:
        opened = Tab(page)
        yield opened
        assert opened.errors == []
        assert opened.outside == []
    finally:
        page.close()


@contextmanager
def server(command: list[str], folder: Path, environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run a program while the block runs; stop it and whatever it started, however the block ends."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, env=environment, stdout=said, stderr=said, cwd=folder, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()  # the server then shuts its kernels down
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on a copy of the notebooks, with settings of its own; the address of a path in it."""
    home = tmp_path_factory.mktemp("lab")
    folder = cleared_copy(home / "project")
    for name, values in SETTINGS.items():
        file = home / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    token = secrets.token_urlsafe(16)
    # As `make lab` opens it, but for the browser.
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "notebooks",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
    ]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", "--allow-root"]
    command += ["--LabApp.expose_app_in_browser=True"]
    with server(command, folder, environment, home / "server.log"):
        address = f"http://127.0.0.1:{port}"
        limit = time.monotonic() + 90
        while not answers(f"{address}/api?token={token}"):
            if time.monotonic() > limit:
                pytest.fail((home / "server.log").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.2)
        yield f"{address}/lab/tree/{{path}}?token={token}&reset"


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def cleared_copy(folder: Path) -> Path:
    """Copy the notebooks, their outputs cleared, and what they need."""
    for name in ("notebooks", "data"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    for file in (folder / "notebooks").glob("*.ipynb"):
        notebook = json.loads(file.read_text("utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        file.write_text(json.dumps(notebook), "utf-8")
    return folder


def run_all(page: Any, address: str, name: str) -> None:
    """Open a notebook, run every cell from the menu as a reader would, and wait for the last."""
    page.goto(address.format(path=name))
    page.wait_for_function(f"{KERNEL}?.status === 'idle'")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(
        """n => {
            const done = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
                .filter(prompt => /\\d/.test(prompt.textContent));
            return done.length >= n;
        }""",
        arg=code_cells(name),
    )
    page.wait_for_function(f"{KERNEL}?.status === 'idle'")


def code_cells(name: str) -> int:
    cells = json.loads((REPOSITORY / "notebooks" / name).read_text("utf-8"))["cells"]
    return sum(c["cell_type"] == "code" for c in cells)


def drag(page: Any, rank: int, presses: int) -> float:
    """Move a slider by the keyboard; return how long the chart took to follow the first step [seconds]."""
    before = page.get_attribute(CHART, "alt")
    handle = page.locator(".widget-slider .noUi-handle").nth(rank)
    handle.scroll_into_view_if_needed()
    handle.focus()
    follows = """([chart, alt]) => new Promise(done => {
        const look = () => document.querySelector(chart)?.alt !== alt ? done() : setTimeout(look, 5);
        look();
    })"""
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.evaluate(follows, [CHART, before])
    took = time.perf_counter() - start
    for _ in range(presses - 1):
        before = page.get_attribute(CHART, "alt")
        page.keyboard.press("ArrowRight")
        page.evaluate(follows, [CHART, before])
    return took


def look_at(opened: Tab, name: str, text: str) -> None:
    """Bring words of the page into view and keep a picture of it."""
    opened.page.get_by_text(text).first.scroll_into_view_if_needed()
    opened.shot(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("04_preparer_le_conseil.ipynb", "reports/conseil/note.pdf"),
        ("05_mon_dossier.ipynb", "reports/mon-dossier.xlsx"),
    ],
)
def test_a_notebook_runs_in_jupyterlab_without_an_error(browser: Any, lab: str, name: str, says: str) -> None:
    with tab(browser, 1300, 1000) as opened:
        run_all(opened.page, lab, name)
        look_at(opened, f"lab-{name[:2]}", says)
        text = opened.page.inner_text(".jp-Notebook")

        assert says in text
        assert "Error" not in text


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_displays_take_the_colours_of_jupyterlab(answered: Tab, theme: str) -> None:
    """Words stand out from what lies behind them: at least 4.5 to 1 (WCAG 1.4.3)."""
    page = answered.page
    page.evaluate(
        "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
        f"JupyterLab {theme}",
    )
    page.wait_for_function(f"{GROUND}[0] {'>' if theme == 'Light' else '<'} 128")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    look_at(answered, f"lab-01-{theme.lower()}", "Reste à charge")
    ground = page.evaluate(GROUND)
    words = page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-output [lang=fr] *')]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => getComputedStyle(e).color.match(/[\\d.]+/g).slice(0, 3).map(Number))"""
    )

    assert "71\u202f476,56\u00a0€" in page.inner_text(".jp-Notebook")
    assert len(words) > 100
    assert min(contrast(tone, ground) for tone in words) >= 4.5
    assert answered.errors == []
    assert answered.outside == []


@pytest.fixture(scope="module")
def answered(browser: Any, lab: str) -> Iterator[Tab]:
    """The first notebook, run."""
    with tab(browser, 1300, 1000) as opened:
        run_all(opened.page, lab, "01_subvention_et_couts.ipynb")
        yield opened


def test_a_slider_moved_in_jupyterlab_changes_the_figures(browser: Any, lab: str) -> None:
    with tab(browser, 1300, 1200) as opened:
        run_all(opened.page, lab, "03_fin_de_subvention.ipynb")
        opened.page.wait_for_selector(CHART)
        before = opened.page.get_attribute(CHART, "alt")
        took = drag(opened.page, rank=4, presses=4)
        after = opened.page.get_attribute(CHART, "alt")
        opened.shot("lab-03")
        print(f"the chart followed in {took:.2f} s")

        assert "189\u202f006\u00a0€ (comme dans le dossier)" in before
        assert "par rapport au dossier" in after
        assert took < 2  # on a busy machine; `make bench` gives the time on a quiet one


#: Colour of the page behind the outputs, in whatever notation the theme uses.
GROUND = """(() => {
    const ink = document.createElement('canvas').getContext('2d');
    ink.fillStyle = getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim();
    ink.fillRect(0, 0, 1, 1);
    return [...ink.getImageData(0, 0, 1, 1).data].slice(0, 3);
})()"""


def contrast(one: list[float], other: list[float]) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG)."""

    def luminance(colour: list[float]) -> float:
        parts = [c / 255 for c in colour]
        lit = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * lit[0] + 0.7152 * lit[1] + 0.0722 * lit[2]

    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`conseiller app`, as an officer starts it; the address that it prints."""
    home = tmp_path_factory.mktemp("app")
    log = home / "app.log"
    command = [sys.executable, "-m", "conseiller", "app", str(ARTOIS), "--no-browser"]
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(home), "PYTHONPATH": str(REPOSITORY)}
    with server(command, home, environment, log):
        limit = time.monotonic() + 90
        while not (found := re.search(r"http://\S+", log.read_text("utf-8", "replace"))):
            if time.monotonic() > limit:
                pytest.fail(log.read_text("utf-8", "replace")[-2000:])
            time.sleep(0.2)
        yield found[0]
    with pytest.raises(OSError, match="refused"):  # Voilà does not outlive the command
        socket.create_connection(("127.0.0.1", port_of(found[0])), timeout=5)


def port_of(address: str) -> int:
    port = urlsplit(address).port
    assert port is not None
    return port


def test_the_interactive_page_asks_nothing_of_any_other_site(browser: Any, app: str) -> None:
    with tab(browser, 1100, 1250) as opened:
        opened.page.goto(app)
        opened.page.wait_for_selector(CHART)
        before = opened.page.get_attribute(CHART, "alt")
        opened.shot("app")
        took = drag(opened.page, rank=4, presses=4)
        after = opened.page.get_attribute(CHART, "alt")
        text = opened.page.inner_text("body")
        opened.shot("app-moved")
        print(f"the chart followed in {took:.2f} s")

        assert "comme dans le dossier" in before
        assert "par rapport au dossier" in after
        assert not re.search(r"\b(34[0-9]|373)\b", text)  # no agent's own index
        assert took < 2


def test_the_interactive_page_is_shut_to_those_who_do_not_know_its_address(browser: Any, app: str) -> None:
    page = browser.new_page()
    reply = page.goto(app.partition("?")[0], timeout=WAIT)
    text = page.inner_text("body")
    page.close()

    assert reply.status in (401, 403) or "token" in page.url or "login" in page.url
    assert "Artois" not in text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux answers to the whole of 127/8")
def test_the_interactive_page_listens_to_this_computer_only(app: str) -> None:
    """A server that listens to everyone would answer at 127.0.0.2 as well."""
    socket.create_connection(("127.0.0.1", port_of(app)), timeout=5).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port_of(app)), timeout=5)
