"""Every address against every kind of person. A new route without a row here fails the test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from assessments.api import start_attempt
from assessments.domain.appeals import make_appeal
from assessments.domain.items import publish_new_version
from assessments.domain.marking import take_answer
from assessments.domain.marking_rules import open_marking
from assessments.items.registry import item_type
from assessments.models import (
    Accommodation,
    Appeal,
    Assessment,
    AssessmentSection,
    Attempt,
    CalibrationRun,
    Certificate,
    Item,
    ItemVersion,
    MarkingSeat,
    Presentation,
    Recording,
    Regrade,
    Response,
    SimulationStudy,
    StandardPanel,
    Upload,
)
from competencies.models import Competency
from courses.models import Block, Lesson
from organisation.api import admit_hr_system, draft_reorganisation, issue_token
from organisation.models import AccessToken, AuditEvent, HrSystem, Person, Position, Reorganisation, RoleGrant, User
from reports.api import Asked, Offer, make_plan, save_view
from reports.models import Publication, Publisher, SavedView, TrainingPlan
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory
from tests.lms.routes import route_names

pytestmark = pytest.mark.django_db

ACTORS = ("anonymous", "learner", "other", "trainer", "hr_in", "hr_out", "admin")


@dataclass
class World:
    """A tree of two units, one person of each kind, and records that belong to the learner."""

    users: dict[str, User]
    attempt: Attempt
    simulation: Attempt
    finished: Attempt
    token: AccessToken
    lesson: Lesson
    check: Block
    text: Block
    upload: Upload
    recording: Recording
    seat: MarkingSeat


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Make the world once for all tests of this file; each request's writes are taken back, and in the end all is."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_world()
        yield made
        default_storage.delete(made.upload.stored_name)
        default_storage.delete(made.recording.path)
        transaction.set_rollback(True)


def make_world() -> World:
    call_command("load_content", verbosity=0)
    call_command("load_courses", verbosity=0)
    root = UnitFactory(code="R", kind="province")
    inside, outside = UnitFactory(code="IN", parent=root), UnitFactory(code="OUT", parent=root)
    officer = Position.objects.get(code="one_stop_officer")
    users = {name: UserFactory(username=name) for name in ACTORS[1:]}
    learner = PersonFactory(user=users["learner"])
    PostingFactory(person=learner, unit=inside, position=officer)
    PostingFactory(person=PersonFactory(user=users["other"]), unit=outside, position=officer)
    RoleGrantFactory(user=users["trainer"], role=RoleGrant.Role.TRAINER, unit=None)
    RoleGrantFactory(user=users["admin"], role=RoleGrant.Role.ADMIN, unit=None)
    RoleGrantFactory(user=users["hr_in"], role=RoleGrant.Role.HR, unit=inside, sees_people=True)
    RoleGrantFactory(user=users["hr_out"], role=RoleGrant.Role.HR, unit=outside, sees_people=True)
    issue_token(users["learner"], "mine")
    quiz = Assessment.objects.get(code="digital-ai-quiz")
    measured = Competency.objects.get(code="6.3")
    CalibrationRun.objects.create(competency=measured)
    StandardPanel.objects.create(competency=measured, method="angoff", name="6.3")
    Regrade.objects.create(reason="6.3", corrections=[])
    SimulationStudy.objects.create(assessment=quiz, people=50, correlation=0.6, seed=1)
    make_plan(inside, Asked({"ai_safe_use": Offer(5, 1.0, 0)}), users["hr_in"])
    admit_hr_system("HRM", inside)
    publisher = Publisher.objects.create(name="x", unit=inside, public_key=b"x" * 32)
    taken = Publication.objects.create(publisher=publisher, issued_at=timezone.now(), digest="x")
    taken.units.create(code="X", name_vi="X", name_en="X", order=0, cells={})
    draft_reorganisation(number="1/NQ", title="Sắp xếp", in_force=date(2026, 1, 1), scope=inside)
    save_view(users["hr_in"], inside, "IN", {}, share=True)
    form = Assessment.objects.create(code="fixed", mode="fixed", name_vi="Đề", name_en="Form")
    AssessmentSection.objects.create(assessment=form, order=1, name_vi="Phần", name_en="Part")
    Accommodation.objects.create(
        assessment=form, person=learner, extra_percent=10, reason="x", granted_by=users["trainer"]
    )
    finished = start_attempt(learner, quiz)
    Attempt.objects.filter(pk=finished.pk).update(status="submitted", submitted_at=timezone.now())
    Certificate.objects.create(
        attempt=finished, number="0000-0000-0000", person_name="x", reached={}, awarded_at=timezone.now()
    )
    lesson = Lesson.objects.order_by("order").first()
    assert lesson is not None
    return World(
        users=users,
        attempt=start_attempt(learner, quiz),
        simulation=start_attempt(learner, Assessment.objects.get(code="one-stop-reply")),
        finished=finished,
        token=AccessToken.objects.get(user=users["learner"]),
        lesson=lesson,
        check=lesson.blocks.filter(kind="check")[0],
        text=lesson.blocks.filter(kind="markdown")[0],
        upload=kept_upload(learner),
        recording=kept_recording(),
        seat=answer_in_hand(learner, users["trainer"]),
    )


def answer_in_hand(learner: Person, trainer: User) -> MarkingSeat:
    """A place of the trainer's at an essay that the learner handed in and contests."""
    now = timezone.now()
    marked = Assessment.objects.create(code="marked", mode="fixed", name_vi="Bài viết", name_en="Essay")
    times = {"started_at": now, "deadline": now + timedelta(hours=1), "submitted_at": now, "status": "submitted"}
    attempt = Attempt.objects.create(person=learner, assessment=marked, seed=1, form={"competencies": []}, **times)
    module = item_type("essay")
    content = module.parse_content(module.SAMPLE)
    competency = Competency.objects.get(code="6.3")
    item = Item.objects.create(code="6.3-essay", kind="essay", competency=competency)
    version = publish_new_version(item, content.to_dict(), "0" * 64, {}, level=4, seconds=600)
    given = {"attempt": attempt, "version": version}
    presentation = Presentation.objects.create(
        position=1, competency=competency, parameters={}, presented_at=now, **given
    )
    Response.objects.create(
        key=UUID(int=3), sequence=1, value={"text": "x"}, status="accepted", received_at=now, **given
    )
    make_appeal(attempt, "x", presentation=presentation)
    open_marking(attempt)
    seat = take_answer(trainer, marked)
    assert seat is not None
    return seat


