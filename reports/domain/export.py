"""A gap report as an XLSX workbook. What is suppressed on the page is suppressed here."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain.gaps import CONFIDENCE, Days, Gap, GapReport, GapRow, named_rows

_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#0A5A61", "font_color": "#FFFFFF", "border": 1}
_NEED_COLOURS = ("#EDF3F0", "#FBEED0", "#F8D797", "#EFB165", "#DC7D35", "#8C2813")
_NEED_BOUNDS = (0.10, 0.20, 0.35, 0.50, 0.70)


def export_gap_xlsx(report: GapReport) -> bytes:
    """Return the workbook: summary, heat map, all figures as a list, and notes. In the reader's language.

    Every text is written as text, so a name that looks like a formula stays a name. Numbers are rounded to what is
    shown of them: shares to whole percents, expected people and levels to one decimal.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": _title(report), "author": "Thang"})
    sheets = _Sheets(book, report)
    sheets.write_summary()
    if sheets.rows:
        sheets.write_heat_map()
    sheets.write_list()
    sheets.write_notes()
    book.close()
    return file.getvalue()


def _title(report: GapReport) -> str:
    title = _("Competency gap: %(unit)s") % {"unit": report.unit.name}
    narrowed = report.group.name if report.group else _shown_days(report.days) if report.days else ""
    return f"{title} ({narrowed})" if narrowed else title


def _shown_days(days: Days) -> str:
    return _("competence as of %(competence)s, structure as of %(structure)s") % {
        "competence": f"{days.competence:%d/%m/%Y}",
        "structure": f"{days.structure:%d/%m/%Y}",
    }


