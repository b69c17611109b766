"""Words for the steps of a reorganisation and for what becomes of a unit."""

from django.utils.translation import gettext as _

from frontend.design.words import unit_name
from organisation.api import Create, Dissolve, Merge, Move, Rename, Split, StepInvalid, parse_step
from organisation.models import ReorganisationStep


def step_words(row: ReorganisationStep) -> str:
    """Return one step in a sentence, units by their codes (and names where they are new)."""
    try:
        step = parse_step(row.kind, row.content)
    except StepInvalid:
        return _("This step cannot be read. Remove it and add it anew.")
    match step:
        case Create(unit):
            return _("Make %(name)s (%(code)s) under %(parent)s.") % {
                "name": unit_name(unit),
                "code": unit.code,
                "parent": unit.parent,
            }
        case Rename(unit=code):
            return _("Call %(code)s “%(name)s”.") % {"code": code, "name": unit_name(step)}
        case Move(unit=code, parent=parent):
            return _("Put %(code)s under %(parent)s.") % {"code": code, "parent": parent}
        case Merge(sources, into, new):
            target = f"{unit_name(new)} ({into})" if new else into
            return _("Merge %(sources)s into %(target)s.") % {"sources": ", ".join(sources), "target": target}
        case Split(unit=code, parts=parts, new=made):
            names = {unit.code: f"{unit_name(unit)} ({unit.code})" for unit in made}
            return _("Split %(code)s into %(parts)s.") % {
                "code": code,
                "parts": ", ".join(names.get(part, part) for part in parts),
            }
        case Dissolve(unit=code, people_to=target):
            return _("Dissolve %(code)s; its people go to %(target)s.") % {"code": code, "target": target}


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
