"""Papers as PDF: headings, facts and tables on A4, in Chinese and English.

Text is set in a TrueType font of the machine that has Chinese glyphs, of which the PDF holds
those that it shows: `PDF_FONT` in the environment names one, else usual places are looked at.
Without any the paper names Adobe's STSong, which readers bring along themselves.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

_NAME = "Paper"
_BUILT_IN = "STSong-Light"
# With outlines of TrueType; those of PostgreSQL's kind (OTF) cannot be embedded.
_PLACES = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
_MARGIN = 18 * mm
# Frames keep 6 points free on each side.
_WIDTH = A4[0] - 2 * _MARGIN - 12
# A table of so few rows is not torn apart.
_ROWS_TOGETHER = 12
_INK, _GREY, _LINE = colors.HexColor("#1f2933"), colors.HexColor("#5b6775"), "#c9d1d9"


@cache
def paper_font() -> str:
    """Make the font of papers known to the library, and return its name."""
    for place in (os.environ.get("PDF_FONT", ""), *_PLACES):
        if place and Path(place).is_file():
            try:
                pdfmetrics.registerFont(TTFont(_NAME, place))
            except TTFError:
                continue
            return _NAME
    pdfmetrics.registerFont(UnicodeCIDFont(_BUILT_IN))
    return _BUILT_IN


class Paper:
    """One document, filled from top to bottom."""

    def __init__(self, title: str, subtitle: str = "", *, foot: str = "") -> None:
        """Begin with a title; `foot` stands below every page beside its number."""
        self.title, self.foot = title, foot
        self._story: list[Any] = [self._text(title, 16, leading=22)]
        if subtitle:
            self._story.append(self._text(subtitle, 10, colour=_GREY))
        self._story.append(Spacer(1, 5 * mm))

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._story += [Spacer(1, 5 * mm), self._text(text, 12, leading=17)]

    def note(self, text: str) -> None:
        """Add a sentence."""
        self._story += [self._text(text, 9, colour=_GREY), Spacer(1, 2 * mm)]

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Add names and what they are."""
        cells = [
            [self._text(name, 9, colour=_GREY), self._text(value, 9)] for name, value in rows
        ]
        self._story += [self._table(cells, (26, 74), heavy=()), Spacer(1, 2 * mm)]

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        shares: Sequence[int],
        *,
        figures: int = 1,
        heavy: Sequence[int] = (),
    ) -> None:
        """Add a table whose last `figures` columns are numbers.

        `shares` are the widths of the columns in percent; `heavy` rows are sums.
        """
        right = len(shares) - figures
        cells = [
            [
                self._text(text, size, is_right=place >= right, colour=colour)
                for place, text in enumerate(row)
            ]
            for row, size, colour in [
                (head, 8, _GREY),
                *((row, 9, _INK) for row in rows),
            ]
        ]
        made = self._table(cells, shares, heavy=[place + 1 for place in heavy], repeat=1)
        self._story.append(made if len(rows) > _ROWS_TOGETHER else KeepTogether(made))

    def content(self) -> bytes:
        """Return the PDF; the same paper has the same bytes."""
        target = BytesIO()
        document = SimpleDocTemplate(
            target,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=16 * mm,
            bottomMargin=18 * mm,
            title=self.title,
            invariant=1,
        )
        document.build(self._story, onFirstPage=self._end_page, onLaterPages=self._end_page)
        return target.getvalue()

    def _end_page(self, canvas: Any, _document: Any) -> None:
        canvas.setFont(paper_font(), 7)
        canvas.setFillColor(_GREY)
        canvas.drawString(_MARGIN, 10 * mm, self.foot)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, str(canvas.getPageNumber()))

    def _text(
        self,
        text: str,
        size: int,
        *,
        leading: int = 0,
        colour: Any = _INK,
        is_right: bool = False,
    ) -> Paragraph:
        style = ParagraphStyle(
            "text",
            fontName=paper_font(),
            fontSize=size,
            leading=leading or size + 3,
            textColor=colour,
            alignment=2 if is_right else 0,
            wordWrap="CJK",
        )
        return Paragraph(escape(text), style)

    def _table(
        self,
        cells: list[list[Any]],
        shares: Sequence[int],
        *,
        heavy: Sequence[int],
        repeat: int = 0,
    ) -> Table:
        rules: list[tuple[Any, ...]] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ]
        for row in heavy:
            rules.append(("BACKGROUND", (0, row), (-1, row), colors.HexColor("#eef2f6")))
            rules.append(("LINEABOVE", (0, row), (-1, row), 0.8, _INK))
        widths = [share * _WIDTH / 100 for share in shares]
        return Table(cells, colWidths=widths, repeatRows=repeat, style=rules)