def kept_upload(person: Person) -> Upload:
    """A file of the person's, with its byte."""
    kept = Upload.objects.create(person=person, name="x.txt", content_type="text/plain", size=1, sha256="0" * 64)
    default_storage.save(kept.stored_name, ContentFile(b"x"))
    return kept


def kept_recording() -> Recording:
    """A sound of the bank, with its byte."""
    kept = Recording.objects.create(path="bank/matrix.mp3", content_type="audio/mpeg", size=1, sha256="0" * 64)
    default_storage.save(kept.path, ContentFile(b"x"))
    return kept


def nothing(world: World) -> dict[str, Any]:
    return {}


def attempt(world: World) -> dict[str, Any]:
    return {"attempt_id": world.attempt.pk}


def simulation(world: World) -> dict[str, Any]:
    return {"attempt_id": world.simulation.pk}


def finished(world: World) -> dict[str, Any]:
    return {"attempt_id": world.finished.pk}


def seat(world: World) -> dict[str, Any]:
    return {"seat_id": world.seat.pk}


def file_of_answer(world: World) -> dict[str, Any]:
    return {"task_id": world.seat.task_id, "number": 1}


def contested(world: World) -> dict[str, Any]:
    return {"appeal_id": Appeal.objects.get().pk}


def upload(world: World) -> dict[str, Any]:
    return {"upload_id": world.upload.pk}


def recording(world: World) -> dict[str, Any]:
    return {"path": world.recording.path}


def course(world: World) -> dict[str, Any]:
    return {"code": "ai_safe_use"}


def lesson(world: World) -> dict[str, Any]:
    return {"code": "ai_safe_use", "lesson_code": world.lesson.code}


def check(world: World) -> dict[str, Any]:
    return {**lesson(world), "block_pk": world.check.pk}


def block(world: World) -> dict[str, Any]:
    return {**lesson(world), "block_id": world.text.pk}


def quiz(world: World) -> dict[str, Any]:
    return {"code": "digital-ai-quiz"}


