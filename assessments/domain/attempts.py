"""Starting an attempt: what it will measure is decided and frozen here."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments.domain.audience import Admission, admit
from assessments.domain.bank import keep_state, published_bank
from assessments.domain.delivery_rules import delivery_rules
from assessments.domain.exposure import draw_ineligible
from assessments.domain.feedback import feedback_allowed
from assessments.domain.form import Form, FormCompetency, Neighbour
from assessments.domain.form_plan import plan_sections, stretch
from assessments.domain.invigilation import (
    Visit,
    check_room,
    enter_room,
    holds_device,
    invigilation_of,
    take_device,
)
from assessments.domain.refusals import AttemptNotFound, AttemptRefused
from assessments.domain.submission import hand_in
from assessments.measurement import MIN_EVIDENCE, likelihood_summaries
from assessments.models import Assessment, AssessmentCompetency, Attempt, ItemParameterSet, ItemVersion, Presentation
from competencies.api import SD_PER_YEAR, correlations_in_force, cuts_in_force, requirements_of
from competencies.models import Competency, Estimate
from organisation.api import columns_of, fetch_all_prepared, row_as, run_prepared, statement_of
from organisation.models import Person

SECONDS_PER_YEAR = 365.25 * 86400
SEEN_DAYS = 180
"""What was met within so many days is not given again: its key was shown, and memory is no competency."""

_SEEN: LiteralString = """
    SELECT DISTINCT v.item_id FROM assessments_presentation p
    JOIN assessments_attempt a ON a.id = p.attempt_id JOIN assessments_itemversion v ON v.id = p.version_id
    WHERE a.person_id = %(person)s AND p.presented_at > %(since)s
"""
_INSERT: LiteralString = """
    INSERT INTO assessments_attempt
        (id, person_id, assessment_id, status, started_at, deadline, seed, form, scoring_version)
    VALUES (%(id)s, %(person)s, %(assessment)s, 'open', %(now)s, %(deadline)s, %(seed)s, %(form)s::jsonb, 1)
    ON CONFLICT DO NOTHING
"""


def start_attempt(
    person: Person,
    assessment: Assessment,
    *,
    now: datetime | None = None,
    seed: int | None = None,
    visit: Visit | None = None,
    code: str = "",
) -> Attempt:
    """Start a sitting, or return the one that is open. An open one whose time is over is submitted first.

    seed: decides every choice of the sitting; drawn when not given. visit, code: where the request comes from and the
    room's access code, of an invigilated assessment; the sitting goes on on that device. Raises AttemptRefused: what
    `admit` and `enter_room` say, and no_post, nothing_to_ask, all_seen, taken_lately.
    """
    now = now or timezone.now()
    if invigilation_of(assessment) is None:
        return _begin(person, assessment, now, seed)
    under_way = _open_attempt(person, assessment)
    goes_on = under_way is not None and now <= under_way.deadline
    if goes_on and under_way is not None and visit is not None and holds_device(under_way, visit):
        check_room(under_way, visit)
    else:
        enter_room(person, assessment, visit, code)
    attempt = _begin(person, assessment, now, seed)
    if visit is not None:
        take_device(attempt, visit, now)
    return attempt


def _begin(person: Person, assessment: Assessment, now: datetime, seed: int | None) -> Attempt:
    attempts = attempts_at(person, assessment)
    open_attempt = _open_one(attempts)
    if open_attempt is not None and now <= open_attempt.deadline:
        return open_attempt
    if open_attempt is not None:
        hand_in(open_attempt, now=now)
        attempts = attempts_at(person, assessment)
    admission = admit(person, assessment, now)
    seed = secrets.randbits(62) if seed is None else seed
    if assessment.mode == Assessment.Mode.SIMULATION:
        return _start_simulation(person, assessment, now, seed, admission)
    if assessment.mode == Assessment.Mode.ADAPTIVE:
        form = plan_form(person, assessment, now, seed).to_dict()
    else:
        if keys_were_shown(attempts, now):
            raise AttemptRefused("taken_lately")
        seen, extra = seen_items(person, now), admission.extra_percent
        form = plan_sections(person, assessment, now, seed, seen=seen, extra_percent=extra)
    return _insert(person, assessment, now, seed, form, admission) or _started(person, assessment)


def find_attempt(attempt_id: UUID, person: Person) -> Attempt:
    """Return the person's own attempt with its assessment. Raises AttemptNotFound."""
    attempt = Attempt.objects.select_related("assessment__invigilation").filter(pk=attempt_id, person=person).first()
    if attempt is None:
        raise AttemptNotFound(str(attempt_id))
    return attempt


