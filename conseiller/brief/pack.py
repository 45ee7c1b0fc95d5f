"""The board pack: note, délibération, slides and annex of one plan, all of one date, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from conseiller.files import FileInUseError, refuse_if_busy
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.brief.act.records import Kind
    from conseiller.projection import Projection

NOTE, DELIBERATION, SLIDES, ANNEX = FILES = (
    "note.pdf",
    "deliberation.docx",
    "diaporama.pptx",
    "annexe.xlsx",
)


def write_pack(
    plan: Projection,
    folder: str | Path,
    lang: Lang = "fr",
    template_dir: str | Path | None = None,
    anonymous: bool = True,
    decision: Kind | Literal["auto"] = "auto",
    tracking: Tracking | None = None,
) -> list[Path]:
    """Write the whole pack; if anything fails, the previous pack stays untouched.

    Parameters
    ----------
    plan : Projection
    folder : str or Path
        Made when it does not exist; other files in it are left alone.
    lang : {"fr", "en"}
    template_dir : str or Path, optional
        Where the authority's own deliberation.docx or diaporama.pptx stand, one, both or none.
    anonymous : bool
        Name posts by their codes alone, and show no individual pay: the annex is then the tables of
        the pack as values. Otherwise it is the whole workbook, with the pay of each post.
    decision : {"auto", "budget", "recruit", "renew", "keep_without_state", "stop"}
        What note, délibération and slides put to the vote: one decision, in the same words.
    tracking : Tracking, optional
        The same plan against its books: note, act, slides and annex then show them.

    Returns
    -------
    list of Path
        note.pdf, deliberation.docx, diaporama.pptx, annexe.xlsx, in this order.

    Raises
    ------
    InputFaults
        When a template cannot be used, or the dossier holds nothing to decide so about.
    conseiller.files.FileInUseError
        When a file of the pack is open in another program or read-only.
    """
    from conseiller.brief.annex import write_annex
    from conseiller.brief.deliberation import write_deliberation
    from conseiller.brief.facts import facts
    from conseiller.brief.note import write_note
    from conseiller.brief.slides import write_slides

    target = Path(folder)
    for name in FILES:
        refuse_if_busy(target / name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
        fresh, kept = Path(beside, "new"), Path(beside, "old")
        fresh.mkdir()
        kept.mkdir()
        write_note(plan, fresh / NOTE, lang=lang, anonymous=anonymous, decision=decision, tracking=tracking)
        write_deliberation(
            plan,
            fresh / DELIBERATION,
            lang,
            decision,
            _template(template_dir, DELIBERATION),
            anonymous,
            tracking,
        )
        write_slides(
            plan, fresh / SLIDES, lang, decision, _template(template_dir, SLIDES), anonymous, tracking
        )
        if anonymous:
            write_annex(facts(plan, lang, anonymous, decision, tracking), plan, fresh / ANNEX)
        else:
            plan.to_excel(fresh / ANNEX, lang, tracking=tracking)
        target.mkdir(exist_ok=True)
        _swap(FILES, fresh, kept, target)
    return [target / name for name in FILES]


def _template(folder: str | Path | None, name: str) -> Path | None:
    """Return the authority's own template, None where there is none of that name."""
    path = Path(folder, name) if folder is not None else None
    return path if path is not None and path.exists() else None


def _swap(names: Sequence[str], fresh: Path, kept: Path, target: Path) -> None:
    """Put every new file in place; put every old one back if one cannot be placed."""
    placed: list[str] = []
    moved: list[str] = []
    try:
        for name in names:
            if (target / name).exists():
                (target / name).replace(kept / name)
                moved.append(name)
            (fresh / name).replace(target / name)
            placed.append(name)
    except OSError as error:
        for name in placed:
            (target / name).unlink(missing_ok=True)
        for name in moved:
            (kept / name).replace(target / name)
        if isinstance(error, PermissionError):
            raise FileInUseError(0, "holds a file open in another program", str(target)) from error
        raise
