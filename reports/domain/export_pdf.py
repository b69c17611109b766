"""A gap report as PDF: the page on paper, with the same figures in the same words."""

from collections.abc import Sequence

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor, white
from reportlab.platypus import Flowable, KeepTogether, NextPageTemplate, PageBreak, Spacer, Table

from competencies.models import Standard
from organisation.api import today
from reports.domain.export_rows import NEED_COLOURS, need_step, notes_on, shown_days, title_of, why_none
from reports.domain.gaps import CompetencyGap, Gap, GapReport, named_rows
from reports.domain.pdf import (
    ACCENT,
    BOLD,
    INK,
    LANDSCAPE_WIDTH,
    LINE,
    PORTRAIT_WIDTH,
    QUIET,
    REGULAR,
    build_pdf,
    text,
)

_LOOK = [
    ("FONT", (0, 0), (-1, -1), REGULAR, 8, 10.5),
    ("FONT", (0, 0), (-1, 0), BOLD, 8, 10.5),
    ("TEXTCOLOR", (0, 0), (-1, 0), white),
    ("BACKGROUND", (0, 0), (-1, 0), ACCENT),
    ("GRID", (0, 0), (-1, -1), 0.4, LINE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    *((f"{side}PADDING", (0, 0), (-1, -1), 3) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
]


def build_gap_pdf(report: GapReport) -> bytes:
    """Return the document of `reports.api.export_gap_pdf`."""
    shown = [each for each in report.competencies if not each.gap.suppressed]
    hidden = [each for each in report.competencies if each.gap.suppressed]
    story: list[Flowable] = [text(title_of(report), "title"), text(_title_line(report)), *_in_words(report)]
    if measured := [each for each in shown if each.gap.below]:
        story += [text(_("Share of assessed people below what their post requires"), "heading"), *_picture(measured)]
    if report.competencies:
        story.append(text(_("Each competency"), "heading"))
    if shown:
        story.append(_figures(shown))
    if hidden:
        few = ngettext(
            "%(count)s competency has too few people to show:",
            "%(count)s competencies have too few people to show:",
            len(hidden),
        ) % {"count": len(hidden)}
        story += [Spacer(0, 6), text(few), *(text(_name(each), "item") for each in hidden)]
    story += [Spacer(0, 8), *(text(note, "note") for note in notes_on(report))]
    rows = [(name, [row.gap(each.competency.pk) for each in shown]) for name, row in named_rows(report)]
    if rows and shown:
        story += [NextPageTemplate("wide"), PageBreak(), *_heat_map(report, shown, rows)]
    return build_pdf(title_of(report), story)


def gap_in_words(each: CompetencyGap) -> tuple[str, str]:
    """Return how great the gap is, and how sure that is: the sentences of the page. Needs a figure to tell."""
    gap = each.gap
    assert gap.below
    fall_short = _("about %(share)s of the people assessed fall short, by %(levels)s levels on average.") % {
        "share": percent(gap.below.estimate),
        "levels": floatformat(gap.shortfall, 1),
    }
    sureness = (
        _("Fairly sure: %(low)s–%(high)s, %(assessed)s of %(required)s people assessed.")
        if gap.below.is_sure
        else _("Not sure yet: %(low)s–%(high)s, only %(assessed)s of %(required)s people assessed.")
    )
    ends = {"low": percent(gap.below.low), "high": percent(gap.below.high)}
    return fall_short, sureness % {**ends, "assessed": gap.assessed, "required": gap.required}


def _title_line(report: GapReport) -> str:
    """Unit and code, as of when, and the standard that figures are read by."""
    when = date_format(timezone.localtime(report.folded_at), "DATETIME_FORMAT") if report.folded_at else "–"
    if report.days:
        as_of = shown_days(report.days)
    elif report.published:
        as_of = _("Published figures as of %(when)s.") % {"when": when}
    else:
        as_of = _("Figures last changed: %(when)s.") % {"when": when}
    day = report.days.competence if report.days else today()
    standards = Standard.objects.filter(in_force_from__date__lte=day, framework__published_at__isnull=False)
    standard = standards.select_related("framework").order_by("framework__published_at", "in_force_from", "pk").last()
    parts = [f"{report.unit.name} ({report.unit.code})", as_of.rstrip(".")]
    if standard:
        since = date_format(timezone.localtime(standard.in_force_from), "SHORT_DATE_FORMAT")
        parts.append(
            _("Standard: %(framework)s, version %(version)s, cut scores of %(since)s (%(method)s)")
            % {
                "framework": standard.framework.name,
                "version": standard.framework.version,
                "since": since,
                "method": standard.get_method_display(),
            }
        )
    return " · ".join(parts)


def _in_words(report: GapReport) -> list[Flowable]:
    told: list[Flowable] = [text(_("The greatest gaps"), "heading")]
    top = report.top_gaps(3)
    if not top:
        nothing = _(
            "There is no gap that can be shown: too few people have been assessed, or everybody assessed meets the"
            " requirements."
        )
        return [*told, text(nothing)]
    if top[0].gap.below and not top[0].gap.below.is_sure:
        told.append(text(_("No gap is sure yet, as few people have been assessed. The likeliest so far:")))
    return told + [
        text(" ".join(gap_in_words(each)), "item", bold=f"{_name(each)}:", number=number)
        for number, each in enumerate(top, start=1)
    ]


def _picture(measured: Sequence[CompetencyGap]) -> list[Flowable]:
    """A bar for each competency's share with its interval, on an axis from 0 to 100%."""
    step, left = 15, 210
    right = PORTRAIT_WIDTH - 36
    height = step * len(measured) + 16
    drawing = Drawing(PORTRAIT_WIDTH, height)
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = left + tick * (right - left)
        drawing.add(Line(at, 12, at, height, strokeColor=LINE, strokeWidth=0.4))
        drawing.add(String(at, 2, percent(tick), fontName=REGULAR, fontSize=7, fillColor=QUIET, textAnchor="middle"))
    for place, each in enumerate(measured, start=1):
        below = each.gap.below
        assert below
        base = height - place * step
        at, low, high = (left + share * (right - left) for share in (below.estimate, below.low, below.high))
        label = _name(each)
        label = label if len(label) <= 42 else f"{label[:41]}…"
        drawing.add(String(0, base + 4, label, fontName=REGULAR, fontSize=7.5, fillColor=INK))
        colour = HexColor(NEED_COLOURS[need_step(below.estimate)])
        drawing.add(Rect(left, base + 2, at - left, step - 5, fillColor=colour, strokeColor=QUIET, strokeWidth=0.4))
        drawing.add(Line(low, base + 6.5, high, base + 6.5, strokeColor=INK, strokeWidth=1.2))
        drawing.add(String(right + 6, base + 4, percent(below.estimate), fontName=BOLD, fontSize=7.5, fillColor=INK))
    caption = _("Each bar is the share of people below; the line across its end is the 95% interval.")
    return [KeepTogether([drawing, text(caption, "note")])]


def _figures(shown: Sequence[CompetencyGap]) -> Table:
    heads = [
        _("Competency"),
        _("Required (people)"),
        _("Assessed (people)"),
        _("Below requirement"),
        _("Shortfall (levels)"),
    ]
    rows = [[text(head, "head") for head in heads]]
    for each in shown:
        gap, below = each.gap, each.gap.below
        coverage = f" ({percent(gap.coverage)})" if gap.coverage is not None else ""
        share = f"{percent(below.estimate)} ({percent(below.low)}–{percent(below.high)})" if below else why_none(gap)
        levels = floatformat(gap.shortfall, 1) if below else "–"
        cells = (_name(each), f"{gap.required}", f"{gap.assessed}{coverage}", share, levels)
        rows.append([text(cell, "cell") for cell in cells])
    widths = [PORTRAIT_WIDTH * part for part in (0.42, 0.13, 0.15, 0.18, 0.12)]
    return Table(rows, widths, repeatRows=1, style=_LOOK)


def _heat_map(
    report: GapReport, shown: Sequence[CompetencyGap], rows: Sequence[tuple[str, Sequence[Gap]]]
) -> list[Flowable]:
    """What the unit is made of by competency: shares in colour and number, or a sign for why there is none."""
    title = _("By unit and competency") if report.children else _("By position group and competency")
    table: list[list[object]] = [["", *(each.competency.code for each in shown)]]
    looks: list[tuple[object, ...]] = list(_LOOK)
    for line, (name, gaps) in enumerate(rows, start=1):
        table.append([text(name, "cell"), *map(_sign, gaps)])
        for column, gap in enumerate(gaps, start=1):
            if gap.below:
                step, place = need_step(gap.below.estimate), (column, line)
                looks.append(("BACKGROUND", place, place, HexColor(NEED_COLOURS[step])))
                looks.append(("TEXTCOLOR", place, place, white if step == 5 else INK))
    each_width = min(44.0, (LANDSCAPE_WIDTH - 150) / len(shown))
    names = min(230.0, LANDSCAPE_WIDTH - each_width * len(shown))
    return [
        text(title, "heading"),
        text(_("*: too few people to show. –: not assessed. Empty: not required."), "note"),
        Table(table, [names, *[each_width] * len(shown)], repeatRows=1, style=looks, hAlign="LEFT"),
    ]


def _sign(gap: Gap) -> str:
    if gap.below:
        return percent(gap.below.estimate)
    return "*" if gap.suppressed else "–" if gap.required else ""


def _name(each: CompetencyGap) -> str:
    return f"{each.competency.code} {each.competency.name}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 as pages print it."""
    return "<1%" if 0 < share < 0.005 else f"{round(share * 100)}%"
