"""Taking an applied reorganisation back, as long as nothing builds on it."""

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from organisation.domain.access import record_audit
from organisation.domain.queries.units import today
from organisation.domain.reorganisations.applying import ReorganisationRefused, tell_reorganised, wait_for_turn
from organisation.domain.reorganisations.messages import refusal
from organisation.domain.reorganisations.people import REMEMBER, history_by_statement, wait_for_postings
from organisation.domain.reorganisations.planning import read_steps
from organisation.domain.reorganisations.written import versions_begun
from organisation.domain.units import wait_for_units
from organisation.models import HrSystem, Posting, Reorganisation, RoleGrant, Succession, Unit, UnitVersion, User
from organisation.reorganising.steps import Create, Dissolve, Merge, NewUnit, Split, Step

_POSTINGS_AS_THEY_WERE_LEFT = """
    SELECT NOT EXISTS (
        SELECT 1 FROM organisation_reorganisationmove m
        LEFT JOIN organisation_posting now ON now.id = coalesce(m.new_posting_id, m.posting_id)
        LEFT JOIN organisation_posting old ON old.id = m.posting_id
        WHERE m.reorganisation_id = %(reorganisation)s AND (
            now.unit_id IS DISTINCT FROM m.to_unit_id
            OR upper(now.valid) IS DISTINCT FROM m.valid_to
            OR (m.new_posting_id IS NOT NULL
                AND (lower(now.valid) <> %(day)s OR now.position_id <> old.position_id OR old.id IS NULL
                     OR upper(old.valid) IS DISTINCT FROM %(day)s OR old.unit_id <> m.from_unit_id)))
    )
"""
_DROP = """
    DELETE FROM organisation_posting po USING organisation_reorganisationmove m
    WHERE m.reorganisation_id = %s AND po.id = m.new_posting_id
"""
_PROLONG = """
    UPDATE organisation_posting po SET valid = daterange(lower(po.valid), m.valid_to)
    FROM organisation_reorganisationmove m
    WHERE m.reorganisation_id = %s AND po.id = m.posting_id AND m.new_posting_id IS NOT NULL
"""
_RETURN = """
    UPDATE organisation_posting po SET unit_id = m.from_unit_id
    FROM organisation_reorganisationmove m
    WHERE m.reorganisation_id = %s AND po.id = m.posting_id AND m.new_posting_id IS NULL
"""
_FORGET = "DELETE FROM organisation_reorganisationmove WHERE reorganisation_id = %s"
_REOPEN = """
    UPDATE organisation_unitversion SET valid = daterange(lower(valid), NULL)
    WHERE unit_id = ANY(%s) AND upper(valid) = %s
"""


@transaction.atomic
def undo_reorganisation(reorganisation_pk: int, *, actor: User) -> None:
    """Put units, people and HR officers back as they were; the reorganisation stays on record as undone.

    Raises ReorganisationRefused when it is not applied or when something that came later depends on it.
    """
    wait_for_turn()
    reorganisation = Reorganisation.objects.select_for_update(of=["self"]).get(pk=reorganisation_pk)
    if reorganisation.status != Reorganisation.Status.APPLIED:
        raise ReorganisationRefused(refusal("not_applied"))
    wait_for_units()
    wait_for_postings()
    if reasons := what_depends(reorganisation):
        raise ReorganisationRefused(reasons[0])
    record = reorganisation.record
    touched = _touched(reorganisation)
    RoleGrant.objects.filter(pk__in=record["grants"]).delete()
    Succession.objects.filter(reorganisation=reorganisation).delete()
    # Units first: nobody may be put back into a unit that has ended.
    since = UnitVersion.objects.filter(unit__in=[*record["made"], *record["changed"]])
    since.filter(valid__startswith=reorganisation.in_force).delete()
    with connection.cursor() as cursor:
        cursor.execute(_REOPEN, [[*record["changed"], *record["ended"]], reorganisation.in_force])
        with history_by_statement():
            for statement in (_DROP, _PROLONG, _RETURN, REMEMBER[0], _FORGET):
                cursor.execute(statement, [reorganisation.pk])
    reorganisation.status = Reorganisation.Status.UNDONE
    reorganisation.undone_by, reorganisation.undone_at = actor, timezone.now()
    reorganisation.save(update_fields=["status", "undone_by", "undone_at"])
    record_audit(actor=actor, action="undone", target=str(reorganisation))
    tell_reorganised(reorganisation, sorted(touched))


def what_depends(reorganisation: Reorganisation) -> list[str]:
    """Return in words what stands in the way of undoing an applied reorganisation; nothing when it can be undone."""
    return [refusal(reason, **values) for reason, values in _reasons(reorganisation)]