class _Sheets:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, report: GapReport) -> None:
        self.book, self.report = book, report
        self.rows = named_rows(report)
        self.part = _("Unit") if report.children else _("Unit or position group")
        self.part_code = _("Unit code") if report.children else _("Code of the unit or position group")
        self.head = book.add_format(_HEAD)
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.quiet = book.add_format({"italic": True, "font_color": "#4A5D61"})
        self.share = book.add_format({"num_format": "0%"})
        self.decimal = book.add_format({"num_format": "0.0"})
        self.need = [
            book.add_format(
                {
                    "num_format": "0%",
                    "bg_color": colour,
                    "font_color": "#FFFFFF" if step == 5 else "#15272B",
                    "border": 1,
                }
            )
            for step, colour in enumerate(_NEED_COLOURS)
        ]

    def write_summary(self) -> None:
        sheet = self._sheet(_("Summary"), freeze=(3, 2), widths=[8, 48, *[13] * 11])
        sheet.write_string(0, 0, _title(self.report), self.title)
        self._heads(
            sheet,
            2,
            [
                _("Competency code"),
                _("Competency"),
                *_figure_heads(),
                _("Foundation (people)"),
                _("Intermediate (people)"),
                _("Advanced (people)"),
                _("Specialised (people)"),
            ],
        )
        for line, each in enumerate(self.report.competencies, start=3):
            sheet.write_string(line, 0, each.competency.code)
            sheet.write_string(line, 1, each.competency.name, self.text)
            self._figures(sheet, line, 2, each.gap)
            for column, people in enumerate(each.gap.bands or (), start=9):
                sheet.write_number(line, column, round(people, 1), self.decimal)

    def write_heat_map(self) -> None:
        sheet = self._sheet(_("Heat map"), freeze=(3, 2), widths=[12, 40, *[14] * len(self.report.competencies)])
        sheet.write_string(0, 0, _("Share of assessed people below what their post requires"), self.title)
        heads = [f"{each.competency.code} {each.competency.name}" for each in self.report.competencies]
        self._heads(sheet, 2, [self.part_code, self.part, *heads])
        for line, (name, row) in enumerate(self.rows, start=3):
            sheet.write_string(line, 0, row.of.code)
            sheet.write_string(line, 1, name, self.text)
            for column, each in enumerate(self.report.competencies, start=2):
                gap = row.gap(each.competency.pk)
                if gap.below:
                    step = sum(gap.below.estimate >= bound for bound in _NEED_BOUNDS)
                    sheet.write_number(line, column, round(gap.below.estimate, 2), self.need[step])
                else:
                    sheet.write_string(line, column, _why_none(gap), self.quiet)

    def write_list(self) -> None:
        sheet = self._sheet(_("All figures"), freeze=(1, 4), widths=[12, 36, 8, 48, *[13] * 7])
        self._heads(sheet, 0, [self.part_code, self.part, _("Competency code"), _("Competency"), *_figure_heads()])
        whole = GapRow(self.report.unit, {each.competency.pk: each.gap for each in self.report.competencies})
        line = 0
        for name, row in [(self.report.unit.name, whole), *self.rows]:
            for each in self.report.competencies:
                gap = row.gap(each.competency.pk)
                if gap.required == 0:
                    continue
                line += 1
                for column, text in enumerate((row.of.code, name, each.competency.code, each.competency.name)):
                    sheet.write_string(line, column, text)
                self._figures(sheet, line, 4, gap)
        sheet.autofilter(0, 0, max(line, 1), 10)

    def write_notes(self) -> None:
        sheet = self._sheet(_("Notes"), freeze=(0, 0), widths=[110])
        for line, note in enumerate(self._notes()):
            sheet.write_string(line, 0, note, self.text)

    def _notes(self) -> list[str]:
        folded = self.report.folded_at
        changed = timezone.localtime(folded).strftime("%d/%m/%Y %H:%M") if folded else "–"
        return [
            _("Unit: %(name)s (%(code)s)") % {"name": self.report.unit.name, "code": self.report.unit.code},
            _shown_days(self.report.days)
            if self.report.days
            else _("Figures last changed: %(when)s") % {"when": changed},
            _("“Below requirement” is the share of assessed people whose ability is under what their post requires.")
            + " "
            + _("People who have not been assessed are never counted in it; “Assessed” says how many were."),
            _("“Lower bound” and “Upper bound” are the ends of a %(confidence)s%% interval.")
            % {"confidence": round(CONFIDENCE * 100)},
            _("“Shortfall” is the number of levels missing on average per assessed person."),
            *(
                [
                    _(
                        "These are published figures. To protect individuals, a figure moves only when at least"
                        " %(threshold)s people have new results, at night, so it may be older than the one beside it."
                    )
                    % {"threshold": self.report.threshold}
                ]
                if self.report.published
                else []
            ),
            _("Figures of fewer than %(threshold)s people are hidden, and so are those that would give them away.")
            % {"threshold": self.report.threshold},
        ]

    def _sheet(self, name: str, freeze: tuple[int, int], widths: Sequence[int]) -> Any:
        sheet = self.book.add_worksheet(name[:31])
        sheet.freeze_panes(*freeze)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if freeze[0]:
            sheet.repeat_rows(0, freeze[0] - 1)
        return sheet

    def _heads(self, sheet: Any, line: int, heads: Sequence[str]) -> None:
        for column, head in enumerate(heads):
            sheet.write_string(line, column, head, self.head)

    def _figures(self, sheet: Any, line: int, column: int, gap: Gap) -> None:
        if gap.suppressed:
            sheet.write_string(line, column, _why_none(gap), self.quiet)
            return
        sheet.write_number(line, column, gap.required or 0)
        sheet.write_number(line, column + 1, gap.assessed or 0)
        if gap.coverage is not None:
            sheet.write_number(line, column + 2, round(gap.coverage, 2), self.share)
        if gap.below is None:
            sheet.write_string(line, column + 3, _why_none(gap), self.quiet)
            return
        for place, share in enumerate((gap.below.estimate, gap.below.low, gap.below.high), start=3):
            sheet.write_number(line, column + place, round(share, 2), self.share)
        sheet.write_number(line, column + 6, round(gap.shortfall or 0.0, 1), self.decimal)


def _figure_heads() -> list[str]:
    return [
        _("Required (people)"),
        _("Assessed (people)"),
        _("Coverage"),
        _("Below requirement"),
        _("Lower bound"),
        _("Upper bound"),
        _("Shortfall (levels)"),
    ]


def _why_none(gap: Gap) -> str:
    if gap.suppressed:
        return _("Too few people to show")
    return _("Not assessed") if gap.required else _("Not required")
