"""Applying a reorganisation: all of it in one transaction, once, or nothing."""

import logging
from datetime import date
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from organisation.domain.access import record_audit
from organisation.domain.queries.units import today
from organisation.domain.reorganisations.messages import problem_message, refusal, without_people
from organisation.domain.reorganisations.people import move_people
from organisation.domain.reorganisations.planning import RecordedPlan, plan_reorganisation, unit_keys
from organisation.domain.reorganisations.written import versions_begun
from organisation.domain.units import unit_version, wait_for_units
from organisation.models import Reorganisation, RoleGrant, Succession, Unit, UnitVersion, User
from organisation.reorganising.plan import UnitState
from organisation.signals import reorganised

_LOCK = 0x72656F7267  # "reorg"
_BATCH = 2000
_LOG = logging.getLogger(__name__)


class ReorganisationRefused(Exception):
    """It cannot be done now. The message is for the user; nothing was written."""


def wait_for_turn() -> None:
    """Be the only one to apply or undo a reorganisation until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def apply_reorganisation(reorganisation_pk: int, *, actor: User | None = None) -> bool:
    """Apply an approved reorganisation whose day has come; say whether that happened now.

    Safe to call again: one that is applied already stays as it is, and False comes back. Tells `reorganised` after
    commit. Raises ReorganisationRefused when it is not approved, its day has not come or the organisation no longer
    fits it.
    """
    wait_for_turn()
    reorganisation = Reorganisation.objects.select_for_update(of=["self"]).get(pk=reorganisation_pk)
    if reorganisation.status == Reorganisation.Status.APPLIED:
        return False
    check_can_be_applied(reorganisation)
    wait_for_units()
    recorded = plan_reorganisation(reorganisation)
    if recorded.problems:
        raise ReorganisationRefused(problem_message(without_people(recorded.problems[0])))
    day = reorganisation.in_force
    made = _make_units(recorded, day)
    keys = {**recorded.pks, **made}
    changed = _change_units(recorded, keys, day)
    moved = move_people(recorded, keys, reorganisation.pk, day)
    ended = _end_units(recorded, day)
    _note_successions(recorded, keys, reorganisation)
    grants = _carry_grants(recorded, keys)
    reorganisation.record = {"made": sorted(made.values()), "changed": changed, "ended": ended, "grants": grants}
    reorganisation.record["versions"] = versions_begun([*made.values(), *changed], day)
    reorganisation.status = Reorganisation.Status.APPLIED
    reorganisation.applied_at = timezone.now()
    reorganisation.failure = ""
    reorganisation.save(update_fields=["record", "status", "applied_at", "failure"])
    detail = {"made": len(made), "changed": len(changed), "ended": len(ended), "postings": moved}
    record_audit(actor=actor, action="reorganised", target=str(reorganisation), detail=detail)
    tell_reorganised(reorganisation, [keys[code] for code in recorded.plan.touched])
    return True


def apply_due_reorganisations() -> list[int]:
    """Apply every approved reorganisation whose day has come, earliest first; return those that were applied now.

    One that cannot be applied now keeps waiting, with the reason noted in `failure`; the others go on.
    """
    due = Reorganisation.objects.filter(status=Reorganisation.Status.APPROVED, in_force__lte=today())
    ordered = due.order_by("in_force", "approved_at", "pk").values_list("pk", flat=True)
    return [pk for pk in ordered if apply_or_note(pk)]


def apply_or_note(reorganisation_pk: int) -> bool:
    """Apply a reorganisation as `apply_reorganisation` does; what refuses it is noted in its `failure`.

    So is a transaction that the database gave up, as in a deadlock: the next call tries again.
    """
    try:
        return apply_reorganisation(reorganisation_pk)
    except ReorganisationRefused as refused:
        reason = str(refused)
    except OperationalError:
        _LOG.exception("reorganisation %s was given up", reorganisation_pk)
        reason = refusal("given_up")
    waiting = Reorganisation.objects.filter(pk=reorganisation_pk, status=Reorganisation.Status.APPROVED)
    waiting.update(failure=reason)
    return False


def check_can_be_applied(reorganisation: Reorganisation) -> None:
    """Raise ReorganisationRefused unless it is approved and its day has come."""
    if reorganisation.status != Reorganisation.Status.APPROVED:
        raise ReorganisationRefused(refusal("not_approved"))
    if reorganisation.in_force > today():
        raise ReorganisationRefused(refusal("not_due"))


def tell_reorganised(reorganisation: Reorganisation, unit_pks: list[int]) -> None:
    """Send `reorganised` once the transaction has committed."""
    send = partial(
        reorganised.send,
        sender=Reorganisation,
        reorganisation_id=reorganisation.pk,
        day=reorganisation.in_force,
        unit_ids=sorted(unit_pks),
    )
    transaction.on_commit(send)


def _version(state: UnitState, unit_pk: int, keys: dict[str, int], day: date) -> UnitVersion:
    version = unit_version(
        Unit(pk=unit_pk, code=state.code),
        name_vi=state.name_vi,
        name_en=state.name_en,
        kind=state.kind,
        parent=None,
        valid_from=day,
    )
    version.parent_id = keys[state.parent] if state.parent else None
    return version


def _make_units(recorded: RecordedPlan, day: date) -> dict[str, int]:
    """Make the new units with their versions; a code left over from an undone reorganisation is used again."""
    created = recorded.plan.created
    there = unit_keys(created.keys())
    new = Unit.objects.bulk_create([Unit(code=code) for code in created if code not in there], batch_size=_BATCH)
    made = {**there, **{unit.code: unit.pk for unit in new}}
    keys = {**recorded.pks, **made}
    UnitVersion.objects.bulk_create(
        [_version(state, made[code], keys, day) for code, state in created.items()], batch_size=_BATCH
    )
    return made


def _change_units(recorded: RecordedPlan, keys: dict[str, int], day: date) -> list[int]:
    """End the versions of changed units and begin new ones; return the keys of these units."""
    changed = {keys[code]: state for code, state in recorded.plan.changed.items()}
    _end_versions(list(changed), day)
    UnitVersion.objects.bulk_create(
        [_version(state, pk, keys, day) for pk, state in changed.items()], batch_size=_BATCH
    )
    return sorted(changed)


def _end_units(recorded: RecordedPlan, day: date) -> list[int]:
    ended = sorted(recorded.pks[code] for code in recorded.plan.ended)
    _end_versions(ended, day)
    return ended


def _end_versions(unit_pks: list[int], day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organisation_unitversion SET valid = daterange(lower(valid), %s)"
            " WHERE unit_id = ANY(%s) AND lower(valid) < %s AND upper_inf(valid)",
            [day, unit_pks, day],
        )


def _note_successions(recorded: RecordedPlan, keys: dict[str, int], reorganisation: Reorganisation) -> None:
    rows = []
    scopes = heirs_of_grants(recorded)
    for code, heir in recorded.plan.heirs.items():
        split = recorded.plan.splits.get(code)
        for part in split.parts if split else (heir,):
            rows.append(
                Succession(
                    reorganisation=reorganisation,
                    predecessor_id=keys[code],
                    successor_id=keys[part],
                    is_whole=split is None,
                    is_main=part == heir,
                    carries_scope=part in scopes.get(code, ()),
                )
            )
    Succession.objects.bulk_create(rows, batch_size=_BATCH)


def heirs_of_grants(recorded: RecordedPlan) -> dict[str, tuple[str, ...]]:
    """Return for each ended unit the units that its HR officers answer for afterwards.

    Those of a merged unit get the one it became part of, those of a split one all its parts. A dissolved unit's
    officers get nothing: its people go to a unit that is wider than theirs was.
    """
    found: dict[str, tuple[str, ...]] = {}
    for code in recorded.plan.ended:
        split = recorded.plan.splits.get(code)
        if split:
            found[code] = split.parts
        elif code not in recorded.plan.dissolved:
            found[code] = (recorded.plan.heirs[code],)
    return found


def _carry_grants(recorded: RecordedPlan, keys: dict[str, int]) -> list[int]:
    """Give HR officers of ended units the same over what follows; return the new grants."""
    heirs = {keys[code]: [keys[each] for each in parts] for code, parts in heirs_of_grants(recorded).items()}
    held: dict[tuple[int, int], bool] = {}
    for grant in RoleGrant.objects.filter(role=RoleGrant.Role.HR, unit__in=heirs):
        for unit in heirs[grant.unit_id or 0]:
            at = (grant.user_id, unit)
            held[at] = held.get(at, False) or grant.sees_people
    there: set[Any] = set(
        RoleGrant.objects.filter(role=RoleGrant.Role.HR, unit__in={unit for _, unit in held}).values_list(
            "user_id", "unit_id"
        )
    )
    new = RoleGrant.objects.bulk_create(
        RoleGrant(user_id=user, role=RoleGrant.Role.HR, unit_id=unit, sees_people=sees)
        for (user, unit), sees in sorted(held.items())
        if (user, unit) not in there
    )
    return [grant.pk for grant in new]
