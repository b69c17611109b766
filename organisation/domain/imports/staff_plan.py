"""Which people and postings a file would make or change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from organisation.domain.imports.claims import Claim, PersonClaim, PostingClaim
from organisation.domain.imports.plan import Findings, PersonChange, PostingChange
from organisation.domain.imports.state import KnownPerson, KnownPosting, KnownUnits


@dataclass(frozen=True, slots=True)
class StaffPlan:
    people: list[PersonChange]
    postings: list[PostingChange]
    postings_unchanged: int


@dataclass(slots=True)
class _Planned:
    """A posting as it would be: `row` 0 for one that the file does not name."""

    row: int
    pk: int | None
    unit_code: str
    position_pk: int
    valid_from: date
    valid_to: date | None
    changed: bool


def plan_staff(
    claims: Iterable[PersonClaim],
    people: dict[str, KnownPerson],
    positions: dict[str, int],
    units: KnownUnits,
    refused_units: set[str],
    on: date,
    findings: Findings,
) -> StaffPlan:
    """Compare what the file says of some of its people with what is recorded. Problems go to `findings`.

    Who has a problem in any row, or a row in one of the `refused_units`, is not in the plan.
    """
    changes, planned, unchanged = [], [], 0
    for claim in claims:
        known = people.get(claim.code)
        scope = units.scope
        # Whoever has no primary posting is nobody's: HR of a part could otherwise take them over.
        if (
            known
            and scope is not None
            and not (known.postings and all(posting.unit_code in scope for posting in known.postings))
        ):
            findings.add(claim.row, "employee_code", "person_out_of_scope", code=claim.code)
            continue
        change = _person_change(claim, known, bool(claim.postings), on, findings)
        postings = _postings(claim.postings, known.postings if known else [], positions, units.ends, findings)
        if not findings.rows.isdisjoint(claim.rows) or not refused_units.isdisjoint(claim.unit_codes):
            continue
        if change:
            changes.append(change)
        for each in postings:
            if each.changed:
                planned.append(
                    PostingChange(each.pk, claim.code, each.unit_code, each.position_pk, each.valid_from, each.valid_to)
                )
            elif each.row:
                unchanged += 1
    return StaffPlan(changes, planned, unchanged)


def _person_change(
    claim: Claim, known: KnownPerson | None, has_posting: bool, on: date, findings: Findings
) -> PersonChange | None:
    birth_date: date | None = claim.values["birth_date"][0] if "birth_date" in claim.values else None
    if birth_date is not None and birth_date > on:
        findings.add(claim.row_of("birth_date"), "birth_date", "born_later")
    if known is None:
        if not has_posting and not claim.faulty & {"position", "from", "to"}:
            findings.add(claim.row, "employee_code", "unknown_person", code=claim.code)
        elif claim.lacks("full_name"):
            findings.add(claim.row, "full_name", "missing_name", code=claim.code)
        return PersonChange(
            None, claim.code, claim.text("full_name"), claim.text("email"), claim.text("gender"), birth_date
        )
    after = (
        claim.text("full_name") or known.full_name,
        claim.text("email") or known.email,
        claim.text("gender") or known.gender,
        birth_date or known.birth_date,
    )
    if after == (known.full_name, known.email, known.gender, known.birth_date):
        return None
    return PersonChange(known.pk, claim.code, *after)


def _postings(
    claimed: list[PostingClaim],
    recorded: list[KnownPosting],
    positions: dict[str, int],
    ends: dict[str, date],
    findings: Findings,
) -> list[_Planned]:
    """Return one person's postings as they would be, in order of days."""
    planned: dict[tuple[str, int, date], _Planned] = {
        (each.unit_code, each.position_pk, each.valid_from): _Planned(
            0, each.pk, each.unit_code, each.position_pk, each.valid_from, each.valid_to, changed=False
        )
        for each in recorded
    }
    for claim in claimed:
        position_pk = positions.get(claim.position.lower())
        if position_pk is None:
            findings.add(claim.row, "position", "unknown_position", value=claim.position)
            continue
        valid_to = claim.last_day + timedelta(days=1) if claim.last_day else None
        ends_on = ends.get(claim.unit_code)
        if ends_on == date.min:
            findings.add(claim.row, "unit_code", "unit_never_was", code=claim.unit_code)
        elif ends_on is not None and (valid_to is None or valid_to > ends_on):
            day = (ends_on - timedelta(days=1)).strftime("%d/%m/%Y")
            findings.add(claim.row, "to", "outlasts_unit", code=claim.unit_code, day=day)
        key = (claim.unit_code, position_pk, claim.first_day)
        known = planned.get(key)
        if known is None:
            planned[key] = _Planned(
                claim.row, None, claim.unit_code, position_pk, claim.first_day, valid_to, changed=True
            )
        elif known.row:
            findings.add(claim.row, "employee_code", "repeated_posting", code=claim.employee_code, other=known.row)
        else:
            known.row, known.changed, known.valid_to = claim.row, known.valid_to != valid_to, valid_to
    in_order = sorted(planned.values(), key=lambda each: (each.valid_from, each.row))
    _find_overlaps(in_order, findings)
    return in_order


def _find_overlaps(in_order: list[_Planned], findings: Findings) -> None:
    last: _Planned | None = None
    for each in in_order:
        if last is not None and (last.valid_to is None or each.valid_from < last.valid_to):
            # Tell it at the later row of the two; one that is recorded already has no row.
            told, other = (each, last) if each.row >= last.row else (last, each)
            if other.row:
                findings.add(told.row, "from", "overlaps_row", other=other.row)
            else:
                since = other.valid_from.strftime("%d/%m/%Y")
                findings.add(told.row, "from", "overlaps_posting", unit=other.unit_code, since=since)
        if last is None or (last.valid_to is not None and (each.valid_to is None or each.valid_to > last.valid_to)):
            last = each
