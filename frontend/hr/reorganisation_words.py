"""Words for the steps of a reorganisation and for what becomes of a unit."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _

from frontend.design.words import unit_name
from organisation.api import Create, Dissolve, Merge, Move, Rename, Split, Step, StepInvalid, parse_step, units_named
from organisation.models import ReorganisationStep, UnitVersion


def steps_in_words(rows: Iterable[ReorganisationStep], in_force: date) -> list[tuple[ReorganisationStep, str]]:
    """Return each step with a sentence that says it, units by name, as they are called until that day, and code."""
    read = [(row, _read(row)) for row in rows]
    codes = {code for _row, step in read if step for code in units_named(step)}
    versions = UnitVersion.objects.filter(unit__code__in=codes, valid__startswith__lt=in_force)
    versions = versions.select_related("unit").order_by("unit", "-valid__startswith").distinct("unit")
    names = {each.unit.code: _named(each, each.unit.code) for each in versions}
    unread = _("This step cannot be read. Remove it and add it anew.")
    return [(row, _words(step, names) if step else unread) for row, step in read]


def _read(row: ReorganisationStep) -> Step | None:
    try:
        return parse_step(row.kind, row.content)
    except StepInvalid:
        return None


def _named(unit: object, code: str) -> str:
    return f"{unit_name(unit)} ({code})"


def _words(step: Step, names: Mapping[str, str]) -> str:
    """names: of units that are there, by code; those that the reorganisation makes before are called by their codes."""
    match step:
        case Create(unit):
            return _("Make %(unit)s under %(parent)s.") % {
                "unit": _named(unit, unit.code),
                "parent": names.get(unit.parent, unit.parent),
            }
        case Rename(unit=code):
            return _("Call %(code)s “%(name)s”.") % {"code": names.get(code, code), "name": unit_name(step)}
        case Move(unit=code, parent=parent):
            return _("Put %(code)s under %(parent)s.") % {
                "code": names.get(code, code),
                "parent": names.get(parent, parent),
            }
        case Merge(sources, into, new):
            target = _named(new, into) if new else names.get(into, into)
            return _("Merge %(sources)s into %(target)s.") % {
                "sources": ", ".join(names.get(each, each) for each in sources),
                "target": target,
            }
        case Split(unit=code, parts=parts, new=made):
            called = {**names, **{unit.code: _named(unit, unit.code) for unit in made}}
            return _("Split %(code)s into %(parts)s.") % {
                "code": names.get(code, code),
                "parts": ", ".join(called.get(part, part) for part in parts),
            }
        case Dissolve(unit=code, people_to=target):
            return _("Dissolve %(code)s; its people go to %(target)s.") % {
                "code": names.get(code, code),
                "target": names.get(target, target),
            }


def outcome_words(outcome: str) -> str:
    """Return what becomes of a unit."""
    return {
        "created": _("New"),
        "ended": _("Ends"),
        "split": _("Goes on, gives people away"),
        "receives": _("Receives people"),
        "moved": _("Moves"),
        "renamed": _("New name"),
    }[outcome]


OUTCOME_TAGS = {
    "created": "success",
    "ended": "warning",
    "split": "info",
    "receives": "info",
    "moved": "neutral",
    "renamed": "neutral",
}
