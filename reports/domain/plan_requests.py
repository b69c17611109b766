"""Enrolling people by a plan: one person asks, a second one approves or refuses."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from organisation.api import accounts_answering_for, people_seen_among, record_audit, today
from organisation.models import UnitVersion, User
from reports.domain.people import PersonBehind
from reports.domain.plan_enrolment import NotProposed, enrol_people, places_left, propose_people, proposed_among
from reports.domain.plan_places import sees_people_of_all, units_left_by, units_now
from reports.domain.plan_values import Asked, Offer, PlanLine, PlanResult
from reports.models import EnrolmentRequest, TrainingPlan

Status = EnrolmentRequest.Status


class RequestRefused(Exception):
    """It cannot be done. reason: own, other (is another's), decided, changed, nobody,
    no_reason or open."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class LineBecomes:
    """What approving would do by one line. people: who would be enrolled; units: unit's name -> how many of them.

    left_out: codes of those who are in the course by now, or not proposed any more. hours, cost: of all of them.
    """

    place: int
    line: PlanLine
    people: Sequence[PersonBehind]
    left_out: Sequence[str]
    units: Mapping[str, int]
    hours: float
    cost: int


@transaction.atomic
def ask_to_enrol(plan: TrainingPlan, people: Mapping[int, Collection[str]], actor: User) -> EnrolmentRequest:
    """Ask that people be enrolled, by place of the plan's lines; until it is decided nothing else can be asked.

    NotProposed when one of them is not proposed (any more), there are more than places left, or nobody is named.
    RequestRefused (open) while another request of the plan waits.
    """
    locked = TrainingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if locked.requests.filter(status=Status.ASKED).exists():
        raise RequestRefused("open")
    named = {place: sorted(set(codes)) for place, codes in people.items() if codes}
    if not named:
        raise NotProposed([])
    for place, codes in named.items():
        proposed = set(proposed_among(locked, place, codes))
        if not set(codes) <= proposed or len(codes) > places_left(locked, place):
            raise NotProposed(sorted(set(codes) - proposed))
    kept = {str(place): codes for place, codes in sorted(named.items())}
    made = EnrolmentRequest.objects.create(plan=locked, people=kept, asked_by=actor)
    _note(made, "enrolment_asked", actor, people=sum(map(len, kept.values())))
    return made


def likely_people(plan: TrainingPlan) -> dict[int, list[str]]:
    """Return for each line the people that it proposes and who are likelier below their requirement than not.

    Somebody whom two lines of one course propose is named once.
    """
    named: dict[int, list[str]] = {}
    taken: set[tuple[int, str]] = set()
    for place, line in enumerate(PlanResult.from_json(plan.result).lines):
        likely = [each.person.employee_code for each in propose_people(plan, place) if each.is_likely]
        named[place] = [code for code in likely if (line.course.pk, code) not in taken]
        taken |= {(line.course.pk, code) for code in likely}
    return named


def describe_request(request: EnrolmentRequest) -> list[LineBecomes]:
    """Return what approving an open request would do as things stand now, line by line."""
    plan = request.plan
    lines, offers = PlanResult.from_json(plan.result).lines, Asked.from_json(plan.asked).courses
    return [
        _become(plan, int(place), lines[int(place)], codes, offers[lines[int(place)].course.code])
        for place, codes in request.people.items()
    ]


def _become(plan: TrainingPlan, place: int, line: PlanLine, codes: Collection[str], offer: Offer) -> LineBecomes:
    proposed = proposed_among(plan, place, codes)
    people = [proposed[code] for code in codes if code in proposed][: places_left(plan, place)]
    units = Counter(str(each.unit.name) for each in people)
    left_out = sorted(set(codes) - {each.employee_code for each in people})
    count = len(people)
    return LineBecomes(place, line, people, left_out, dict(units), count * offer.hours, count * offer.cost)


def mark_shown(request: EnrolmentRequest, becomes: Iterable[LineBecomes]) -> str:
    """Return which of the request's people would be enrolled, a bit each after a leading one, in hexadecimal digits."""
    there = {(each.place, person.employee_code) for each in becomes for person in each.people}
    return f"{int('1' + ''.join('1' if each in there else '0' for each in _people_of(request)), 2):x}"


def _unmark_shown(request: EnrolmentRequest, marks: str) -> set[tuple[int, str]]:
    """Return whom `mark_shown` marked, by place; nobody for marks that are not of this request."""
    people = _people_of(request)
    if len(marks) != len(people) // 4 + 1 or not re.fullmatch(r"[0-9a-f]+", marks):
        return set()
    bits = f"{int(marks, 16):b}"
    return {each for each, bit in zip(people, bits[1:], strict=False) if bit == "1" and len(bits) == len(people) + 1}


def _people_of(request: EnrolmentRequest) -> list[tuple[int, str]]:
    return [(int(place), code) for place, codes in request.people.items() for code in codes]


@transaction.atomic
def approve_request(request: EnrolmentRequest, actor: User, shown: str) -> tuple[int, int]:
    """Enrol the people of a request, as a second person; return how many were enrolled, and how many shown were not.

    shown: `mark_shown` of what the approver was shown. Who of them is enrolled already or not proposed any more is
    left out. RequestRefused when it was decided already, is the actor's own, or would enrol nobody or somebody else
    than was shown. CourseClosed when a course has been closed: then nothing happens.
    """
    held = _lock(request, actor)
    becomes = describe_request(held)
    known = _unmark_shown(held, shown)
    coming = {(each.place, person.employee_code) for each in becomes for person in each.people}
    if not coming <= known:
        raise RequestRefused("changed")
    if not coming:
        raise RequestRefused("nobody")
    enrolled = 0
    for each in becomes:
        codes = [person.employee_code for person in each.people]
        if codes:
            enrolled += enrol_people(held.plan, each.place, codes, actor, proposed=codes)
    _decide(held, Status.APPROVED, actor, enrolled=enrolled)
    return enrolled, len(known) - enrolled


@transaction.atomic
def refuse_request(request: EnrolmentRequest, actor: User, reason: str) -> None:
    """Refuse a request as a second person, with a reason. RequestRefused as `approve_request`, and without a reason."""
    held = _lock(request, actor)
    if not reason.strip():
        raise RequestRefused("no_reason")
    _decide(held, Status.REFUSED, actor, reason=reason.strip())


@transaction.atomic
def withdraw_request(request: EnrolmentRequest, actor: User) -> None:
    """Take back one's own request. RequestRefused when it was decided already, or is another's."""
    held = _lock(request, None)
    if held.asked_by_id != actor.pk:
        raise RequestRefused("other")
    _decide(held, Status.WITHDRAWN, actor)


def requests_waiting_for(user: User) -> list[EnrolmentRequest]:
    """Return the open requests of others that the account may decide, oldest first.

    One query, and a few for each plan whose unit has ended: what took its place answers for it.
    """
    waiting = EnrolmentRequest.objects.filter(status=Status.ASKED).exclude(asked_by=user)
    seen = people_seen_among(user, waiting.order_by().values("plan__unit"), today())
    here = Exists(UnitVersion.objects.filter(unit=OuterRef("plan__unit"), valid__contains=today()))
    found = waiting.annotate(is_here=here).filter(Q(plan__unit__in=seen) | Q(is_here=False))
    found = found.select_related("plan__unit", "asked_by__person").order_by("pk")
    return [each for each in found if each.is_here or _follow(each.plan, user)]


def _follow(plan: TrainingPlan, user: User) -> bool:
    """Give a plan, here alone, the unit that took the place of its own or answers for it; say whether the account sees
    the people of all that do."""
    units = units_now(plan.unit_id) or units_left_by(plan.unit_id)
    plan.unit = units[0] if units else plan.unit
    return sees_people_of_all(user, units)


def approvers_of(plan: TrainingPlan, asker: User) -> list[User]:
    """Return the other accounts that may decide a request of the plan, in the order of their names."""
    units = units_now(plan.unit_id)
    accounts = accounts_answering_for(units[0]) if units else []
    return [each for each in accounts if each.pk != asker.pk and sees_people_of_all(each, units)]


def _lock(request: EnrolmentRequest, decider: User | None) -> EnrolmentRequest:
    """Hold the plan, then the request, as asking does; refuse one that was decided, or that is the decider's own."""
    plan = TrainingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=request.plan_id)
    held = EnrolmentRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    held.plan = plan
    if held.status != Status.ASKED:
        raise RequestRefused("decided")
    if decider is not None and held.asked_by_id == decider.pk:
        raise RequestRefused("own")
    return held


def _decide(held: EnrolmentRequest, status: str, actor: User, *, enrolled: int = 0, reason: str = "") -> None:
    held.status, held.decided_by, held.decided_at = status, actor, timezone.now()
    held.enrolled, held.reason = enrolled, reason
    held.save(update_fields=["status", "decided_by", "decided_at", "enrolled", "reason"])
    said = {"reason": reason} if reason else {"enrolled": enrolled}
    _note(held, f"enrolment_{status}", actor, asked_by=held.asked_by_id, **said)


def _note(request: EnrolmentRequest, action: str, actor: User, **detail: object) -> None:
    unit = request.plan.unit.code
    detail = {"plan": request.plan_id, "request": request.pk, **detail}
    record_audit(actor=actor, action=action, target=f"training of unit {unit}", detail=detail)
