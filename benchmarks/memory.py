"""Peak memory of this process."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def kibibytes() -> int:
    """Return the most memory this process has held so far [KiB]."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux a process inherits the ru_maxrss of the one that starts it
        return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0])
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found // 1024 if sys.platform == "darwin" else found
