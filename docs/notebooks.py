"""Runs the notebooks again and keeps of their outputs what any machine would write: ``make notebooks``.

No time, no version of Python, no state of widgets (it has names drawn at random; the table that stands for
the sliders stays). A notebook that warns or fails is left as it was.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: Path) -> nbformat.NotebookNode:
    """Return the notebook with its outputs, cleaned.

    Raises
    ------
    RuntimeError
        When a cell warns.
    nbclient.exceptions.CellExecutionError
        When a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata.tags} if "tags" in cell.metadata else {}
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        timeout=120,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        outputs: list[Any] = cell.get("outputs", [])
        for output in outputs:
            if output.get("name") == "stderr":
                raise RuntimeError(f"{path.name}: {output['text']}")
            if "text/html" in output.get("data", {}):
                output["data"].pop(WIDGET, None)
    return notebook


def main(names: list[str]) -> None:
    """Refresh the notebooks named, or all."""
    for path in [Path(name) for name in names] or sorted((ROOT / "notebooks").glob("*.ipynb")):
        nbformat.write(run(path), path)
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