def fixed_form(world: World) -> dict[str, Any]:
    return {"code": "fixed"}


def accommodation(world: World) -> dict[str, Any]:
    return {"code": "fixed", "pk": Accommodation.objects.get().pk}


def certificate(world: World) -> dict[str, Any]:
    return {"number": "0000-0000-0000"}


def section(world: World) -> dict[str, Any]:
    return {"code": "fixed", "pk": AssessmentSection.objects.get().pk}


def item(world: World) -> dict[str, Any]:
    return {"code": ItemVersion.objects.exclude(item__kind="simulation")[0].item.code}


def scenario(world: World) -> dict[str, Any]:
    return {"code": ItemVersion.objects.filter(item__kind="simulation")[0].item.code}


def competency(world: World) -> dict[str, Any]:
    return {"code": "6.3"}


def calibration(world: World) -> dict[str, Any]:
    return {"pk": CalibrationRun.objects.get().pk}


def panel(world: World) -> dict[str, Any]:
    return {"pk": StandardPanel.objects.get().pk}


def trial(world: World) -> dict[str, Any]:
    return {"pk": SimulationStudy.objects.get().pk}


def regrade(world: World) -> dict[str, Any]:
    return {"pk": Regrade.objects.get().pk}


def person(world: World) -> dict[str, Any]:
    return {"code": world.users["learner"].person.employee_code}


def position(world: World) -> dict[str, Any]:
    return {"code": "one_stop_officer"}


def unit(world: World) -> dict[str, Any]:
    return {"code": "IN"}


def saved_view(world: World) -> dict[str, Any]:
    return {"pk": SavedView.objects.get(name="IN").pk}


def training_plan(world: World) -> dict[str, Any]:
    return {"pk": TrainingPlan.objects.get().pk}


def reorganisation(world: World) -> dict[str, Any]:
    return {"pk": Reorganisation.objects.get(number="1/NQ").pk}


def reorganisation_step(world: World) -> dict[str, Any]:
    return {**reorganisation(world), "step": 1}


def people_going(world: World) -> dict[str, Any]:
    return {**reorganisation(world), "code": "IN"}


def step_kind(world: World) -> dict[str, Any]:
    return {**reorganisation(world), "kind": "merge"}


def hr_system(world: World) -> dict[str, Any]:
    return {"pk": HrSystem.objects.get().pk}


def publisher(world: World) -> dict[str, Any]:
    return {"pk": Publisher.objects.get().pk}


def discard(world: World) -> dict[str, Any]:
    return {"action": "discard"}


def token(world: World) -> dict[str, Any]:
    return {"token_id": world.token.pk}


def place(world: World) -> dict[str, Any]:
    return {"block": world.text.pk}


def response(world: World) -> dict[str, Any]:
    return {"key": str(UUID(int=2)), "sequence": 1, "version": 1, "value": {"choice": "x"}}


def action(world: World) -> dict[str, Any]:
    return {"key": str(UUID(int=2)), "sequence": 1, "action": "go_case", "params": {}}


def new_attempt(world: World) -> dict[str, Any]:
    return {"assessment": "digital-ai-quiz"}


def language(world: World) -> dict[str, Any]:
    return {"language": "en"}


def theme(world: World) -> dict[str, Any]:
    return {"theme": "dark"}


def token_name(world: World) -> dict[str, Any]:
    return {"name": "x"}


def unknown_file(world: World) -> dict[str, Any]:
    return {"key": UUID(int=1)}


def key(world: World) -> dict[str, Any]:
    return {"uidb36": "x", "key": "y"}


@dataclass(frozen=True)
class Row:
    """How to ask, and what each actor of ACTORS is answered: ok, login, 401, 403 or 404."""

    expected: str
    arguments: Callable[[World], dict[str, Any]] = nothing
    method: str = "get"
    query: str = ""
    data: Callable[[World], dict[str, Any]] = nothing


