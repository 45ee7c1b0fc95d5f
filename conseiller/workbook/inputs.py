"""The sheet *Hypothèses*: what the officer states, and beside it what the model reads.

The left part is the form (`conseiller.workbook.form`). The right part, one row
for one row, holds the **active** value of each input, from which the whole
model is computed; contracts and pay terms carry there the columns of the
registry that belong to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from conseiller.dossier import schema
from conseiller.engine import YEARS, Inputs, Model, code_of
from conseiller.law import to_serial
from conseiller.rules.registry import FAR, REGISTRY, Given
from conseiller.rules.registry import Law as LawLookup
from conseiller.workbook import form
from conseiller.workbook.book import Live, ref
from conseiller.workbook.form import FIRST
from conseiller.workbook.formulas import Layout, Site
from conseiller.workbook.input_form import InputForm


class InputSheet(InputForm):
    """Writes *Hypothèses*: the form and, with a model, its active part."""

    layout: Layout | None = None

    def activate(self, model: Model, dossier: schema.Dossier, layout: Layout) -> None:
        """Write what the model reads, beside each input, with its value."""
        self.layout = layout
        first, _ = self.places.rows["collectivite"]
        title = self.book.tr("workbook.active_title")
        self.sheet.text(first - 2, self.places.first_active, title, "subtitle")
        self._active_authority(model.inputs)
        self._active_rates(dossier)
        self._active_terms(model)
        self._active_contracts(model)
        self._active_conventions(dossier)
        self._active_instalments(dossier)
        self._active_items("autres_couts", dossier.costs, model.inputs.members["cost"], dossier)
        self._active_items("autres_financements", dossier.funding, model.inputs.members["funding"], dossier)
        self._active_accounts()
        last = max(self.places.active.values())
        self.sheet.raw.set_column(self.places.first_active, last, 11, None, {"level": 1})

    def _active_column(self, table: str, key: str, offset: int, label: str) -> int:
        col = self.places.first_active + offset
        self.places.active[table, key] = col
        self.sheet.text(self.places.rows[table][0] - 1, col, label, "head")
        return col

    def _active_authority(self, inputs: Inputs) -> None:
        first, _ = self.places.rows["collectivite"]
        self.sheet.text(first - 1, self.places.first_active, self.book.tr("form.active"), "head")
        defaults = {
            "effectif": ("headcount", "IF(ISNUMBER({c}),{c},0)"),
            "mois_cia": ("cia_month", "IF(ISNUMBER({c}),{c},12)"),
            "psc_soumise_cotisations": ("psc_in_base", self._yes("1")),
            "decalage_fctva": ("fctva_lag", "IF(ISNUMBER({c}),{c},-1)"),
            "auto_assurance_chomage": ("self_insured", self._yes("1")),
            "premier_exercice": ("horizon_first", "DATE({c},1,1)"),
            "dernier_exercice": ("horizon_end", "DATE({c}+1,1,1)"),
            "zone_residence": ("zone", 'IF({c}="",3,VALUE({c}))'),
            "date_rapport": ("report_date", "IF(ISNUMBER({c}),{c},jour_etabli)"),
        }
        for rank, item in enumerate(form.AUTHORITY.fields):
            if item.key not in defaults:
                continue
            constant, template = defaults[item.key]
            row = first + rank
            value = {"zone": float(inputs.zone)}.get(constant, inputs.constants.get(constant))
            if constant == "report_date":
                value = to_serial(self.facts.report_date)
            fmt = "date" if "horizon" in constant or constant == "report_date" else "general"
            formula = template.format(c=self.places.source(row, FIRST + 1))
            self.sheet.live(row, self.places.first_active, Live(formula, value), "calc", fmt)
            self.book.name(f"h_{constant}", ref(row, self.places.first_active, self.sheet.name))

    def _yes(self, default: str) -> str:
        yes = self.book.tr("workbook.yes")
        return '=IF({c}="",'[1:] + default + ',IF({c}="' + yes + '",1,0))'

    def _rows(self, table: str) -> Iterator[tuple[int, int]]:
        first, last = self.places.rows[table]
        return ((rank, first + rank) for rank in range(last - first + 1))

    def _active_rates(self, dossier: schema.Dossier) -> None:
        rates = list(dossier.rates)
        fields = ("at_mp", "cdg", "versement_mobilite", "chomage", "dialogue_social")
        col = self._active_column("taux_employeur", "depuis", 0, self.book.tr("form.taux_employeur.depuis"))
        for rank, row in self._rows("taux_employeur"):
            source = self.places.source(row, form.RATES.column("depuis"))
            value = to_serial(rates[rank].start) if rank < len(rates) else FAR
            self.sheet.live(row, col, Live(_date(source), value), "calc", "date")
        self.book.name("taux_depuis", self.places.column("taux_employeur", "depuis"))
        for offset, key in enumerate(fields, start=1):
            col = self._active_column(
                "taux_employeur", key, offset, self.book.tr(f"form.taux_employeur.{key}")
            )
            for rank, row in self._rows("taux_employeur"):
                source = self.places.source(row, form.RATES.column(key))
                default = {"at_mp": 0.016, "cdg": 0.011}.get(key, 0.0)
                value = getattr(rates[rank], key) if rank < len(rates) else 0.0
                start = self.places.source(row, form.RATES.column("depuis"))
                formula = f'IF({start}="",0,IF(ISNUMBER({source}),{source},{default}))'
                self.sheet.live(row, col, Live(formula, value), "calc", "rate")
            self.book.name(f"taux_{key}", self.places.column("taux_employeur", key))

    _CONTRACT: ClassVar[dict[str, tuple[str, Any]]] = {
        "start": ("debut", "date"),
        "until": ("fin", "after"),
        "status": ("statut", schema.Status),
        "nature": ("nature", schema.Nature),
        "time": ("temps", schema.WorkingTime),
        "hours": ("heures_semaine", "number"),
        "share": ("quotite", "number"),
        "leave_days": ("conges_non_pris_jours", "number"),
        "are_days": ("are_jours", "number"),
        "broken": ("rupture_anticipee", "yesno"),
        "break_pay": ("indemnite_rupture", "number"),
        "number": ("numero", "number"),
    }
    _TERM: ClassVar[dict[str, tuple[str, Any]]] = {
        "contract": ("contrat", "number"),
        "start": ("depuis", "date"),
        "index": ("indice_majore", "number"),
        "bonus": ("rifseep_mensuel", "number"),
        "cia": ("cia_annuel", "number"),
        "children": ("enfants", "number"),
        "psc": ("psc_mensuelle", "number"),
    }

    def _active_terms(self, model: Model) -> None:
        self._registry_table("term", "remuneration", model, self._TERM)

    def _active_contracts(self, model: Model) -> None:
        self._registry_table("contract", "contrats", model, self._CONTRACT)

    def _registry_table(
        self,
        table: Literal["term", "contract"],
        key: Literal["remuneration", "contrats"],
        model: Model,
        given: Mapping[str, tuple[str, Any]],
    ) -> None:
        """Write the registry's columns of contracts or pay terms: activated inputs, then rules."""
        sheet = self.sheet
        first, _ = self.places.rows[key]
        columns = REGISTRY.columns(table)
        for offset, column in enumerate(columns):
            label = self.book.tr(f"column.{table}.{column.name}")
            col = self._active_column(key, column.name, offset, label)
            if isinstance(column.lookup, LawLookup):
                sheet.text(first - 2, col, column.lookup.parameter, "key")
        size = self.room.contracts if table == "contract" else self.room.terms
        frame = model.frame(table)
        for column in columns:
            col = self.places.active[key, column.name]
            values = None if column.name in ("grid",) else frame.full(column.name)
            for rank, row in self._rows(key):
                post, slot = divmod(rank, size)
                if isinstance(column.lookup, Given):
                    cell = self._given(table, key, column.name, row, rank, given, values, post, slot)
                else:
                    assert values is not None
                    site = self._site(table, key, post, row)
                    cell = Live(site.of(column), float(values[post, slot]))
                sheet.live(row, col, cell, "calc", column.unit)

    def _site(
        self,
        table: Literal["term", "contract"],
        key: Literal["remuneration", "contrats"],
        post: int,
        row: int,
    ) -> Site:
        title = self.places.rows[key][0] - 2

        def cell(name: str) -> str:
            return ref(row, self.places.active[key, name])

        def law_key(name: str) -> str:
            return ref(title, self.places.active[key, name])

        assert self.layout is not None
        return Site(self.layout, table, post, row, cell, law_key)

    def _given(
        self,
        table: str,
        key: str,
        name: str,
        row: int,
        rank: int,
        given: Mapping[str, tuple[str, Any]],
        values: Any,
        post: int,
        slot: int,
    ) -> Live:
        declared = self.places.forms[key]
        if table == "term" and name == "number":
            return Live(f"ROW()-ROW({ref(row - slot, self.places.active[key, name])})+1", slot + 1.0)
        if table == "term" and name == "grid":
            im, grade, step = (
                self.places.source(row, declared.column(k)) for k in ("indice_majore", "grade", "echelon")
            )
            text = self.facts.grid_texts.get((post, slot), "")
            formula = f'IF(OR(ISNUMBER({im}),{grade}=""),"","grille_"&{grade}&"_"&TEXT({step},"00"))'
            return Live(formula, text)
        field_key, kind = given[name]
        source = self.places.source(row, declared.column(field_key))
        value = float(values[post, slot])
        if kind == "date":
            return Live(_date(source), value)
        if kind == "after":
            start = self.places.source(row, declared.column("debut"))
            return Live(f'IF(OR({start}="",{source}=""),{int(FAR)},{source}+1)', value)
        if kind == "number":
            return Live(f"IF(ISNUMBER({source}),{source},0)", value)
        if kind == "yesno":
            return Live(self._yes("0").format(c=source), value)
        words = ",".join(f'"{w}"' for w in form.CONTRACTS.fields[declared.column(field_key) - FIRST].choices)
        return Live(f'IF({source}="",1,MATCH({source},{{{words}}},0))', value)

    def _active_conventions(self, dossier: schema.Dossier) -> None:
        table, declared = "conventions", form.CONVENTIONS
        rows = [(p.code, c) for p in dossier.posts for c in p.conventions]
        plan: list[tuple[str, str]] = [("poste", "text"), ("code", "text"), ("generation", "text")]
        plan += [(k, "date") for k in ("debut_convention", "debut_financement")]
        plan += [("fin", "after"), ("temps_partiel", "choice")]
        plan += [(f"{k}_{r}", "number") for r in range(1, YEARS + 1) for k in ("mois", "montant")]
        for offset, (key, kind) in enumerate(plan):
            col = self._active_column(table, key, offset, self.book.tr(f"form.conventions.{key}"))
            for rank, row in self._rows(table):
                source = self.places.source(row, declared.column(key))
                held = rows[rank] if rank < len(rows) else None
                value = _convention_value(key, held)
                if kind == "text":
                    self.sheet.live(row, col, Live(f'{source}&""', value), "calc", "general")
                elif kind == "date":
                    self.sheet.live(row, col, Live(_date(source), value), "calc", "date")
                elif kind == "after":
                    formula = f'IF({source}="",{int(FAR)},{source}+1)'
                    self.sheet.live(row, col, Live(formula, value), "calc", "date")
                elif kind == "choice":
                    formula = f'IF({source}="",1,MATCH({source},{{"prorata","entier"}},0))'
                    self.sheet.live(row, col, Live(formula, value), "calc", "0")
                else:
                    formula = f"IF(ISNUMBER({source}),{source},0)"
                    self.sheet.live(row, col, Live(formula, value), "calc", "general")

    def _active_instalments(self, dossier: schema.Dossier) -> None:
        table, declared = "versements", form.INSTALMENTS
        rows = [(p.code, c.code, i) for p in dossier.posts for c in p.conventions for i in c.instalments]
        for offset, key in enumerate(
            ("poste", "convention", "montant", "appele_le", "titre_le", "encaisse_le")
        ):
            col = self._active_column(table, key, offset, self.book.tr(f"form.versements.{key}"))
            for rank, row in self._rows(table):
                source = self.places.source(row, declared.column(key))
                held = rows[rank] if rank < len(rows) else None
                if key in ("poste", "convention"):
                    value: Any = held[0 if key == "poste" else 1] if held else ""
                    self.sheet.live(row, col, Live(f'{source}&""', value), "calc", "general")
                elif key == "montant":
                    value = held[2].amount if held else 0.0
                    self.sheet.live(
                        row, col, Live(f"IF(ISNUMBER({source}),{source},0)", value), "calc", "euros"
                    )
                else:
                    attribute = {"appele_le": "called", "titre_le": "titled", "encaisse_le": "received"}[key]
                    day = getattr(held[2], attribute) if held else None
                    value = to_serial(day) if day else FAR
                    self.sheet.live(row, col, Live(_date(source), value), "calc", "date")

    def _active_items(
        self,
        table: Literal["autres_couts", "autres_financements"],
        items: Sequence[schema.Item],
        members: Mapping[str, Any],
        dossier: schema.Dossier,
    ) -> None:
        declared = self.places.forms[table]
        posts = len(dossier.posts)
        plan: list[tuple[str, str, str, Any]] = [
            ("amount", "montant", "number", 0.0),
            ("frequency", "periodicite", "choice", 0.0),
            ("since", "debut", "date", FAR),
            ("to", "fin", "after", FAR),
            ("section", "section", "choice", 0.0),
            ("only_occupied", "si_occupe", "yesno", 0.0),
        ]
        if table == "autres_couts":
            plan.append(("fctva", "fctva", "yesno", 0.0))
        offset = 0
        for name, key, kind, empty in plan:
            col = self._active_column(table, name, offset, self.book.tr(f"form.{table}.{key}"))
            offset += 1
            for rank, row in self._rows(table):
                source = self.places.source(row, declared.column(key))
                value = float(members[name][rank]) if rank < len(items) else empty
                formula = {
                    "number": f"IF(ISNUMBER({source}),{source},0)",
                    "date": _date(source),
                    "after": f'IF({source}="",{int(FAR)},{source}+1)',
                    "yesno": self._yes("0").format(c=source),
                    "choice": _match(source, declared.fields[declared.column(key) - FIRST].choices),
                }[kind]
                fmt = "date" if kind in ("date", "after") else "general"
                self.sheet.live(row, col, Live(formula, value), "calc", fmt)
        col = self._active_column(table, "account", offset, self.book.tr(f"form.{table}.compte"))
        for rank, row in self._rows(table):
            account = items[rank].account if rank < len(items) else ""
            source = self.places.source(row, declared.column("compte"))
            self.sheet.live(row, col, Live(f'{source}&""', account), "calc", "@")
        for p in range(posts):
            offset += 1
            label = self.book.tr("form.cumulated", post=dossier.posts[p].code)
            col = self._active_column(table, f"weight_to_{p}", offset, label)
            for rank, row in self._rows(table):
                last = declared.column(f"part_{p + 1}")
                value = float(members["weight_to"][rank][p]) if rank < len(items) else 0.0
                cells = [self.places.source(row, c) for c in range(declared.column("part_1"), last + 1)]
                alone = any((row, c) in self.places.switched for c in range(FIRST, last + 1))
                formula = f"SUM({','.join(cells) if alone else f'{cells[0]}:{cells[-1]}'})"
                self.sheet.live(row, col, Live(formula, value), "calc", "general")

    def _active_accounts(self) -> None:
        table, declared = "comptes", form.ACCOUNTS
        for offset, key in enumerate(("contractuel", "titulaire")):
            col = self._active_column(table, key, offset, self.book.tr(f"form.comptes.{key}"))
            for rank, row in self._rows(table):
                source = self.places.source(row, declared.column(key))
                account = getattr(self.facts.accounts[rank], key)
                self.sheet.live(row, col, Live(f'{source}&""', account), "calc", "@")


