"""Drafting a reorganisation, and the second person's approval."""

import hashlib
import json
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from organisation.domain.access import accounts_answering_for, administrators, can_see_unit, record_audit, roles_of
from organisation.domain.names import normalise_text, person_sort_key
from organisation.domain.reorganisations.applying import ReorganisationRefused
from organisation.domain.reorganisations.messages import problem_message, reason_message, refusal, without_people
from organisation.domain.reorganisations.planning import plan_reorganisation
from organisation.models import Reorganisation, ReorganisationStep, Unit, User
from organisation.reorganising.steps import Step, StepInvalid, parse_step, step_content, step_kind

_BATCH = 2000


def draft_reorganisation(
    *, number: str, title: str, in_force: date, note: str = "", scope: Unit | None = None, author: User | None = None
) -> Reorganisation:
    """Make a draft without steps. scope: the unit inside which it stays, None for the whole organisation."""
    return Reorganisation.objects.create(
        number=normalise_text(number),
        title=normalise_text(title),
        in_force=in_force,
        note=note.strip(),
        scope=scope,
        author=author,
    )


def describe_reorganisation(
    reorganisation: Reorganisation, *, number: str, title: str, in_force: date, note: str, editor: User
) -> None:
    """Change what a draft says of itself; the editor can then not approve it.

    Raises ReorganisationRefused when it is no draft.
    """
    with transaction.atomic():
        draft = _lock_draft(reorganisation)
        draft.number, draft.title = normalise_text(number), normalise_text(title)
        draft.in_force, draft.note = in_force, note.strip()
        draft.save(update_fields=["number", "title", "in_force", "note"])
        draft.editors.add(editor)
    reorganisation.refresh_from_db()


@transaction.atomic
def add_steps(reorganisation: Reorganisation, steps: list[Step], *, editor: User | None = None) -> None:
    """Put steps at the end of a draft. editor: who can then not approve it; None for the author or a command.

    Raises ReorganisationRefused when it is no draft, ValidationError for a step that does not say what it must.
    """
    _lock_draft(reorganisation)
    last = reorganisation.steps.aggregate(last=Max("order"))["last"] or 0
    rows = []
    for order, step in enumerate(steps, start=last + 1):
        kind, content = step_kind(step), step_content(step)
        try:
            parse_step(kind, content)
        except StepInvalid as invalid:
            raise ValidationError(reason_message(invalid.reason, invalid.values)) from None
        rows.append(ReorganisationStep(reorganisation=reorganisation, order=order, kind=kind, content=content))
    ReorganisationStep.objects.bulk_create(rows, batch_size=_BATCH)
    if editor:
        reorganisation.editors.add(editor)


@transaction.atomic
def remove_step(reorganisation: Reorganisation, step_pk: int, *, editor: User | None = None) -> None:
    """Take a step out of a draft; editor as `add_steps` has it. Raises ReorganisationRefused when it is no draft."""
    _lock_draft(reorganisation)
    reorganisation.steps.filter(pk=step_pk).delete()
    if editor:
        reorganisation.editors.add(editor)


@transaction.atomic
def discard_draft(reorganisation: Reorganisation) -> None:
    """Remove a draft with its steps. Raises ReorganisationRefused when it is no draft."""
    _lock_draft(reorganisation).delete()


@transaction.atomic
def approve_reorganisation(
    reorganisation: Reorganisation, approver: User, *, seen: str | None = None, names_people: bool = True
) -> None:
    """Approve a draft that can be applied as things stand. The approver has neither drafted nor changed it.

    seen: the `content_digest` of what the approver read; None where nothing was read. names_people: problems may
    name single employees.
    Raises ReorganisationRefused with the first problem in words.
    """
    draft = _lock_draft(reorganisation)
    if not may_approve(draft, approver):
        raise ReorganisationRefused(refusal("own_draft"))
    if seen is not None and seen != content_digest(draft):
        raise ReorganisationRefused(refusal("changed_since"))
    if problems := plan_reorganisation(draft).problems:
        problem = problems[0] if names_people else without_people(problems[0])
        raise ReorganisationRefused(problem_message(problem))
    draft.status = Reorganisation.Status.APPROVED
    draft.approved_by, draft.approved_at = approver, timezone.now()
    draft.save(update_fields=["status", "approved_by", "approved_at"])
    record_audit(actor=approver, action="approved", target=str(draft))
    reorganisation.refresh_from_db()


@transaction.atomic
def withdraw_approval(reorganisation: Reorganisation, actor: User) -> None:
    """Make an approved reorganisation a draft again. Raises ReorganisationRefused when it is not approved."""
    held = Reorganisation.objects.select_for_update(of=["self"]).get(pk=reorganisation.pk)
    if held.status != Reorganisation.Status.APPROVED:
        raise ReorganisationRefused(refusal("not_approved"))
    held.status = Reorganisation.Status.DRAFT
    held.approved_by = held.approved_at = None
    held.failure = ""
    held.save(update_fields=["status", "approved_by", "approved_at", "failure"])
    record_audit(actor=actor, action="withdrawn", target=str(held))
    reorganisation.refresh_from_db()


def may_approve(reorganisation: Reorganisation, user: User) -> bool:
    """Say whether the account is a second person: it neither drafted nor changed it."""
    return reorganisation.author_id != user.pk and not reorganisation.editors.filter(pk=user.pk).exists()


def approvers_of_draft(reorganisation: Reorganisation) -> list[User]:
    """Return the accounts that may approve a draft as a second person, in the order of their names."""
    scope = reorganisation.scope
    held = {each.pk: each for each in (*administrators(), *(accounts_answering_for(scope) if scope else ()))}
    taken = {reorganisation.author_id, *reorganisation.editors.values_list("pk", flat=True)}
    found = [each for pk, each in held.items() if pk not in taken]
    return sorted(found, key=lambda each: (person_sort_key(each.shown_name), each.pk))


def drafts_waiting_for(user: User) -> list[Reorganisation]:
    """Return the drafts of others that have steps and that the account may approve, the first to be in force first."""
    steps = ReorganisationStep.objects.filter(reorganisation=OuterRef("pk"))
    drafts = Reorganisation.objects.filter(Exists(steps), status=Reorganisation.Status.DRAFT)
    others = drafts.exclude(author=user).exclude(editors=user).defer("record")
    is_admin = "admin" in roles_of(user)
    scopes = {scope.pk: scope for scope in Unit.objects.filter(pk__in=others.order_by().values("scope"))}
    seen = {pk for pk, scope in scopes.items() if is_admin or can_see_unit(user, scope)}
    found = others.select_related("scope", "author__person").order_by("in_force", "pk")
    return [each for each in found if is_admin or each.scope_id in seen]


def content_digest(reorganisation: Reorganisation) -> str:
    """Return a digest of all that an approval approves: what the draft says of itself, its scope and its steps."""
    said = [reorganisation.number, reorganisation.title, str(reorganisation.in_force), reorganisation.note]
    steps = list(reorganisation.steps.order_by("order").values_list("kind", "content"))
    text = json.dumps([*said, reorganisation.scope_id, steps], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _lock_draft(reorganisation: Reorganisation) -> Reorganisation:
    held = Reorganisation.objects.select_for_update(of=["self"]).get(pk=reorganisation.pk)
    if held.status != Reorganisation.Status.DRAFT:
        raise ReorganisationRefused(refusal("not_a_draft"))
    return held