EVERYBODY = "ok ok ok ok ok ok ok"
SIGNED_IN = "login ok ok ok ok ok ok"
LEARNERS = "login ok ok 404 404 404 404"
OWNER = "login ok 404 404 404 404 404"
TRAINERS = "login 404 404 ok 404 404 ok"
HR = "login 404 404 404 ok ok ok"
ADMINS = "login 404 404 404 404 404 ok"
HR_IN_SCOPE = "login 404 404 404 ok 404 ok"
HR_WITH_PEOPLE = "login 404 404 404 ok 404 403"
API_OWNER = "401 ok 404 403 403 403 403"
API_LEARNERS = "401 ok ok 403 403 403 403"

MATRIX: dict[str, Row] = {
    # --- account
    "account_login": Row(EVERYBODY),
    "account_logout": Row(SIGNED_IN),
    "account_signup": Row(EVERYBODY),
    "account_inactive": Row(EVERYBODY),
    "account_reset_password": Row(EVERYBODY),
    "account_reset_password_done": Row(EVERYBODY),
    "account_reset_password_from_key": Row(EVERYBODY, key),
    "account_reset_password_from_key_done": Row(EVERYBODY),
    "account_change_password": Row(SIGNED_IN),
    "account_reauthenticate": Row(SIGNED_IN),
    "account_profile": Row(SIGNED_IN),
    "account_choose_language": Row(SIGNED_IN, method="post", data=language),
    "account_create_token": Row(SIGNED_IN, method="post", data=token_name),
    "account_revoke_token": Row(OWNER, token, "post"),
    "set_language": Row(EVERYBODY, method="post", data=language),
    "design:index": Row(EVERYBODY),
    "design:error": Row(EVERYBODY, lambda world: {"code": 404}),
    "design:theme": Row(EVERYBODY, method="post", data=theme),
    # --- learn
    "home": Row(SIGNED_IN),
    # Whoever has the number may read the certificate, signed in or not.
    "certificate-check": Row(EVERYBODY),
    "certificate": Row(EVERYBODY, certificate),
    "learn:catalogue": Row(LEARNERS),
    "learn:course": Row(LEARNERS, course),
    "learn:lesson": Row(LEARNERS, lesson),
    "learn:keep-place": Row(LEARNERS, lesson, "post", data=place),
    "learn:complete": Row(LEARNERS, lesson, "post"),
    "learn:answer": Row(LEARNERS, check, "post"),
    "learn:assessment": Row(LEARNERS, quiz),
    "learn:attempt": Row(OWNER, attempt),
    "learn:respond": Row(OWNER, attempt, "post"),
    "learn:pulse": Row(OWNER, attempt),
    "learn:begin-section": Row(OWNER, attempt, "post"),
    "learn:save-page": Row(OWNER, attempt, "post"),
    "learn:check": Row(OWNER, attempt),
    "learn:feedback": Row(OWNER, lambda world: {**attempt(world), "position": 1}),
    "learn:submit": Row(OWNER, attempt, "post"),
    "learn:simulation": Row(OWNER, simulation),
    "learn:act": Row(OWNER, simulation, "post"),
    "learn:result": Row(OWNER, finished),
    "learn:appeal": Row(OWNER, finished),
    # A file is its owner's alone, and a picture that is not there is nobody's.
    "learn:upload": Row("login ok 404 404 404 404 404", upload),
    "learn:picture": Row("login 404 404 404 404 404 404", lambda world: {"path": "bank/none.png"}),
    # One that is there is shown to whoever is signed in, as a picture is.
    "learn:recording": Row("login ok ok ok ok ok ok", recording),
    # --- author
    "author:home": Row(TRAINERS),
    "author:items": Row(TRAINERS),
    "author:gallery": Row(TRAINERS),
    "author:item-new": Row(TRAINERS),
    "author:gallery-kind": Row(TRAINERS, lambda world: {"kind": "cloze"}),
    "author:item": Row(TRAINERS, item),
    "author:item-edit": Row(TRAINERS, item),
    "author:item-preview": Row(TRAINERS, item),
    "author:item-publish": Row(TRAINERS, item, "post"),
    "author:item-discard": Row(TRAINERS, item, "post"),
    "author:item-retire": Row(TRAINERS, item, "post"),
    "author:simulation": Row(TRAINERS, scenario),
    "author:simulation-play": Row(TRAINERS, scenario),
    "author:course-effort": Row(TRAINERS, course),
    "author:course": Row(TRAINERS, course),
    "author:lesson": Row(TRAINERS, lesson),
    "author:block-edit": Row(TRAINERS, block),
    "author:sittings": Row(TRAINERS, quiz),
    "author:choices": Row(TRAINERS, finished),
    # --- author: assessments
    "author:assessment-new": Row(TRAINERS),
    "author:assessment": Row(TRAINERS, quiz),
    "author:assessment-open": Row(TRAINERS, quiz, "post", data=lambda world: {"action": "close"}),
    "author:assessment-settings": Row(TRAINERS, quiz),
    "author:assessment-audience": Row(TRAINERS, quiz),
    "author:assessment-accommodations": Row(TRAINERS, quiz),
    "author:accommodation-withdraw": Row(TRAINERS, accommodation, "post"),
    "author:assessment-invigilation": Row(TRAINERS, quiz),
    "author:assessment-live": Row(TRAINERS, quiz),
    "author:section-new": Row(TRAINERS, fixed_form),
    "author:section": Row(TRAINERS, section),
    # --- author: measurement
    "author:measurement": Row(TRAINERS),
    "author:calibrations": Row(TRAINERS),
    "author:calibration": Row(TRAINERS, calibration),
    "author:item-import": Row(TRAINERS),
    # A file is its sender's alone; whoever did not send it is led to the form.
    "author:item-import-check": Row(TRAINERS, unknown_file),
    "author:item-template": Row(TRAINERS),
    "author:marking": Row(TRAINERS),
    "author:marking-assessment": Row(TRAINERS, quiz),
    "author:marking-next": Row(TRAINERS, quiz, "post"),
    # An answer is shown to the marker who has it in hand alone, and has no file where it is a text.
    "author:marking-answer": Row("login 404 404 ok 404 404 404", seat),
    "author:marking-file": Row("login 404 404 404 404 404 404", file_of_answer),
    "author:marking-appeal": Row(TRAINERS, contested),
    "author:item-export": Row(TRAINERS, query="?competency=6.3"),
    "author:item-tag": Row(TRAINERS, method="post"),
    "author:item-review": Row(TRAINERS, item, "post"),
    "author:item-return": Row(TRAINERS, item, "post"),
    "author:item-comment": Row(TRAINERS, item, "post", data=lambda world: {"version": "1", "text": "x"}),
    "author:item-compare": Row(TRAINERS, item),
    "author:calibration-publish": Row(TRAINERS, calibration, "post"),
    "author:calibration-discard": Row(TRAINERS, calibration, "post"),
    "author:calibration-continue": Row(TRAINERS, calibration, "post"),
    "author:health": Row(TRAINERS),
    "author:health-measure": Row(TRAINERS, method="post"),
    "author:item-health": Row(TRAINERS, item),
    "author:standards": Row(TRAINERS),
    "author:panel-new": Row(TRAINERS, query="?competency=6.3"),
    "author:panel": Row(TRAINERS, panel),
    "author:panel-template": Row(TRAINERS, panel),
    "author:panel-round": Row(TRAINERS, panel, "post"),
    "author:panel-publish": Row(TRAINERS, panel, "post"),
    "author:panel-close": Row(TRAINERS, panel, "post"),
    "author:assessment-quality": Row(TRAINERS, quiz),
    "author:study-start": Row(TRAINERS, quiz, "post"),
    "author:assessment-rules": Row(TRAINERS, quiz),
    "author:item-rules": Row(TRAINERS, item),
    "author:item-void": Row(TRAINERS, item),
    "author:item-key": Row(TRAINERS, item),
    "author:regrade": Row(TRAINERS, regrade),
    "author:regrade-publish": Row(TRAINERS, regrade, "post"),
    "author:study": Row(TRAINERS, trial),
    "author:study-continue": Row(TRAINERS, trial, "post"),
    # --- framework
    "author:framework": Row(SIGNED_IN),
    "author:positions": Row(SIGNED_IN),
    "author:competency": Row(SIGNED_IN, competency),
    # --- HR
    "hr:home": Row(HR),
    "hr:unit": Row(HR_IN_SCOPE, unit),
    "hr:export": Row(HR_IN_SCOPE, unit),
    "hr:export-csv": Row(HR_IN_SCOPE, unit),
    "hr:export-pdf": Row(HR_IN_SCOPE, unit),
    "hr:exports": Row(HR),
    "hr:export-start": Row(HR_IN_SCOPE, unit, "post"),
    # A workbook is its maker's alone.
    "hr:export-file": Row("login 404 404 404 404 404 404", unknown_file),
    "hr:published": Row(HR_IN_SCOPE, unit),
    "hr:mail-start": Row(HR_IN_SCOPE, unit, "post"),
    "hr:mail-open": Row("login 404 404 404 404 404 404", unknown_file),
    # Ending e-mails needs their key alone, and tells nothing.
    "hr:mail-stop": Row(EVERYBODY, unknown_file),
    "hr:people": Row("login 404 404 404 ok 404 404", unit, query="?competency=6.3"),
    "hr:people-gap": Row("login 404 404 404 ok 404 404", unit, query="?age=under_35"),
    "hr:serving": Row("login 404 404 404 ok 404 404", unit),
    "hr:import": Row(HR),
    "hr:import-template": Row(HR),
    # A file is its sender's alone; whoever did not send it is led to the upload page.
    "hr:import-check": Row(HR, unknown_file),
    "hr:import-problems": Row("login 404 404 404 404 404 404", unknown_file),
    "hr:search": Row(HR),
    "hr:person": Row("login 404 404 404 ok 404 404", person),
    # What is not there is not there for those in scope either; the others do not learn so much.
    "hr:postings": Row("login 404 404 404 ok 404 404", person),
    "hr:posting-change": Row("login 404 404 404 ok 404 404", lambda world: {**person(world), "act": "move"}),
    "hr:posting-act": Row(
        "login 404 404 404 ok 404 404",
        lambda world: {**person(world), "act": "end", "pk": world.users["learner"].person.postings.get().pk},
    ),
    "hr:profiles": Row(HR),
    "hr:profiles-export": Row(HR),
    "hr:profiles-import": Row("login 404 404 404 404 404 ok"),
    "hr:profiles-check": Row("login 404 404 404 404 404 ok", unknown_file),
    "hr:profile": Row(HR, position),
    "hr:profile-new": Row("login 404 404 404 404 404 ok", position),
    "hr:profile-withdraw": Row(
        "login 404 404 404 404 404 404", lambda world: {**position(world), "pk": 2**31 - 1}, "post"
    ),
    "hr:override-end": Row("login 404 404 404 404 404 404", lambda world: {**person(world), "pk": 2**31 - 1}, "post"),
    # A plan is for those who may see people; an account that sees the unit alone is told so.
    "hr:plans": Row(HR_WITH_PEOPLE, unit),
    "hr:plan-new": Row(HR_WITH_PEOPLE, unit),
    "hr:plan": Row(HR_WITH_PEOPLE, training_plan),
    "hr:plan-edit": Row(HR_WITH_PEOPLE, training_plan),
    "hr:plan-discard": Row(HR_WITH_PEOPLE, training_plan, "post"),
    "hr:plan-export": Row(HR_WITH_PEOPLE, training_plan),
    "hr:plan-enrol": Row("login 404 404 404 404 404 403", lambda world: {**training_plan(world), "line": 0}),
    "hr:plan-ask": Row(HR_WITH_PEOPLE, training_plan, "post"),
    # A request that is not there is not there for those in scope either.
    "hr:plan-request": Row("login 404 404 404 404 404 403", lambda world: {**training_plan(world), "number": 1}),
    "hr:reorganisations": Row(HR),
    "hr:reorganisation-new": Row(HR),
    "hr:reform-file": Row(HR),
    # A table is its sender's alone; whoever did not send it is led to the upload page.
    "hr:reform-check": Row(HR, unknown_file),
    "hr:reorganisation": Row(HR_IN_SCOPE, reorganisation),
    "hr:reorganisation-edit": Row(HR_IN_SCOPE, reorganisation),
    "hr:reorganisation-step": Row(HR_IN_SCOPE, step_kind),
    "hr:reorganisation-step-remove": Row(HR_IN_SCOPE, reorganisation_step, "post"),
    "hr:reorganisation-people": Row("login 404 404 404 ok 404 404", people_going),
    "hr:reorganisation-act": Row(HR_IN_SCOPE, reorganisation, "post", data=discard),
    "hr:compare": Row(HR_IN_SCOPE, unit, query="?with=IN"),
    "hr:view-save": Row(HR_IN_SCOPE, unit, "post", data=lambda world: {"name": "x"}),
    # One that HR of IN shares: found by HR of the unit and above, changed by its owner alone.
    "hr:view": Row(HR_IN_SCOPE, saved_view),
    "hr:view-act": Row("login 404 404 404 ok 404 404", saved_view, "post", data=lambda world: {"action": "keep"}),
    "hr:systems": Row(ADMINS),
    "hr:system": Row(ADMINS, hr_system),
    "hr:publishing": Row(ADMINS),
    # A signed file is its maker's alone.
    "hr:publication-file": Row("login 404 404 404 404 404 404", unknown_file),
    "hr:publishers": Row(ADMINS),
    "hr:publisher": Row(ADMINS, publisher),
    "hr:publication-check": Row(ADMINS, unknown_file),
    # --- REST
    "api-units": Row("401 ok ok ok ok ok ok"),
    "api-competencies": Row("401 ok ok ok ok ok ok"),
    "api-gaps": Row("401 403 403 403 ok 404 ok", query="?unit=IN"),
    "api-my-estimates": Row(API_LEARNERS),
    "api-attempts": Row(API_LEARNERS, method="post", data=new_attempt),
    "api-attempt": Row(API_OWNER, attempt),
    "api-attempt-next": Row(API_OWNER, attempt),
    "api-attempt-responses": Row(API_OWNER, attempt, "post", data=response),
    "api-attempt-submit": Row(API_OWNER, attempt, "post"),
    "api-attempt-simulation": Row(API_OWNER, simulation),
    "api-attempt-actions": Row(API_OWNER, simulation, "post", data=action),
    "api-schema": Row("401 ok ok ok ok ok ok"),
    # --- SCIM: an HR system's token alone opens it, no account does. Scope within it: tests/organisation/test_scim.py
    "scim-root": Row("401 401 401 401 401 401 401"),
    "scim": Row("401 401 401 401 401 401 401", lambda world: {"rest": "Users"}),
    "health-live": Row(EVERYBODY),
    "health-ready": Row(EVERYBODY),
}