def _date(source: str) -> str:
    return f'IF({source}="",{int(FAR)},{source})'


def _match(source: str, words: Sequence[str]) -> str:
    listed = ",".join(f'"{w}"' for w in words)
    return f'IF({source}="",0,MATCH({source},{{{listed}}},0))'


def _convention_value(key: str, held: tuple[str, schema.Convention] | None) -> Any:
    if held is None:
        blank = {"poste": "", "code": "", "generation": "", "temps_partiel": 1.0}
        far = {"debut_convention": FAR, "debut_financement": FAR, "fin": FAR}
        return (blank | far).get(key, 0.0)
    post, convention = held
    if key == "poste":
        return post
    if key in ("code", "generation"):
        return getattr(convention, key)
    if key == "debut_convention":
        return to_serial(convention.convention_start) if convention.convention_start else FAR
    if key == "debut_financement":
        return to_serial(convention.financing_start)
    if key == "fin":
        return to_serial(convention.end) + 1 if convention.end else FAR
    if key == "temps_partiel":
        return code_of(schema.PartTimeRule, convention.part_time)
    what, _, rank = key.partition("_")
    if int(rank) > len(convention.tranches):
        return 0.0
    tranche = convention.tranches[int(rank) - 1]
    return float(tranche.months) if what == "mois" else tranche.amount
