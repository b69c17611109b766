"""A training plan in words, in the reader's language, for the page and the workbook."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.domain.plan_values import PlanLimit, PlanLine


def part_name(line: PlanLine) -> str:
    """Return what to call the part of a line: its unit, own staff said, and its position group."""
    name = _("%(unit)s: own staff") % {"unit": line.unit.name} if line.own else line.unit.name
    return f"{name} ({line.group.name})" if line.group else name


def explain_line(line: PlanLine) -> str:
    """Return what the part takes, why, and what that is expected to do."""
    because = ngettext(
        "%(seats)s place in “%(course)s”, because %(share)s%% of the %(assessed)s people assessed are below"
        " what their posts require in %(competency)s.",
        "%(seats)s places in “%(course)s”, because %(share)s%% of the %(assessed)s people assessed are below"
        " what their posts require in %(competency)s.",
        line.seats,
    ) % {
        "seats": line.seats,
        "course": line.course.name,
        "share": round(line.share * 100),
        "assessed": line.assessed,
        "competency": f"{line.competency.code} {line.competency.name}",
    }
    expected = _("Expected to bring %(brought)s of them (%(low)s to %(high)s) to it.") % {
        "brought": people(line.brought),
        "low": line.low,
        "high": line.high,
    }
    others = [
        _("%(people)s in %(competency)s") % {"people": people(count), "competency": code}
        for code, count in sorted(line.others.items())
    ]
    also = " " + _("Besides: %(others)s.") % {"others": ", ".join(others)} if others else ""
    return f"{because} {expected}{also}"


def explain_effect(gain: float, low: float, high: float, measured_on: int) -> str:
    """Return how much a course lifts people, in levels with the interval, and who says so.

    measured_on: people that it was measured on, 0 for its author's claim.
    """
    if not measured_on:
        return _("%(gain)s levels by the author's claim, not measured yet") % {"gain": _decimal(gain)}
    return ngettext(
        "%(gain)s levels (%(low)s to %(high)s), measured on %(people)s person",
        "%(gain)s levels (%(low)s to %(high)s), measured on %(people)s people",
        measured_on,
    ) % {
        "gain": _decimal(gain),
        "low": _decimal(low),
        "high": _decimal(high),
        "people": measured_on,
    }


def limit_name(limit: PlanLimit) -> str:
    """Return what a limit is of."""
    if limit.course:
        return _("Places in “%(course)s”") % {"course": limit.course.name}
    return _("Working hours") if limit.kind == "hours" else _("Budget (VND)")


def explain_limit(limit: PlanLimit, *, weighted: bool = False) -> str:
    """Return what more of it would bring, honest about whole places. weighted: people count by their posts' weight."""
    step = {
        "seats": _("One more place"),
        "hours": _("%(step)s more hours, as many as one place takes at least,") % {"step": amount(limit.step)},
        "budget": _("%(step)s VND more, as much as one place costs at least,") % {"step": amount(limit.step)},
    }[limit.kind]
    if limit.more is None:
        return _("Whether more would bring anybody else cannot be told: the best plan is not known so exactly.")
    if limit.binds:
        values = {"step": step, "people": people(limit.more)}
        if weighted:
            return _("%(step)s would bring %(people)s more people to what is required, counted by weight.") % values
        return _("%(step)s would bring %(people)s more people to what is required.") % values
    return _("%(step)s would bring nobody else.") % {"step": step}


def people(count: float) -> str:
    """Return an expected number of people: whole from 10 on, with a decimal below."""
    return number_format(round(count), 0) if count >= 9.95 else _decimal(count)


def _decimal(value: float) -> str:
    return number_format(round(value, 1), 1)  # Django cuts off what it does not show


def amount(value: float) -> str:
    """Return an amount of hours or money, with a decimal only where it has one."""
    return number_format(round(value, 1), 0 if float(value).is_integer() else 1, force_grouping=True)
