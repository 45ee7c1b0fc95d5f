"""The visual identity: colours, fonts and sizes of charts, workbook, notebooks and printed pages.

Plain constants; importing this costs nothing. The palette is Okabe and Ito's,
chosen so that readers who see colours differently can tell the series apart.
Meaning comes first: blue is money that comes in, vermillion is money that goes
out, grey is reference. A colour never carries a meaning alone: beside it stands
a name, a place or a hatching. Light fills always have a dark outline, because
alone they do not reach the contrast of 3 to 1 asked of graphic elements (RGAA 3.3).
"""

from __future__ import annotations

from typing import Final

# --- Okabe-Ito ----------------------------------------------------------------------------------------

BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREEN: Final = "#009E73"
PINK: Final = "#CC79A7"
#: Below 3 to 1 on white: as fills with a dark outline only.
SKY_BLUE: Final = "#56B4E9"
ORANGE: Final = "#E69F00"
YELLOW: Final = "#F0E442"

# --- neutral ------------------------------------------------------------------------------------------

WHITE: Final = "#FFFFFF"
INK: Final = "#1A1A1A"
GREY: Final = "#595959"
RULE: Final = "#8C8C8C"
GRID: Final = "#DEDEDE"
WASH: Final = "#F4F4F4"

# --- meanings -----------------------------------------------------------------------------------------

FUNDING: Final = BLUE
COST: Final = VERMILLION
REFERENCE: Final = GREY
#: Vermillion for words: 4.5 to 1 and more on white.
COST_TEXT: Final = "#B04E00"

#: Fills of stacked bars: face, outline, hatching of what lies ahead, words on the face.
#: In grey the three faces stay apart, whatever their neighbours (tests/test_charts.py).
FILLS: Final[dict[str, dict[str, str]]] = {
    "grant": {"face": BLUE, "edge": BLUE, "hatch": WHITE, "text": WHITE},
    "other_funding": {"face": "#CFE6F5", "edge": BLUE, "hatch": BLUE, "text": INK},
    "net_cost": {"face": "#E89A60", "edge": VERMILLION, "hatch": "#8F4000", "text": INK},
    "cost": {"face": "#E89A60", "edge": VERMILLION, "hatch": "#8F4000", "text": INK},
    "plan": {"face": "#E6E6E6", "edge": GREY, "hatch": GREY, "text": INK},
}
#: Fill of what was planned, beside what was booked.
PLAN_FILL: Final = "plan"
#: Hatching of what lies after the date of the report.
HATCH_AHEAD: Final = "////"

# --- fonts --------------------------------------------------------------------------------------------

#: Ships with matplotlib, has every sign of French typography.
CHART_FONT: Final = "DejaVu Sans"
#: On every desk with Excel; LibreOffice takes Carlito, of the same widths.
SHEET_FONT: Final = "Calibri"
#: Ships with typst.
PRINT_FONT: Final = "Libertinus Serif"

# --- sizes of a chart: points and inches --------------------------------------------------------------

TITLE_SIZE: Final = 13.0
SUBTITLE_SIZE: Final = 9.0
LABEL_SIZE: Final = 8.5
SMALL_SIZE: Final = 7.5
SOURCE_SIZE: Final = 7.0
LINE_SPACING: Final = 1.25

CHART_WIDTH: Final = 8.0
MARGIN: Final = 0.2
PNG_DPI: Final = 200

# --- workbook -----------------------------------------------------------------------------------------

#: Inputs: blue words on a light fill with a border, so that it does not rest on colour only.
INPUT: Final = "#0000CC"
INPUT_FILL: Final = "#FFF8DC"
HEAD_FILL: Final = "#E3EDF5"
GOOD_FILL: Final = "#DDF1E8"
BAD_FILL: Final = "#F8D9C9"