def plan_form(person: Person, assessment: Assessment, now: datetime, seed: int) -> Form:
    """Decide what an adaptive sitting measures: what is known least comes first, then what was measured longest ago.

    Raises AttemptRefused: no_post, nothing_to_ask, all_seen.
    """
    required = _required_levels(person, assessment, now)
    bank = published_bank(recheck=True)
    keep_state(bank)
    measurable = [competency for competency in required if competency.pk in bank.by_competency]
    if not measurable:
        raise AttemptRefused("nothing_to_ask")
    seen = seen_items(person, now)
    measurable = [competency for competency in measurable if bank.by_competency[competency.pk] - seen]
    if not measurable:
        raise AttemptRefused("all_seen")
    pks = [competency.pk for competency in measurable]
    known = {each.competency_id: each for each in Estimate.objects.filter(person=person)}
    standards = cuts_in_force(pks)
    rules = delivery_rules(assessment, {competency.code: competency.pk for competency in measurable})
    competencies = [
        FormCompetency(
            pk=competency.pk,
            code=competency.code,
            required=required[competency],
            cuts=standards[competency.pk].cuts,
            start=_start(known[competency.pk], now) if competency.pk in known else None,
        )
        for competency in sorted(measurable, key=lambda each: _urgency(known.get(each.pk), each.pk, seed))
    ]
    neighbours = [Neighbour(pk, _start(known[pk], now)) for pk in sorted(known.keys() - set(pks))]
    together = [each.pk for each in competencies] + [each.pk for each in neighbours]
    return Form(
        competencies=tuple(competencies),
        rule=rules.stop,
        excluded=frozenset(item for pk in pks for item in bank.by_competency[pk] & seen),
        standards=tuple(sorted({standard.standard_pk for standard in standards.values()})),
        selection=rules.selection,
        ineligible=draw_ineligible(assessment, bank, seed),
        neighbours=tuple(neighbours),
        correlations=correlations_in_force(together, now).among(together),
        bank=bank.digest,
    )


def _start(estimate: Estimate, now: datetime) -> tuple[float, float]:
    """Mean and standard error of what a competency's own evidence says now, its likelihood taken as normal."""
    precision, shift = (float(each[0]) for each in likelihood_summaries(*np.array([[estimate.mean], [estimate.se]])))
    if precision <= 0.0:
        return 0.0, 1.0
    years = max(0.0, (now - (estimate.as_of or estimate.measured_at)).total_seconds()) / SECONDS_PER_YEAR
    aged = 1.0 / (1.0 / precision + SD_PER_YEAR**2 * years)
    return round(shift / precision * aged / (1.0 + aged), 6), round((1.0 + aged) ** -0.5, 6)


def attempts_at(person: Person, assessment: Assessment) -> list[Attempt]:
    """Return the person's attempts at an assessment, the latest first. One query."""
    rows = fetch_all_prepared(_attempts(), {"person": person.pk, "assessment": assessment.pk})
    found = [row_as(Attempt, row) for row in rows]
    for each in found:
        each.person, each.assessment = person, assessment
    return found


def _open_attempt(person: Person, assessment: Assessment) -> Attempt | None:
    return _open_one(attempts_at(person, assessment))


def _open_one(attempts: Iterable[Attempt]) -> Attempt | None:
    return next((each for each in attempts if each.status == Attempt.Status.OPEN), None)


@cache
def _attempts() -> bytes:
    return statement_of(
        "SELECT {attempt} FROM assessments_attempt a WHERE person_id = %(person)s AND assessment_id = %(assessment)s "
        "ORDER BY started_at DESC",
        attempt=columns_of(Attempt, "a"),
    )


def _started(person: Person, assessment: Assessment) -> Attempt:
    """The attempt that another request of the same person started at this moment."""
    attempt = _open_attempt(person, assessment)
    assert attempt is not None
    return attempt


