"""The pictures of the measurement pages, from the figures that the domain keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from assessments.measurement import GRID, ItemParameters, information
from assessments.measurement.proposal import expected_score
from frontend.author.measurement.svg import DASHES, Axis, Chart

ABILITY_TICKS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
SHARE_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SHOWN = (GRID >= -3.5) & (GRID <= 3.5)


def ability_axis() -> Axis:
    return Axis(-3.5, 3.5, ABILITY_TICKS, _("Ability"))


def share_axis(title: str) -> Axis:
    return Axis(0.0, 1.0, SHARE_TICKS, title, percent=True)


def draw_curve(parameters: ItemParameters, curve: Mapping[str, Any] | None) -> Chart:
    """The item characteristic curve, with what groups of people actually scored as dots with 95% error bars."""
    chart = Chart(
        "curve",
        _("Score by ability: expected and observed"),
        _(
            "The line is what the parameters expect; each dot is what a group of people of like ability scored, with "
            "its 95% interval."
        ),
        ability_axis(),
        share_axis(_("Mean score")),
    )
    chart.add_line(GRID[_SHOWN].tolist(), expected_score(parameters, GRID[_SHOWN]).tolist())
    for ability, observed, error in zip(*_columns(curve, "ability", "observed", "error"), strict=True):
        if ability is not None and observed is not None:
            chart.add_dot(ability, observed, 1.96 * (error or 0.0))
    return chart


def draw_information(parameters: ItemParameters) -> Chart:
    """Fisher information by ability."""
    values = information(parameters, GRID[_SHOWN])
    peak = float(GRID[_SHOWN][int(values.argmax())])
    top = _round_up(float(values.max()))
    chart = Chart(
        "information",
        _("Information by ability"),
        _("The item tells most about people of an ability near %(peak)s.") % {"peak": number_format(round(peak, 1), 1)},
        ability_axis(),
        Axis(0.0, top, [top * share for share in SHARE_TICKS], _("Information"), decimals=2),
    )
    chart.add_line(GRID[_SHOWN].tolist(), values.tolist())
    return chart


def draw_options(options: Sequence[Mapping[str, Any]]) -> Chart:
    """Share of people choosing each option, by ability group; the right ones are drawn strong."""
    groups = len(options[0]["by_group"])
    chart = Chart(
        "options",
        _("Options chosen by ability"),
        _("A right option should rise from the weakest group to the ablest; the others should fall."),
        Axis(1.0, float(groups), [float(group) for group in range(1, groups + 1)], _("Ability group, weakest first")),
        share_axis(_("Share choosing it")),
    )
    dash = 0
    for option in options:
        right = option["correct"]
        dash += not right
        chart.add_line(
            [float(group) for group in range(1, groups + 1)],
            [share or 0.0 for share in option["by_group"]],
            css="text-primary" if right else "text-muted",
            dash="" if right else DASHES[dash % len(DASHES)],
            width="3" if right else "2",
            label=option["letter"],
        )
    return chart


def draw_error_by_ability(rows: Sequence[Mapping[str, Any]], target: float) -> Chart:
    """Mean standard error of simulated people by true ability."""
    known = [row for row in rows if row["n"]]
    top = max(1.0, *(row["se"] for row in known)) if known else 1.0
    chart = Chart(
        "errors",
        _("Standard error by true ability"),
        _("The lower, the more precise; the dashed line is the precision that the assessment aims at."),
        ability_axis(),
        Axis(0.0, top, [top * share for share in SHARE_TICKS], _("Standard error"), decimals=2),
    )
    chart.add_mark(_("target"), y=target)
    if len(known) > 1:
        chart.add_line([row["ability"] for row in known], [row["se"] for row in known])
    for row in known:
        chart.add_dot(row["ability"], row["se"])
    return chart


def draw_exposure(items: Sequence[Mapping[str, Any]], limit: float) -> Chart:
    """Share of sittings in which each item was given, most often given first."""
    top = max([limit, *(item["rate"] for item in items)])
    top = min(1.0, float(np.ceil(top * 10) / 10))
    count = len(items)
    chart = Chart(
        "exposure",
        _("How often each item is met"),
        _("One bar for each item, most often met first; those above the dashed line are met too often."),
        Axis(0.0, float(count), [0.0, float(count // 2), float(count)], _("Items")),
        Axis(0.0, top, [top * share for share in SHARE_TICKS], _("Share of sittings"), percent=True),
    )
    for at, item in enumerate(items):
        over = item["rate"] > limit
        chart.add_bar(float(at), float(at + 1), item["rate"], "text-danger" if over else "text-primary")
    chart.add_mark(_("limit"), y=limit)
    return chart


def draw_judges(judges: Sequence[str], own: Sequence[Sequence[float]], cuts: Sequence[float]) -> Chart:
    """Each judge's own seven cuts as a line of dots, and the panel's cuts as upright lines."""
    count = len(judges)
    low, high = min(min(row) for row in own), max(max(row) for row in own)
    low, high = min(-3.0, float(np.floor(low))), max(3.0, float(np.ceil(high)))
    step = 1.0 if high - low <= 8 else 2.0
    chart = Chart(
        "judges",
        _("Each judge's own cut scores"),
        _("One row for each judge; the nearer the dots of a cut stand above each other, the more the judges agree."),
        Axis(low, high, np.arange(low, high + 0.1, step).tolist(), _("Ability")),
        Axis(0.0, float(count + 1), [float(at) for at in range(1, count + 1)], _("Judge")),
    )
    for at, row in enumerate(own, start=1):
        for value in row:
            chart.add_dot(value, float(at))
    for level, cut in enumerate(cuts, start=2):
        chart.add_mark(str(level), x=cut)
    return chart


def _columns(curve: Mapping[str, Any] | None, *names: str) -> list[Sequence[float | None]]:
    return [curve[name] if curve else [] for name in names]


def _round_up(value: float) -> float:
    """The next of 0.2, 0.4, 0.6, ... at or above a value."""
    return max(0.2, float(np.ceil(value * 5) / 5))
