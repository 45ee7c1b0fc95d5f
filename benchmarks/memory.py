"""Peak memory of this process."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path


def kibibytes() -> int:
    """Return the most memory this process has held so far [KiB]."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux a process inherits the ru_maxrss of the one that starts it
        return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0])
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found // 1024 if sys.platform == "darwin" else found


def told(module: str) -> None:
    """Print the peak memory before and after the `peak` of a module of benchmarks, from a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", f"from benchmarks.{module} import peak; peak()"],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    before, after = (int(word) for word in run.stdout.split())
    print(f"  peak memory: {after / 1024:.0f} MiB, of which {before / 1024:.0f} MiB before the engine starts")
