"""The blank TOML form: every table and every key once, with what it means, ready to fill in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conseiller.files import replacing
from conseiller.messages import Lang, tr

#: Tables of the form, in the order of the file; the header as TOML writes it, and its keys with a sample value.
_TABLES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "collectivite",
        "[collectivite]",
        (
            ("nom", '""'),
            ("siren", ""),
            ("population", ""),
            ("effectif", ""),
            ("source_effectif", '"hypothèse : à confirmer"'),
            ("zone_residence", "3"),
            ("plan_comptes", '"M57D"'),
            ("auto_assurance_chomage", "true"),
            ("source", '"hypothèse : à confirmer"'),
        ),
    ),
    ("collectivite", "[periode]", (("premier_exercice", "{year}"), ("dernier_exercice", "{last}"))),
    (
        "taux_employeur",
        "[[taux_employeur]]",
        (
            ("depuis", "2020-01-01"),
            ("at_mp", "0.016"),
            ("cdg", "0.011"),
            ("versement_mobilite", "0"),
            ("chomage", "0"),
            ("source", '"défaut : taux à remplacer par ceux notifiés"'),
        ),
    ),
    ("postes", "[[postes]]", (("code", '"CN1"'), ("libelle", '"Conseiller numérique"'))),
    (
        "contrats",
        "[[postes.contrats]]",
        (
            ("debut", "{year}-01-01"),
            ("fin", ""),
            ("statut", '"contractuel"'),
            ("nature", '"projet"'),
            ("temps", '"temps_complet"'),
            ("source", '"hypothèse : à confirmer"'),
        ),
    ),
    (
        "remuneration",
        "[[postes.contrats.remuneration]]",
        (
            ("depuis", "{year}-01-01"),
            ("indice_majore", ""),
            ("rifseep_mensuel", "0"),
            ("source", '"hypothèse : à confirmer"'),
        ),
    ),
    (
        "conventions",
        "[[postes.conventions]]",
        (
            ("code", '"V2"'),
            ("generation", '"v2_collectivite"'),
            ("debut_financement", "{year}-01-01"),
            ("source", '"hypothèse : à confirmer"'),
        ),
    ),
)


def write_blank(file: Path, lang: Lang = "fr", today: date | None = None) -> Path:
    """Write an empty dossier in TOML; what has no default is left as a comment to fill in.

    Parameters
    ----------
    file : Path
        The ``dossier.toml`` to write.
    lang : {"fr", "en"}
        Language of the comments.
    today : date, optional
        Gives the first exercice.
    """
    year = (today or date.today()).year
    lines = [f"# {tr('form.blank_intro', lang)}", "", "version = 1", ""]
    for table, header, keys in _TABLES:
        lines.append(f"# {tr(f'form.{table}.title', lang)}")
        lines.append(header)
        for key, sample in keys:
            text = sample.format(year=year, last=year + 3)
            label = tr("form.source", lang) if key == "source" else tr(f"form.{table}.{key}", lang)
            lines.append(f"{key} = {text}  # {label}" if text else f"# {key} =   # {label}")
        lines.append("")
    with replacing(file) as temporary:
        temporary.write_text("\n".join(lines), "utf-8")
    return file