def answer(client: Client, name: str, row: Row, world: World) -> str:
    """Ask once, take back what it wrote, and return the class of the answer."""
    path = reverse(name, kwargs=row.arguments(world)) + row.query
    with transaction.atomic():
        if row.method == "get":
            response = client.get(path)
        elif name.startswith("api-"):
            response = client.post(path, row.data(world), content_type="application/json")
        else:
            response = client.post(path, row.data(world))
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith("/account/login/"):
        return "login"
    if response.status_code in (401, 403, 404):
        return str(response.status_code)
    assert response.status_code != 405, f"{name}: {row.method} is not how to ask"
    assert response.status_code < 500 or name == "health-ready", f"{name}: {response.status_code}"
    return "ok"


def test_every_route_has_a_row() -> None:
    assert sorted(MATRIX) == route_names()


def test_every_answer_is_as_the_matrix_says(world: World) -> None:
    clients = {name: Client() for name in ACTORS}
    for name, user in world.users.items():
        clients[name].force_login(user)
    wrong = []
    for name, row in MATRIX.items():
        expected = dict(zip(ACTORS, row.expected.split(), strict=True))
        actual = {actor: answer(clients[actor], name, row, world) for actor in ACTORS}
        if actual != expected:
            wrong.append(f"{name}: {' '.join(actual.values())}, expected {row.expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("actor", "name", "arguments", "query"),
    [
        ("other", "learn:attempt", attempt, ""),
        ("other", "api-attempt", attempt, ""),
        ("hr_out", "hr:unit", unit, ""),
        ("hr_out", "api-gaps", nothing, "?unit=IN"),
    ],
)
def test_a_refusal_leaves_an_audit_row(
    world: World, actor: str, name: str, arguments: Callable[[World], dict[str, Any]], query: str
) -> None:
    client = Client()
    client.force_login(world.users[actor])
    assert client.get(reverse(name, kwargs=arguments(world)) + query).status_code == 404
    event = AuditEvent.objects.latest("pk")
    assert (event.actor, event.action, event.address) == (world.users[actor], "refused", "127.0.0.1")
    assert event.detail["path"] == reverse(name, kwargs=arguments(world))
