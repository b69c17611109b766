"""Why a change of an assessment is refused, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAULTS: dict[str, Promise] = {
    "no_questions": _("There are no questions yet."),
    "empty_section": _("A section has no questions. Add some, or remove the section."),
    "retired_question": _(
        "A question was taken out of use and nothing newer is in use. Remove it, or publish it anew."
    ),
    "draw_too_large": _(
        "The questions in use cannot fill every row of the draw: those of an exam whose right answers are secret as "
        "yet are not drawn. Ask for fewer, or narrow less."
    ),
}

REFUSALS: dict[str, Promise] = {
    "code": _("Another assessment has this code."),
    "closes_at": _("It closes before it opens."),
    "feedback": _("Say when it closes, or choose another time for the right answers."),
    "length": _("An assessment has at most 200 questions."),
    "pass_share": _("A certificate of a form needs the share of points that passes."),
    "reason": _("Say why."),
    "employee_code": _("You cannot grant anything to yourself. Ask another trainer."),
    "extra_percent": _("Grant something: more time, larger text or dates."),
    "codes": _("One of these items is no longer in use."),
}
