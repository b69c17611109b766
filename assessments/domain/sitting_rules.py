"""What an author decides about the sittings of an assessment: dates, attempts, times, feedback, audience."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.form_plan import choose_versions
from assessments.domain.refusals import AttemptRefused
from assessments.domain.sections import holdings, outline_of
from assessments.models import Assessment
from organisation.api import record_audit
from organisation.models import Person, Position, Unit, User

SITTING_SETTINGS = (
    *("name_vi", "name_en", "summary_vi", "summary_en", "minutes", "opens_at", "closes_at", "max_attempts"),
    *("wait_hours", "seconds_per_question", "one_page", "feedback", "certifies", "pass_share"),
)
"""The fields of an assessment that an author sets here."""


def create_assessment(actor: User | None, *, code: str, mode: str, name_vi: str, name_en: str) -> Assessment:
    """Make a closed assessment without questions; an adaptive one measures what the post requires.

    Raises RulesRefused: mode (a simulation's comes with it), code (another has it).
    """
    if mode not in (Assessment.Mode.ADAPTIVE, Assessment.Mode.FIXED, Assessment.Mode.DRAW):
        raise RulesRefused("mode", mode)
    with transaction.atomic():
        by_post = mode == Assessment.Mode.ADAPTIVE
        made, is_new = Assessment.objects.get_or_create(
            code=code, defaults={"mode": mode, "name_vi": name_vi, "name_en": name_en, "by_post": by_post}
        )
        if not is_new:
            raise RulesRefused("code", code)
        record_audit(actor=actor, action="created", target=f"assessment {code}")
    return made


def set_sitting_rules(assessment: Assessment, actor: User | None, **settings: Any) -> Assessment:
    """Change the rules of sittings; those that have begun keep their times.

    settings: of SITTING_SETTINGS. Raises RulesRefused, and changes nothing: closes_at (before it opens), feedback
    (after the close, of what never closes), pass_share (a certificate of a form needs one), or an unknown setting.
    """
    unknown = settings.keys() - set(SITTING_SETTINGS)
    if unknown:
        raise RulesRefused(min(unknown), "unknown setting")
    with transaction.atomic():
        locked = _locked(assessment)
        before = {name: getattr(locked, name) for name in settings}
        for name, value in settings.items():
            setattr(locked, name, value)
        if locked.opens_at and locked.closes_at and locked.closes_at <= locked.opens_at:
            raise RulesRefused("closes_at", "before it opens")
        if locked.feedback == Assessment.Feedback.AFTER_CLOSE and not locked.closes_at:
            raise RulesRefused("feedback", "never closes")
        in_sections = locked.mode in (Assessment.Mode.FIXED, Assessment.Mode.DRAW)
        if locked.certifies and in_sections and locked.pass_share is None:
            raise RulesRefused("pass_share", "none")
        locked.save(update_fields=list(settings))
        changed = {name: [str(before[name]), str(value)] for name, value in settings.items() if before[name] != value}
        record_audit(actor=actor, action="changed", target=f"sittings of assessment {locked.code}", detail=changed)
    return locked


@transaction.atomic
def set_audience(
    assessment: Assessment,
    actor: User | None,
    *,
    for_everybody: bool,
    units: Collection[Unit] = (),
    positions: Collection[Position] = (),
    people: Collection[Person] = (),
) -> None:
    """Say whom the assessment is for: everybody, or posts in the units and positions and the people named."""
    locked = _locked(assessment)
    locked.for_everybody = for_everybody
    locked.save(update_fields=["for_everybody"])
    locked.audience_units.set(units)
    locked.audience_positions.set(positions)
    locked.audience_people.set(people)
    detail = {
        "for_everybody": for_everybody,
        "units": sorted(each.code for each in units),
        "positions": sorted(each.code for each in positions),
        "people": sorted(each.employee_code for each in people),
    }
    record_audit(actor=actor, action="changed", target=f"audience of assessment {locked.code}", detail=detail)


def faults_of(assessment: Assessment) -> list[str]:
    """Return why the assessment cannot open yet; empty when it can.

    Of no_questions, empty_section, retired_question (one held is out of use and nothing newer is in), draw_too_large.
    """
    if assessment.mode in (Assessment.Mode.ADAPTIVE, Assessment.Mode.SIMULATION):
        return []
    outline = outline_of(assessment)
    if not any(each.questions for each in outline):
        return ["no_questions"]
    faults = ["empty_section"] if not all(each.questions for each in outline) else []
    if any(each.is_retired for each in holdings(section__assessment=assessment)):
        faults.append("retired_question")
    try:
        choose_versions(assessment, seed=0)
    except AttemptRefused:
        faults.append("draw_too_large")
    return faults


@transaction.atomic
def set_open(assessment: Assessment, actor: User | None, *, is_open: bool) -> None:
    """Open the assessment, or close it to new sittings. Raises RulesRefused: form, for what cannot be given."""
    locked = _locked(assessment)
    if is_open and (faults := faults_of(locked)):
        raise RulesRefused("form", faults[0])
    locked.is_open = is_open
    locked.save(update_fields=["is_open"])
    record_audit(actor=actor, action="opened" if is_open else "closed", target=f"assessment {locked.code}")


def _locked(assessment: Assessment) -> Assessment:
    return Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
