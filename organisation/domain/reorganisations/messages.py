"""Words for what can be wrong with a reorganisation."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from organisation.reorganising.plan import StepProblem


def problem_message(problem: StepProblem) -> str:
    """Return the problem in the reader's language."""
    return reason_message(problem.reason, problem.values)


def without_people(problem: StepProblem) -> StepProblem:
    """Return the problem as those are told who may not see people: no list is answered employee by employee."""
    if problem.reason != "not_in_unit":
        return problem
    return StepProblem(problem.place, "list_does_not_fit", {"unit": problem.values["unit"]})


def reason_message(reason: str, values: Mapping[str, str]) -> str:
    """Return the words for a reason code."""
    messages = {
        "unknown_kind": _("There is no step of this kind."),
        "missing": _("Something is missing: fill in every field of the step."),
        "too_few": _("At least two units are needed."),
        "new_is_not_the_target": _("The new unit is not the one that people go to."),
        "not_a_part": _("Unit %(unit)s is none of the parts."),
        "no_such_unit": _("Unit %(unit)s is not in force on that day."),
        "ended_already": _("Unit %(unit)s ends in this reorganisation."),
        "made_here": _("Unit %(unit)s is made by this reorganisation and cannot give people away in it."),
        "given_away_already": _("Another step already says where the people of unit %(unit)s go."),
        "receives_people": _("Unit %(unit)s receives people in another step and cannot give people away."),
        "cannot_receive": _("Unit %(unit)s gives its own people away and cannot receive others."),
        "code_is_taken": _("The code %(unit)s is taken."),
        "unknown_unit_kind": _("There is no kind of unit “%(kind)s”."),
        "under_itself": _("Unit %(unit)s cannot lie under itself."),
        "has_units_below": _("Unit %(unit)s still has units below it, such as %(below)s."),
        "begins_that_day": _("Unit %(unit)s changes on that very day already."),
        "changes_later": _("A later change of unit %(unit)s is recorded already."),
        "outside_scope": _(
            "Unit %(unit)s is not there or lies outside the unit that this reorganisation stays in, then or today."
        ),
        "not_in_unit": _("Employee %(person)s does not work in unit %(unit)s on that day."),
        "list_does_not_fit": _("The list of unit %(unit)s does not fit who works there on that day."),
        "no_such_position": _("There is no position %(position)s."),
        "no_steps": _("There is no step yet."),
    }
    return messages[reason] % values


def refusal(reason: str, **values: str) -> str:
    """Return the words for what stands in the way of an operation."""
    return {
        "not_approved": _("The reorganisation is not approved."),
        "given_up": _("The database gave up because other work was in the way. It is tried again by itself."),
        "not_due": _("The day of the reorganisation has not come."),
        "not_applied": _("The reorganisation is not applied."),
        "not_a_draft": _("The reorganisation is no longer a draft."),
        "own_draft": _("A second person must approve: nobody approves what they wrote themselves."),
        "changed_since": _("The draft was changed after you opened it. Read it again below before you approve it."),
        "later_reorganisation": _("A later reorganisation builds on this one."),
        "unit_changed": _("Unit %(unit)s was changed since."),
        "posting_changed": _("Postings that it carried over were changed since."),
        "unit_used": _("Unit %(unit)s is in use by something that came later."),
    }[reason] % values
