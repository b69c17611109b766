"""A training plan as an XLSX workbook: what the page says, no more."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain.plan_values import PlanResult
from reports.domain.plan_words import explain_effect, explain_limit, explain_line, limit_name, part_name
from reports.models import TrainingPlan

_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#0A5A61", "font_color": "#FFFFFF", "border": 1}


def export_plan_xlsx(plan: TrainingPlan, unit_name: str) -> bytes:
    """Return the workbook: places, limits, notes. In the reader's language; texts are never taken for formulas."""
    result = PlanResult.from_json(plan.result)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    title = _("Training plan: %(unit)s") % {"unit": unit_name}
    book.set_properties({"title": title, "author": "Thang"})
    lines = [
        (
            part_name(line),
            line.unit.code,
            line.course.name,
            line.seats,
            f"{line.competency.code} {line.competency.name}",
            line.required,
            line.assessed,
            round(line.share, 2),
            round(line.brought, 1),
            line.low,
            line.high,
            explain_effect(line.gain, line.gain_low, line.gain_high, line.measured_on),
            explain_line(line),
            int(plan.enrolled.get(str(place), 0)),
        )
        for place, line in enumerate(result.lines)
    ]
    places = {
        _("Part"): 36,
        _("Unit code"): 12,
        _("Course"): 36,
        _("Number of places"): 9,
        _("Competency"): 36,
        _("Required (people)"): 12,
        _("Assessed (people)"): 12,
        _("Below requirement"): 12,
        _("Expected to reach it"): 12,
        _("Lower bound"): 9,
        _("Upper bound"): 9,
        _("Effect"): 34,
        _("Reason"): 80,
        _("Enrolled"): 9,
    }
    _write(book, _("Plan"), places, lines, share_at=7)
    weighted = result.is_weighted
    limits = [
        (limit_name(each), each.limit, each.used, explain_limit(each, weighted=weighted)) for each in result.limits
    ]
    _write(book, _("Limits"), {_("Limit"): 44, _("There is"): 14, _("Used"): 14, _("More of it"): 70}, limits)
    sheet = book.add_worksheet(_("Notes")[:31])
    sheet.set_column(0, 0, 110)
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for row, note in enumerate([title, *plan_notes(plan, result)]):
        sheet.write_string(row, 0, note, text)
    book.close()
    return file.getvalue()


def plan_notes(plan: TrainingPlan, result: PlanResult) -> list[str]:
    """Return what a reader of the plan must know: when it was made, of what, and how far it can be trusted."""
    notes = [
        _("Made on %(when)s from the figures of that moment.")
        % {"when": timezone.localtime(plan.solved_at).strftime("%d/%m/%Y %H:%M")},
        _("Whoever reaches what is required in two competencies is counted twice."),
        _("Who has not been assessed is never counted as below, and gets no place: measure them first."),
        _(
            "Expected numbers hold when those below are alike, whether they miss little or much. A measured effect is"
            " what people gained beyond others measured twice without the course; it is no experiment. An author's"
            " claim is taken to be right within its own size."
        ),
    ]
    if result.left_out:
        names = ", ".join(each.name for each in result.left_out)
        notes.append(_("Left out, with too few people to show or nobody assessed: %(names)s.") % {"names": names})
    if result.without_effect:
        names = ", ".join(each.name for each in result.without_effect)
        notes.append(_("Left out, for nobody has said what they do: %(names)s.") % {"names": names})
    return notes


def _write(
    book: Any, name: str, widths: Mapping[str, int], rows: Sequence[Sequence[str | float]], share_at: int | None = None
) -> None:
    """Write a sheet with frozen heads and a filter. widths: by head. share_at: the column that is shown in percent."""
    sheet = book.add_worksheet(name[:31])
    head, text = book.add_format(_HEAD), book.add_format({"text_wrap": True, "valign": "top"})
    top, share = book.add_format({"valign": "top"}), book.add_format({"num_format": "0%", "valign": "top"})
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for column, (label, width) in enumerate(widths.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, label, head)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value, text)
            else:
                sheet.write_number(line, column, value, share if column == share_at else top)
    sheet.autofilter(0, 0, max(len(rows), 1), len(widths) - 1)
