"""What the fictional books of the example dossier hold; `example_exports` writes the files.

Nothing here comes from real accounts, and nothing reads the plan: the payroll below is set out on its own, with what
happens in real books between a plan and a payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

STAFF, SOCIAL = "AGENTS DE LA COLLECTIVITE", "URSSAF"
SPENT, RECEIVED = "D", "R"
#: Payees of the pay by account, and chapter of the other accounts.
PAYEES = {
    "64131": STAFF,
    "64138": STAFF,
    "6451": SOCIAL,
    "6453": "IRCANTEC",
    "6332": SOCIAL,
    "6336": "CNFPT ET CENTRE DE GESTION",
    "6338": SOCIAL,
}
CHAPTERS = {"6419": "013", "65811": "65", "70688": "70", "10222": "10", "21838": "21"}
MONTHS = (
    *("JANVIER", "FEVRIER", "MARS", "AVRIL", "MAI", "JUIN"),
    *("JUILLET", "AOUT", "SEPTEMBRE", "OCTOBRE", "NOVEMBRE", "DECEMBRE"),
)


@dataclass(frozen=True)
class Entry:
    """One line of the books: `amount` in euros, negative in a reduction; `code` is analytic."""

    day: date
    account: str
    amount: Decimal
    label: str
    party: str
    code: str = ""
    side: str = SPENT
    kind: str = "Ordinaire"  # or Annulation, Rattachement, Contrepassation
    exercice: int = 0
    group: str = ""  # lines of one pièce
    service: str = "NUM"

    @property
    def year(self) -> int:
        """Exercice it is booked on."""
        return self.exercice or self.day.year

    @property
    def chapter(self) -> str:
        """Chapter of its account."""
        head = self.account[:2]
        return CHAPTERS.get(self.account, "012" if head in {"63", "64"} else "74" if head == "74" else "011")


def euros(value: Decimal | str) -> Decimal:
    """Return an amount at the cent, half away from zero."""
    return Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


# --- pay -------------------------------------------------------------------------------------------------


def payslip(post: int, year: int, month: int) -> dict[str, Decimal]:
    """Return the pay of a post in a month by account [euros].

    What differs from the plan: CN2 began on 8 January 2024 (23/30) and has been at IM 381 since 1 March 2025; CN1
    works 80 % (paid 6/7) from September 2025 to February 2026 and has had 130 € of RIFSEEP since July 2025; the
    rate of work accidents was notified at 1,72 % from 2025. The rest is law: point 59,0734 €, SMIC, contributions.
    """
    when = (year, month)
    index = 381 if post == 2 and when >= (2025, 3) else 373
    bonus = Decimal(130 if post == 1 and when >= (2025, 7) else 100)
    share = Decimal(1)
    if post == 2 and when == (2024, 1):
        share = Decimal(23) / 30
    if post == 1 and (2025, 9) <= when <= (2026, 2):
        share = Decimal(6) / 7
    full = euros(index * Decimal("59.0734") / 12)
    smic = Decimal("1867.02") if when >= (2026, 6) else Decimal(0)
    pay, others = euros(full * share), euros(bonus * share) + euros(max(smic - full, Decimal(0)) * share)
    gross = pay + others
    new = year >= 2026

    def of(*rates: str) -> Decimal:
        return sum((euros(gross * Decimal(r) / 100) for r in rates), Decimal(0))

    old_age = "2.11" if new else "2.02"
    return {
        "64131": pay,
        "64138": others,
        "6451": of("13", "8.55", old_age, "5.25", "1.72" if year >= 2025 else "1.60"),
        "6453": of("4.27" if new else "4.20"),
        "6332": of("0.50"),
        "6336": of("0.90", "0.10", "1.10"),
        "6338": of("0.30"),
    }


def pay_entries() -> Iterator[Entry]:
    """Yield the mandats of pay, January 2024 to October 2026: November 2026 is not in the books yet."""
    for year, month in [(y, m) for y in (2024, 2025, 2026) for m in range(1, 13) if (y, m) <= (2026, 10)]:
        day = date(year, month, 26 if month != 12 else 19)
        if (year, month) == (2026, 8):  # late: mandated in September
            day = date(2026, 9, 2)
        label = f"PAIE {MONTHS[month - 1]} {year}"
        for post in (1, 2):
            for account, amount in payslip(post, year, month).items():
                code = f"CNUM{post}"
                text = f"{label} POSTE CNUM{post}"
                if post == 1 and (year, month) == (2025, 4):  # the code was forgotten that month
                    code = ""
                entry = Entry(day, account, amount, text, PAYEES[account], code, group=text + PAYEES[account])
                yield entry
                if post == 1 and (year, month) == (2024, 10):  # mandated twice, then cancelled
                    yield replace(entry, day=date(2024, 10, 29), group=entry.group + "2")
                    yield replace(
                        entry,
                        day=date(2024, 11, 5),
                        amount=-amount,
                        kind="Annulation",
                        label=f"ANNULATION MANDAT EN DOUBLE {text}",
                        group=entry.group + "A",
                    )


# --- everything else -----------------------------------------------------------------------------------------


def running_entries() -> Iterator[Entry]:
    """Yield what comes back: telephone, vehicle, fuel, cloud, travel."""
    for year in (2024, 2025, 2026):
        for month in range(1, 12 if year == 2026 else 13):
            name = f"{MONTHS[month - 1]} {year}"
            day = date(year, month, 12)
            rent = "238.80" if year < 2026 else "246.50"
            yield Entry(
                day, "61358", euros(rent), f"LOCATION VEHICULE PARTAGE {name}", "LOCATION EXEMPLE SA", "CNUM"
            )
            litres = 31 + (7 * month + 5 * year) % 23
            yield Entry(
                date(year, month, 16),
                "60622",
                euros(litres * Decimal("1.749")),
                f"CARBURANT VEHICULE PARTAGE {name}",
                "STATION EXEMPLE SAS",
                "CNUM",
            )
            if (year, month) >= (2024, 5):
                licence = "43.20" if year < 2026 else "46.80"
                yield Entry(
                    day, "65811", euros(licence), f"OUTILS EN LIGNE {name}", "EDITEUR EXEMPLE SAS", "CNUM"
                )
            if month % 2 == 0:  # one bill every two months
                for post in (1, 2):
                    bill = Decimal("37.98") if year < 2026 else Decimal("35.98")
                    label = f"TELEPHONE MOBILE CNUM{post} {MONTHS[month - 2]} {name}"
                    entry = Entry(
                        date(year, month, 20), "6262", bill, label, "OPERATEUR EXEMPLE SA", f"CNUM{post}"
                    )
                    if (year, month, post) == (2025, 2, 1):  # booked on a wrong account, put right in May
                        wrong = replace(entry, account="60632")
                        undone = replace(
                            wrong,
                            day=date(2025, 5, 14),
                            amount=-bill,
                            kind="Annulation",
                            label=f"ERREUR D'IMPUTATION {label}",
                        )
                        yield from (wrong, undone, replace(entry, day=date(2025, 5, 15)))
                    elif month == 12 and year < 2026:  # bill not come: accrued, undone, paid
                        when = date(year + 1, 1, 15)
                        accrual = replace(
                            entry, day=when, exercice=year, kind="Rattachement", label=f"RATTACHEMENT {label}"
                        )
                        undone = replace(
                            accrual,
                            day=date(year + 1, 1, 20),
                            exercice=year + 1,
                            amount=-bill,
                            kind="Contrepassation",
                            label=f"CONTREPASSATION {label}",
                        )
                        yield from (accrual, undone, replace(entry, day=date(year + 1, 1, 28)))
                    elif (year, month, post) == (2026, 4, 2):  # a bill without its code
                        yield replace(
                            entry, code="", label="TELEPHONE MOBILE MARS AVRIL 2026", service="INFO"
                        )
                    else:
                        yield entry
            for post in (1, 2):
                trips = (3 * month + 5 * post + year) % 7
                if trips > 1 and month != 8:
                    yield Entry(
                        date(year, month, 22),
                        "6251",
                        euros(trips * Decimal("17.35")),
                        f"FRAIS DE DEPLACEMENT CNUM{post} {name}",
                        "REGISSEUR D'AVANCES",
                        f"CNUM{post}",
                    )


#: Day, account, amount, label, third party, analytic code.
ONCE = (
    ("2024-02-08", "60632", "329.00", "TELEPHONE MOBILE CNUM2", "BUREAU EXEMPLE SARL", "CNUM2"),
    ("2024-03-14", "21838", "1148.40", "ORDINATEUR PORTABLE CNUM2", "BUREAU EXEMPLE SARL", "CNUM2"),
    ("2024-03-21", "6475", "92.50", "VISITE MEDICALE CNUM2", "CENTRE DE GESTION", "CNUM2"),
    ("2024-04-18", "6184", "480.00", "FORMATION MEDIATION CNUM2", "ORGANISME EXEMPLE SARL", "CNUM2"),
    ("2024-06-13", "60632", "214.80", "CASQUES AUDIO ATELIERS NUMERIQUES", "BUREAU EXEMPLE SARL", ""),
    (
        "2024-06-27",
        "6474",
        "215.00",
        "ACTION SOCIALE 2024 CNUM1",
        "ASSOCIATION ACTION SOCIALE EXEMPLE",
        "CNUM1",
    ),
    (
        "2024-06-27",
        "6474",
        "215.00",
        "ACTION SOCIALE 2024 CNUM2",
        "ASSOCIATION ACTION SOCIALE EXEMPLE",
        "CNUM2",
    ),
    ("2024-09-19", "6236", "156.00", "AFFICHES ATELIERS NUMERIQUES", "IMPRIMERIE EXEMPLE SARL", "CNUM"),
    ("2024-11-14", "6161", "318.40", "ASSURANCE VEHICULE PARTAGE 2024", "ASSUREUR EXEMPLE SA", "CNUM"),
    ("2025-02-13", "6236", "174.00", "PROGRAMME DES ATELIERS", "IMPRIMERIE EXEMPLE SARL", ""),
    ("2025-03-20", "6184", "650.00", "FORMATION ACCESSIBILITE CNUM1", "ORGANISME EXEMPLE SARL", "CNUM1"),
    ("2025-04-10", "6475", "92.50", "VISITE MEDICALE CNUM1", "CENTRE DE GESTION", "CNUM1"),
    (
        "2025-06-26",
        "6474",
        "218.00",
        "ACTION SOCIALE 2025 CNUM1",
        "ASSOCIATION ACTION SOCIALE EXEMPLE",
        "CNUM1",
    ),
    (
        "2025-06-26",
        "6474",
        "218.00",
        "ACTION SOCIALE 2025 CNUM2",
        "ASSOCIATION ACTION SOCIALE EXEMPLE",
        "CNUM2",
    ),
    ("2025-10-09", "6182", "79.00", "ABONNEMENT REVUE", "PRESSE EXEMPLE SAS", ""),
    ("2025-11-13", "6161", "326.10", "ASSURANCE VEHICULE PARTAGE 2025", "ASSUREUR EXEMPLE SA", "CNUM"),
    ("2026-03-12", "6156", "148.20", "ENTRETIEN ECRAN DE PROJECTION", "BUREAU EXEMPLE SARL", ""),
    ("2026-05-21", "60628", "64.90", "CABLES ET ADAPTATEURS CNUM1", "BUREAU EXEMPLE SARL", "CNUM1"),
    ("2026-05-28", "6251", "64.10", "FRAIS DE DEPLACEMENT JOURNEE REGIONALE", "REGISSEUR D'AVANCES", ""),
    (
        "2026-06-25",
        "6474",
        "221.00",
        "ACTION SOCIALE 2026 CNUM1",
        "ASSOCIATION ACTION SOCIALE EXEMPLE",
        "CNUM1",
    ),
    (
        "2026-06-25",
        "6474",
        "221.00",
        "ACTION SOCIALE 2026 CNUM2",
        "ASSOCIATION ACTION SOCIALE EXEMPLE",
        "CNUM2",
    ),
    ("2026-09-17", "6184", "390.00", "FORMATION CYBERSECURITE CNUM2", "ORGANISME EXEMPLE SARL", "CNUM2"),
    ("2026-11-12", "6161", "334.80", "ASSURANCE VEHICULE PARTAGE 2026", "ASSUREUR EXEMPLE SA", "CNUM"),
)
STATE = "ETAT - DISPOSITIF CONSEILLER NUMERIQUE"
#: The same for what is titled. The third year of CN2 is not titled at all.
TITLED = (
    ("2024-02-15", "74718", "17500.00", "CONSEILLER NUMERIQUE POSTE 1 PREMIERE ANNEE", STATE, ""),
    ("2024-02-15", "74718", "17500.00", "CONSEILLER NUMERIQUE POSTE 2 PREMIERE ANNEE", STATE, ""),
    ("2024-10-17", "10222", "188.38", "FCTVA ORDINATEUR CNUM2", "PREFECTURE", "CNUM2"),
    ("2025-02-20", "74718", "12500.00", "CONSEILLER NUMERIQUE POSTE 1 DEUXIEME ANNEE", STATE, ""),
    ("2025-02-20", "74718", "12500.00", "CONSEILLER NUMERIQUE POSTE 2 DEUXIEME ANNEE", STATE, ""),
    ("2025-03-27", "6419", "186.40", "INDEMNITES JOURNALIERES CNUM1", "CPAM", "CNUM1"),
    ("2025-09-11", "70688", "240.00", "ATELIERS NUMERIQUES ENTREPRISES", "ASSOCIATION EXEMPLE", "CNUM"),
    ("2026-03-19", "74718", "12500.00", "CONSEILLER NUMERIQUE POSTE 1 TROISIEME ANNEE", STATE, ""),
    ("2026-06-11", "7478", "1500.00", "ATELIERS SENIORS", "CAISSE DE RETRAITE EXEMPLE", ""),
)
#: Payments of the State: the second year of CN1 came five months late.
PAID = (
    ("2024-04-16", "CN1", "V2-1", "17500.00"),
    ("2024-04-16", "CN2", "V2-1", "17500.00"),
    ("2025-04-15", "CN2", "V2-2", "12500.00"),
    ("2025-09-18", "CN1", "V2-2", "12500.00"),
    ("2026-07-09", "CN1", "V2-3", "12500.00"),
)


def all_entries() -> list[Entry]:
    """Return every line of the books, by exercice and day."""
    entries = [*pay_entries(), *running_entries()]
    for rows, side in ((ONCE, SPENT), (TITLED, RECEIVED)):
        entries += [
            Entry(date.fromisoformat(day), account, Decimal(amount), label, party, code, side)
            for day, account, amount, label, party, code in rows
        ]
    # Another service of the same export: read, and set aside by a rule.
    entries += [
        Entry(
            date(y, m, 9),
            "6132",
            euros("385.00"),
            f"LOYER ESPACE FRANCE SERVICES {MONTHS[m - 1]} {y}",
            "BAILLEUR EXEMPLE",
            "FSERV",
            service="FS",
        )
        for y in (2024, 2025, 2026)
        for m in (1, 4, 7, 10)
    ]
    order = {entry: rank for rank, entry in enumerate(entries)}
    return sorted(entries, key=lambda e: (e.year, e.day, order[e]))
