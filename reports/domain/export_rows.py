"""What every file of a gap report says, whatever its format: its rows, their figures, and the words around them."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from organisation.models import UnitVersion
from reports.domain.gaps import CONFIDENCE, Days, Gap, GapReport, GapRow, named_rows

NEED_COLOURS = ("#EDF3F0", "#FBEED0", "#F8D797", "#EFB165", "#DC7D35", "#8C2813")
_NEED_BOUNDS = (0.10, 0.20, 0.35, 0.50, 0.70)

Figure = int | float | str | None


def need_step(share: float) -> int:
    """Return the step of need, 0 to 5, of a share from 0 to 1 of people below: its place in NEED_COLOURS."""
    return sum(share >= bound for bound in _NEED_BOUNDS)


def part_heads(report: GapReport) -> list[str]:
    """Return the names of the columns that say whose figures a row has, in the reader's language."""
    if report.children:
        return [_("Unit code"), _("Unit")]
    return [_("Code of the unit or position group"), _("Unit or position group")]


def listed_rows(report: GapReport) -> Iterator[tuple[tuple[str, str, str, str], Gap]]:
    """Yield part's code, part's name, competency's code and name, and the gap: the whole first, then its parts."""
    whole = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
    for name, row in [(report.unit.name, whole), *named_rows(report)]:
        for each in report.competencies:
            gap = row.gap(each.competency.pk)
            if gap.required != 0:
                yield (row.of.code, name, each.competency.code, each.competency.name), gap


def figures_of(gap: Gap) -> list[Figure]:
    """Return the figures under `figure_heads`, rounded to what is shown of them: shares to whole percents, levels to
    one decimal. Where nothing may or can be said, the reason stands once and None for the rest.
    """
    if gap.suppressed:
        return [why_none(gap), *[None] * 6]
    counts: list[Figure] = [gap.required, gap.assessed, None if gap.coverage is None else round(gap.coverage, 2)]
    if gap.below is None:
        return [*counts, why_none(gap), None, None, None]
    shares = (round(share, 2) for share in (gap.below.estimate, gap.below.low, gap.below.high))
    return [*counts, *shares, round(gap.shortfall or 0.0, 1)]


def title_of(report: GapReport) -> str:
    """Return the report's title: its unit, and the group or the days that it is narrowed to."""
    title = _("Competency gap: %(unit)s") % {"unit": report.unit.name}
    narrowed = report.group.name if report.group else shown_days(report.days) if report.days else ""
    return f"{title} ({narrowed})" if narrowed else title


def shown_days(days: Days) -> str:
    """Return the two days in words."""
    return _("competence as of %(competence)s, structure as of %(structure)s") % {
        "competence": f"{days.competence:%d/%m/%Y}",
        "structure": f"{days.structure:%d/%m/%Y}",
    }


def notes_on(report: GapReport) -> list[str]:
    """Return what a reader of the figures must know: whose they are, as of when, and what is not in them."""
    folded = report.folded_at
    changed = timezone.localtime(folded).strftime("%d/%m/%Y %H:%M") if folded else "–"
    return [
        _("Unit: %(name)s (%(code)s)") % {"name": report.unit.name, "code": report.unit.code},
        shown_days(report.days) if report.days else _("Figures last changed: %(when)s") % {"when": changed},
        _("“Below requirement” is the share of assessed people whose ability is under what their post requires.")
        + " "
        + _("People who have not been assessed are never counted in it; “Assessed” says how many were."),
        _("“Lower bound” and “Upper bound” are the ends of a %(confidence)s%% interval.")
        % {"confidence": round(CONFIDENCE * 100)},
        _("“Shortfall” is the number of levels missing on average per assessed person."),
        *(
            [
                _("Only units of the kind “%(kind)s” are listed, with those one level further down.")
                % {"kind": UnitVersion.Kind(report.kind).label}
            ]
            if report.kind
            else []
        ),
        *(
            [
                _(
                    "These are published figures. To protect individuals, a figure moves only when at least"
                    " %(threshold)s people have new results, at night, so it may be older than the one beside it."
                )
                % {"threshold": report.threshold}
            ]
            if report.published
            else []
        ),
        _("Figures of fewer than %(threshold)s people are hidden, and so are those that would give them away.")
        % {"threshold": report.threshold},
    ]


def figure_heads() -> list[str]:
    """Return the names of the seven columns of `figures_of`, in the reader's language."""
    return [
        _("Required (people)"),
        _("Assessed (people)"),
        _("Coverage"),
        _("Below requirement"),
        _("Lower bound"),
        _("Upper bound"),
        _("Shortfall (levels)"),
    ]


def why_none(gap: Gap) -> str:
    """Return the words that stand where a figure would."""
    if gap.suppressed:
        return _("Too few people to show")
    return _("Not assessed") if gap.required else _("Not required")