def origins_of_undone(unit_pk: int) -> list[int]:
    """Return what a unit was made of that only undone reorganisations made, the unit named first before the others.

    Units in force today; of a unit that was made of none, the unit that it was to stand below. None for any other unit.
    """
    undone = Reorganisation.objects.filter(status=Reorganisation.Status.UNDONE, record__made__contains=[unit_pk])
    made = undone.order_by("undone_at").last()
    if made is None or UnitVersion.objects.filter(unit=unit_pk).exists():
        return []
    steps, _unreadable = read_steps(made)
    found, above = _codes([unit_pk]), list[str]()
    for code in found:
        for step in steps:
            origins, news = _came_from(step, code)
            found += [each for each in origins if each not in found]
            above += [each.parent for each in news if each.code == code]
    here = UnitVersion.objects.filter(unit__code__in=[*found, *above], valid__contains=today())
    pks = dict(here.values_list("unit__code", "unit"))
    return [pks[code] for code in found if code in pks] or [pks[code] for code in above[:1] if code in pks]


def _came_from(step: Step, code: str) -> tuple[Collection[str], Collection[NewUnit]]:
    """Return the codes of the units whose people a step brings into a unit, and the units that it makes."""
    match step:
        case Merge(sources, into, new):
            return sources if into == code else (), [new] if new else []
        case Split(unit=unit, parts=parts, new=new_parts):
            return [unit] if code in parts else (), new_parts
        case Dissolve(unit=unit, people_to=into):
            return [unit] if into == code else (), ()
        case Create(unit=made):
            return (), [made]
    return (), ()


def _touched(reorganisation: Reorganisation) -> set[int]:
    record = reorganisation.record
    pairs = Succession.objects.filter(reorganisation=reorganisation).values_list("predecessor_id", "successor_id")
    return {*record["made"], *record["changed"], *record["ended"], *(unit for pair in pairs for unit in pair)}


def _reasons(reorganisation: Reorganisation) -> list[tuple[str, dict[str, str]]]:
    day, record = reorganisation.in_force, reorganisation.record
    made, changed, ended = record["made"], record["changed"], record["ended"]
    touched = _touched(reorganisation)
    found: list[tuple[str, dict[str, str]]] = []
    later = Reorganisation.objects.filter(
        status=Reorganisation.Status.APPLIED, applied_at__gt=reorganisation.applied_at
    ).exclude(pk=reorganisation.pk)
    if any(touched & _touched(each) for each in later):
        found.append(("later_reorganisation", {}))
    # Changed and made units have one version since the day, ended ones none.
    since = UnitVersion.objects.filter(unit__in=[*made, *changed])
    for code in since.filter(Q(valid__startswith__gt=day) | Q(valid__endswith__gt=day)).values_list("unit__code")[:1]:
        found.append(("unit_changed", {"unit": code[0]}))
    closed = since.filter(valid__startswith=day, valid__upper_inf=True).count()
    if not found and closed != len(made) + len(changed):
        found.append(("unit_changed", {"unit": "–"}))
    written = record.get("versions", {})
    now = versions_begun([int(pk) for pk in written], day)
    other = [int(pk) for pk, said in written.items() if now.get(pk, said) != said]
    found += [("unit_changed", {"unit": code}) for code in _codes(other)[:1]]
    again = UnitVersion.objects.filter(unit__in=ended, valid__startswith__gte=day)
    found += [("unit_changed", {"unit": code}) for code in again.values_list("unit__code", flat=True)[:1]]
    ours = [*made, *changed]
    below = UnitVersion.objects.filter(parent__in=made).exclude(unit__in=ours)
    grants = RoleGrant.objects.filter(unit__in=made).exclude(pk__in=record["grants"])
    used = {*below.values_list("parent__code", flat=True)[:1], *grants.values_list("unit__code", flat=True)[:1]}
    used |= set(_new_postings(reorganisation, made))
    used |= set(HrSystem.objects.filter(unit__in=made, revoked_at=None).values_list("unit__code", flat=True)[:1])
    found += [("unit_used", {"unit": code}) for code in sorted(used)]
    with connection.cursor() as cursor:
        cursor.execute(_POSTINGS_AS_THEY_WERE_LEFT, {"reorganisation": reorganisation.pk, "day": day})
        if not cursor.fetchone()[0]:
            found.append(("posting_changed", {}))
    return found


def _codes(unit_pks: list[int]) -> list[str]:
    return list(Unit.objects.filter(pk__in=unit_pks).order_by("code").values_list("code", flat=True))


def _new_postings(reorganisation: Reorganisation, made: list[int]) -> Any:
    moves = reorganisation.moves.all()
    ours = Posting.objects.filter(unit__in=made).exclude(pk__in=moves.values("posting_id"))
    return ours.exclude(pk__in=moves.filter(new_posting_id__isnull=False).values("new_posting_id")).values_list(
        "unit__code", flat=True
    )[:1]
