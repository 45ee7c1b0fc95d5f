"""What notebooks and terminals show: tables, projections, dossiers and law, in HTML, Markdown and text."""

import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import conseiller
import conseiller.dossier
from conseiller.analysis import budget_grid, controls, decision_calendar, notices, outlook
from conseiller.charts import funding_by_exercice
from conseiller.display import as_html, as_markdown, as_text, show
from conseiller.errors import Fault, InputFaults
from conseiller.law import load_law
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.widgets import Positions, PostPosition, by_year, cases, sliders, what_if
from conseiller.widgets._panel import Panel

DATA = Path(__file__).resolve().parents[1] / "data"
CASES = ("campagnes-artois", "exemples/commune-fictive", "exemples/departement-fictif")
LANGS = ("fr", "en")


class Tags(HTMLParser):
    """Checks that tags close, and keeps those seen."""

    VOID = ("br", "img", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def sound(text: str) -> Tags:
    """Return the tags of HTML that closes what it opens, with no script and no style sheet."""
    tags = Tags(text)
    assert tags.open == []
    assert not {name for name, _ in tags.seen} & {"script", "style", "link", "iframe"}
    assert not [a for _, attributes in tags.seen for a in attributes if a.startswith("on")]
    return tags


@pytest.fixture(scope="module")
def plan() -> Projection:
    return conseiller.project(conseiller.load(DATA / "campagnes-artois"))


def everything(plan: Projection) -> list[object]:
    explained = plan.explain("CN1", "2026-01", "subvention_etat")
    return [
        plan,
        plan.dossier,
        plan.law,
        plan.by("exercice"),
        plan.by("grant_year", "post"),
        plan.clocks("exercice"),
        budget_grid(plan),
        funding_by_exercice(plan),
        explained,
        decision_calendar(plan),
        controls(plan),
        notices(plan),
        outlook.two_years(plan),
        outlook.changes(plan),
        outlook.choices(plan),
        outlook.sensitivities(plan),
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_everything_is_shown_in_both_languages_without_script(plan: Projection, lang: Lang) -> None:
    for thing in everything(plan):
        shown = show(thing, lang)
        sound(shown.html)
        assert shown.text.strip()
        assert shown.markdown.strip()
        assert repr(shown) == str(shown) == shown.text
        assert shown._repr_html_() == shown.html
        assert shown._repr_markdown_() == shown.markdown


def test_an_object_shows_itself_as_it_is_shown(plan: Projection) -> None:
    explained = plan.explain("CN1", "2026-01", "subvention_etat")
    for thing in (plan, plan.dossier, plan.law, explained, funding_by_exercice(plan)):
        assert thing._repr_html_() == as_html(thing)
    assert repr(explained) == as_text(explained)
    assert repr(funding_by_exercice(plan)) == as_text(funding_by_exercice(plan))


def test_an_explanation_is_folded_below_its_first_operands(plan: Projection) -> None:
    tags = sound(plan.explain("CN2", "2025-03", "ircantec")._repr_html_())
    folds = [attributes for tag, attributes in tags.seen if tag == "details"]

    assert "open" in folds[0]
    assert sum("open" not in attributes for attributes in folds) > len(folds) / 2


def test_amounts_are_written_the_french_way(plan: Projection) -> None:
    table = as_html(plan.by("exercice"), "fr")

    assert "71\u202f476,56\u00a0€" in table
    assert ">Reste à charge</th>" in table
    assert ">2027</th>" in table
    assert "€71,476.56" in as_text(plan.by("exercice"), "en")


def test_every_amount_of_the_projection_is_in_its_table(plan: Projection) -> None:
    from conseiller.text import money

    said = {kind: of(plan) for kind, of in (("html", as_html), ("text", as_text), ("markdown", as_markdown))}

    for amount in plan.by("exercice").to_numpy().ravel():
        for kind, text in said.items():
            assert money(float(amount)) in text, kind
    assert money(284024.30) in said["html"]  # the total


def test_colours_are_those_of_the_page(plan: Projection) -> None:
    """Light or dark: no fixed colour of words or ground, only half-transparent rules."""
    for thing in everything(plan):
        text = as_html(thing)
        if "<img" in text:
            continue
        assert "#" not in re.sub(r'href="[^"]*"|&#x?\w+;', "", " ".join(re.findall(r'style="[^"]*"', text)))
        for declared in re.findall(r"(?<![-\w])(?:color|background):([^;\"]+)", text):
            assert declared in ("inherit", "transparent")


def test_words_of_an_officer_are_never_read_as_html(plan: Projection) -> None:
    frame = pd.DataFrame({"label": ["<b onclick='x'>&</b>"], "amount": [1.0]})

    assert "<b" not in as_html(frame)
    assert "&lt;b onclick=" in as_html(frame)
    assert "\\|" in as_markdown(pd.DataFrame({"label": ["a|b"]}))
    assert "javascript" not in as_html(plan.law)


def test_a_total_is_exact_to_the_cent() -> None:
    frame = pd.DataFrame({"amount": [0.1] * 3 + [1e6]}, index=pd.Index([1, 2, 3, 4], name="exercice"))

    assert "1\u202f000\u202f000,30\u00a0€" in as_text(frame, total=True).splitlines()[-1]


def test_values_of_every_kind() -> None:
    frame = pd.DataFrame(
        {
            "post": ["CN1", None],
            "month": [pd.Timestamp(2025, 3, 1), pd.NaT],
            "start": [date(2025, 3, 1), None],
            "share": [True, False],
            "count": [12, 1200],
            "papers": [("final",), ()],
            "grant_year": ["", "V2-1"],
            "line": ["traitement", "cout_1"],
            "amount": [-1.5, float("nan")],
        }
    )
    text = as_text(frame, labels={"cout_1": "Ordinateur"})

    for words in (
        "mars 2025",
        "01/03/2025",
        "oui",
        "non",
        "1\u202f200",
        "hors financement",
        "Ordinateur",
        "−1,50\u00a0€",
    ):
        assert words in text
    assert "nan" not in text.lower().replace("financement", "")
    assert "None" not in text


def test_an_empty_table_says_so() -> None:
    assert "Aucune ligne" in as_text(pd.DataFrame({"amount": []}))
    assert "Aucune ligne" in as_text([])


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(TypeError, match="int"):
        show(3)
    with pytest.raises(TypeError, match="int"):
        show([3])


@pytest.mark.parametrize("name", CASES)
def test_nothing_printed_of_a_dossier_shows_what_an_agent_is_paid(name: str) -> None:
    dossier = conseiller.load(DATA / name)
    terms = [t for p in dossier.posts for c in p.contracts for t in c.terms]
    said = [repr(dossier), str(dossier), dossier._repr_html_(), dossier._repr_markdown_(), f"{dossier}"]
    said += [as_text(dossier, "en"), str(list(dossier.__rich_repr__())), repr(conseiller.project(dossier))]

    for text in said:
        assert not [t.index for t in terms if t.index and re.search(rf"\b{t.index}\b", text)]
        assert "chelon" not in text
        assert "step" not in text
        assert "indice_majore" not in text
    assert all(p.code in said[0] for p in dossier.posts)


def test_pay_is_shown_when_asked_for() -> None:
    dossier = conseiller.load(DATA / "campagnes-artois")

    assert "indice 373" in as_text(dossier, pay=True)
    assert "B1, échelon 1" in as_html(dossier, pay=True)


def test_the_law_shows_the_values_of_a_day() -> None:
    law = load_law()

    assert repr(law).startswith("<Law")
    assert len(repr(law)) < 120
    then, now = as_text(law, at=date(2022, 1, 15)), as_text(law, at=date(2024, 6, 1))
    assert "15 janvier 2022" in then
    assert "56,2323" in then
    assert "59,0734" in now
    assert 'href="https://' in as_html(law, at=date(2024, 6, 1))


def test_a_projection_in_one_line_computes_nothing() -> None:
    plan = conseiller.project(conseiller.load(DATA / "campagnes-artois"))

    assert "Campagnes de l'Artois" in repr(plan)
    assert "table" not in vars(plan)
    assert "model" not in vars(plan)


def test_faults_are_a_list_with_their_remedies() -> None:
    faults = InputFaults([Fault("Trop <tôt>.", "feuille A, B2", "Corrigez.", "early")])
    html = show(faults).html

    sound(html)
    assert "Trop &lt;tôt&gt;." in html
    assert "À faire" in html
    assert "Corrigez." in html


def test_start_up_loads_neither_pandas_nor_matplotlib() -> None:
    code = "import sys, conseiller, conseiller.display, conseiller.dossier, conseiller.law\n"
    code += "repr(conseiller.load_law())\n"
    code += "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'IPython'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


# --- what if ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_quick_sums_are_those_of_the_projection(name: str) -> None:
    plan = conseiller.project(conseiller.load(DATA / name))
    table = plan.by("exercice")

    for year, row in by_year(plan).items():
        for measure, amount in row.items():
            assert round(amount * 100) == round(table.loc[year, measure] * 100)


def artois() -> conseiller.Dossier:
    return conseiller.load(DATA / "campagnes-artois")


def net(change: Positions, year: int = 2027) -> float:
    return by_year(what_if(artois(), change))[year]["net_cost"]


def test_no_change_is_the_dossier_itself() -> None:
    dossier = artois()

    assert what_if(dossier, Positions()).dossier == dossier
    assert what_if(dossier, Positions({"CN1": PostPosition()})).dossier == dossier


@pytest.mark.parametrize(
    "change",
    [
        Positions({"CN1": PostPosition(points=60)}, 0.02, 0.02),
        Positions({"CN1": PostPosition(share=0.5), "CN2": PostPosition(renew=False)}),
        Positions({"CN2": PostPosition(delay=6, points=-30, share=0.8)}),
    ],
)
def test_the_past_is_never_changed_and_every_case_is_sound(change: Positions) -> None:
    dossier = artois()
    before, plan = by_year(conseiller.project(dossier)), what_if(dossier, change)
    after = by_year(plan)

    assert {y: before[y] for y in range(2022, 2026)} == {y: after[y] for y in range(2022, 2026)}
    assert after[2027] != before[2027]
    assert conseiller.dossier.faults(plan.dossier) == ()


def test_half_time_from_2027_by_hand() -> None:
    """No grant in 2027: what is left of 2027 halves, but for the costs beside pay (6 480 €) and rounding."""
    both = {code: PostPosition(share=0.5) for code in ("CN1", "CN2")}

    assert net(Positions(both)) == pytest.approx(6480 + 64996.56 / 2, abs=1)


def test_a_post_not_renewed_costs_no_pay_any_more() -> None:
    """Nor its phone, travel and training (1 740 €); the allowance of 2027 is 358 days of 39,02 € (test_outlook)."""
    left = 71476.56 - 64996.56 / 2 - 1740 + 358 * 39.02

    assert net(Positions({"CN1": PostPosition(renew=False)})) == pytest.approx(left, abs=0.01)


def test_a_contract_that_starts_later_costs_nothing_until_then() -> None:
    assert net(Positions({"CN1": PostPosition(delay=12)})) == pytest.approx(71476.56 - 64996.56 / 2, abs=0.01)


def test_a_higher_index_point_or_minimum_wage_costs_more() -> None:
    base = net(Positions())

    assert net(Positions(smic_growth=0.02)) > base
    assert net(Positions(point_growth=0.05)) > base
    assert net(Positions({"CN1": PostPosition(points=50)})) > base


def test_a_contract_ended_before_the_report_is_left_alone() -> None:
    dossier = conseiller.load(DATA / "exemples/departement-fictif")
    codes = {p.code: PostPosition(points=40, share=0.5, renew=False) for p in dossier.posts}
    plan = what_if(dossier, Positions(codes))

    assert conseiller.dossier.faults(plan.dossier) == ()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", CASES)
def test_without_ipywidgets_a_table_of_cases_is_shown(
    name: str, lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    shown = sliders(conseiller.load(DATA / name), lang)

    sound(shown.html)
    assert "ipywidgets" in shown.text
    assert len(shown.text.splitlines()) > 8


def test_the_table_of_cases_starts_with_the_dossier() -> None:
    first = cases(artois()).text.splitlines()[2]

    assert first.startswith("Le dossier")
    assert "189\u202f005,58\u00a0€" in first  # 46 052,46 + 2 × 71 476,56


def test_sliders_move_the_figures_and_go_back() -> None:
    pytest.importorskip("ipywidgets")
    panel = Panel(conseiller.project(artois()), "fr")
    start = panel.shown.value
    sound(start)
    panel.share.value = 0.5
    assert "par rapport au dossier" in panel.shown.value
    panel.post.value = "CN2"
    assert panel.share.value == 0  # each post has its own
    panel.renew.value = False
    panel.start.value = 3
    panel.post.value = "CN1"
    assert panel.share.value == 0.5
    panel.reset.click()
    assert panel.shown.value == start


def test_sliders_say_their_cases_where_no_kernel_runs() -> None:
    pytest.importorskip("ipywidgets")
    bundle = sliders(artois())._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in bundle
    sound(bundle["text/html"])
    assert "Le dossier" in bundle["text/plain"]


def test_a_chart_follows_its_slider_within_a_third_of_a_second() -> None:
    """Processor time, so that other work on the machine does not count."""
    import time

    pytest.importorskip("ipywidgets")
    panel = Panel(conseiller.project(artois()), "fr")
    took = []
    for points in range(1, 8):
        start = time.process_time()
        panel.points.value = points
        took.append(time.process_time() - start)

    assert sorted(took)[3] < 0.3
