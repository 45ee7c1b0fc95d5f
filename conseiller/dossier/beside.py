"""What stands beside a path that does not exist."""

from __future__ import annotations

from pathlib import Path

from conseiller.messages import Lang, tr


def near(path: Path, lang: Lang, most: int = 8) -> str:
    """Say what stands beside a path that does not exist."""
    parent = path.parent
    names = sorted(p.name for p in parent.iterdir() if not p.name.startswith(".")) if parent.is_dir() else []
    if not names:
        return tr("dossier.near.none", lang)
    shown = ", ".join(names[:most])
    if len(names) > most:
        shown += " " + tr("common.and_more", lang, count=len(names) - most)
    return tr("dossier.near.some", lang, names=shown)