def _required_levels(person: Person, assessment: Assessment, now: datetime) -> dict[Competency, int]:
    """The competencies to measure and the level a decision is wanted about: the post's, else the blueprint's."""
    of_post = {each.competency: each.level for each in requirements_of(person, timezone.localdate(now))}
    if assessment.by_post:
        if not of_post:
            raise AttemptRefused("no_post")
        return of_post
    listed = AssessmentCompetency.objects.filter(assessment=assessment).select_related("competency")
    return {each.competency: of_post.get(each.competency, each.level) for each in listed.order_by("competency__order")}


def _urgency(estimate: Estimate | None, competency_pk: int, seed: int) -> tuple[int, float, bytes]:
    chance = hashlib.sha256(f"{seed}:{competency_pk}".encode()).digest()
    if estimate is None:
        return 0, 0.0, chance
    return min(estimate.evidence_count, MIN_EVIDENCE), estimate.measured_at.timestamp(), chance


def seen_items(person: Person, now: datetime) -> frozenset[int]:
    """Return the items (primary keys) that the person met within the last SEEN_DAYS. One query."""
    since = now - timedelta(days=SEEN_DAYS)
    return frozenset(item for (item,) in fetch_all_prepared(_SEEN, {"person": person.pk, "since": since}))


def keys_were_shown(attempts: Iterable[Attempt], now: datetime) -> bool:
    """Whether one of somebody's sittings of a form ended within SEEN_DAYS and may have shown its right answers."""
    since = now - timedelta(days=SEEN_DAYS)
    lately = [each for each in attempts if each.submitted_at and each.submitted_at > since]
    return any(each.form.get("final") or feedback_allowed(each, now) for each in lately)


def _insert(
    person: Person, assessment: Assessment, now: datetime, seed: int, form: dict[str, Any], admission: Admission
) -> Attempt | None:
    """Insert the attempt with what the rules add to its form; None when one is open already."""
    form = dict(form)
    if assessment.seconds_per_question and assessment.mode != Assessment.Mode.SIMULATION:
        form["question_seconds"] = stretch(assessment.seconds_per_question, admission.extra_percent)
    if assessment.feedback == Assessment.Feedback.AFTER_EACH:
        form["final"] = True
    if assessment.pass_share is not None:
        form["pass_share"] = assessment.pass_share
    if admission.larger_text:
        form["larger_text"] = True
    if invigilation_of(assessment) is not None:
        form["room"] = True
    text = json.dumps(form)
    attempt = Attempt(
        person=person,
        assessment=assessment,
        started_at=now,
        deadline=admission.deadline(now, assessment.minutes),
        seed=seed,
        form=json.loads(text),
    )
    values = {
        "id": attempt.pk,
        "person": person.pk,
        "assessment": assessment.pk,
        "now": now,
        "deadline": attempt.deadline,
        "seed": seed,
        "form": text,
    }
    try:
        inserted = run_prepared(_INSERT, values)
    except IntegrityError:  # attempts_allowed: another request of the person was first
        if connection.in_atomic_block or _open_attempt(person, assessment) is None:
            raise
        return None
    if not inserted:
        return None
    attempt._state.adding = False
    attempt._state.db = "default"
    return attempt


def _start_simulation(
    person: Person, assessment: Assessment, now: datetime, seed: int, admission: Admission
) -> Attempt:
    """A simulation is given whole at once, with the parameters in force frozen beside it."""
    if assessment.simulation_id in seen_items(person, now):
        raise AttemptRefused("taken_lately")
    version = ItemVersion.objects.filter(item=assessment.simulation_id, status=ItemVersion.Status.PUBLISHED).first()
    if version is None:
        raise AttemptRefused("nothing_to_ask")
    parameters: dict[str, object] = {}
    for each in ItemParameterSet.objects.filter(version=version).order_by("pk"):
        parameters[str(each.competency_id)] = each.parameters
    required = {each.competency.pk: each.level for each in requirements_of(person, timezone.localdate(now))}
    standards = cuts_in_force([int(pk) for pk in parameters])
    form: dict[str, object] = {
        "competencies": [
            {"pk": pk, "required": required.get(pk), "cuts": each.cuts} for pk, each in sorted(standards.items())
        ],
        "standards": sorted({each.standard_pk for each in standards.values()}),
    }
    with transaction.atomic():
        attempt = _insert(person, assessment, now, seed, form, admission)
        if attempt is None:
            return _started(person, assessment)
        Presentation.objects.create(
            attempt=attempt, position=1, version=version, parameters=parameters, presented_at=now
        )
    return attempt
