"""The interactive page of a dossier: sliders in a browser, on this computer only, without any network.

Voilà serves one page from a folder of its own, at a local address that only the
one who opened it knows. The page asks nothing of any other site.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from ipywidgets import VBox

_HOST = "127.0.0.1"
_DOSSIER, _LANG = "CONSEILLER_APP_DOSSIER", "CONSEILLER_APP_LANG"
_WAIT = 60.0
#: Extensions that the page loads; whatever else is installed for JupyterLab stays out.
_EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")
#: The page of Voilà without the icon fonts that it would fetch from elsewhere.
_TEMPLATE = """\
{%- extends 'voila/templates/lab/index.html.j2' -%}
{% import "spinner.macro.html.j2" as spinner %}
{%- block notebook_css -%}
  {% if frontend == "voila" %}{{ resources.include_js("static/voila-style.js") }}{% endif %}
  {{ spinner.css() }}
  <style>
    .jp-mod-noOutputs.jp-mod-noInput { display: none; }
    body, .jp-LabShell { background: #fff !important; }
    #rendered_cells { max-width: 62rem; margin: 0 auto; padding: 1rem; }
  </style>
  {{ super.super() }}
{%- endblock notebook_css -%}
"""


class AppError(RuntimeError):
    """The page cannot be shown: a package is missing, or the server did not start."""


def page() -> VBox:
    """Return what the page shows: the dossier named by the environment, its sliders and its chart."""
    import ipywidgets as w

    from conseiller.dossier import load
    from conseiller.widgets import sliders

    lang: Lang = "en" if os.environ.get(_LANG) == "en" else "fr"
    path = os.environ.get(_DOSSIER)
    if not path:
        return w.VBox([w.HTML(tr("display.app.usage", lang))])
    dossier = load(path, lang)
    title = escape(tr("display.app.title", lang, name=dossier.authority.name))
    head = f'<h1 style="font-size:1.4rem;margin:0">{title}</h1><p>{escape(tr("display.app.intro", lang))}</p>'
    return w.VBox([w.HTML(head), sliders(dossier, lang)])


@contextmanager
def running(dossier_path: str | Path, port: int = 0, lang: Lang = "fr") -> Iterator[str]:
    """Serve the page of a dossier while the block runs; yield its address.

    Parameters
    ----------
    dossier_path : str or Path
        As `conseiller.load` takes it.
    port : int
        Local port; 0 takes a free one.
    lang : {"fr", "en"}

    Raises
    ------
    AppError
        When voila or ipywidgets is missing, or the server does not start.
    conseiller.errors.InputFaults
        When the dossier has faults.
    """
    from conseiller.dossier import load

    if find_spec("voila") is None or find_spec("ipywidgets") is None:
        raise AppError(tr("display.app.missing", lang))
    load(dossier_path, lang)
    port = port or _free_port()
    token = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory(prefix="conseiller-") as name:
        folder = Path(name)
        notebook = _prepare(folder, port, token)
        said = folder / "server.log"
        environment = os.environ | {
            _DOSSIER: str(Path(dossier_path).resolve()),
            _LANG: lang,
            "JUPYTER_PATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("JUPYTER_PATH")])),
        }
        with said.open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "voila", str(notebook)],
                cwd=notebook.parent,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        try:
            _await(server, port, said, lang)
            yield f"http://{_HOST}:{port}/?token={token}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def serve(dossier_path: str | Path, port: int = 0, open_browser: bool = True, lang: Lang = "fr") -> None:
    """Serve the page of a dossier until Ctrl+C; the parameters are those of `running`.

    Parameters
    ----------
    dossier_path : str or Path
    port : int
    open_browser : bool
        Open the page in the browser of this computer.
    lang : {"fr", "en"}
    """
    for name in (
        "SIGTERM",
        "SIGHUP",
    ):  # a closed terminal ends the page as Ctrl+C does; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    with running(dossier_path, port, lang) as address:
        print(tr("display.app.ready", lang, address=address), flush=True)
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind((_HOST, 0))
        return int(s.getsockname()[1])


def _prepare(folder: Path, port: int, token: str) -> Path:
    """Lay the page, the template and the settings of the server; return the page."""
    template = folder / "voila" / "templates" / "conseiller"
    template.mkdir(parents=True)
    (template / "index.html.j2").write_text(_TEMPLATE, encoding="utf-8")
    (template / "conf.json").write_text('{"base_template": "lab"}', encoding="utf-8")
    root = folder / "page"
    root.mkdir()
    notebook = root / "app.ipynb"
    with files("conseiller").joinpath("app.ipynb").open("rb") as source, notebook.open("wb") as target:
        shutil.copyfileobj(source, target)
    settings: dict[str, Any] = {
        "Voila": {"ip": _HOST, "port": port, "port_retries": 0, "open_browser": False, "token": token},
        "VoilaConfiguration": {"template": "conseiller", "extension_allowlist": list(_EXTENSIONS)},
    }
    (root / "voila.json").write_text(json.dumps(settings), encoding="utf-8")
    return notebook


def _await(server: subprocess.Popen[bytes], port: int, said: Path, lang: Lang) -> None:
    limit = time.monotonic() + _WAIT
    while time.monotonic() < limit:
        if server.poll() is not None:
            break
        try:
            with socket.create_connection((_HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
    raise AppError(tr("display.app.failed", lang, reason="\n".join(lines[-8:])))
