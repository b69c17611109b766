"""Which people and postings a file would make or change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from organisation.domain.imports.claims import Claim, PersonClaim, PostingClaim
from organisation.domain.imports.plan import Findings, PersonChange, PostingChange
from organisation.domain.imports.state import KnownPerson, KnownPosting, KnownUnits
from organisation.domain.imports.unit_plan import UnitPlan
from organisation.models import Posting

_PRIMARY, _SECONDARY, _SECONDMENT = Posting.Kind.PRIMARY, Posting.Kind.SECONDARY, Posting.Kind.SECONDMENT


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
    kind: str
    changed: bool
    was_valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def lasts_beyond(self, day: date) -> bool:
        return self.valid_to is None or self.valid_to > day

    def end(self, day: date) -> None:
        self.was_valid_to, self.valid_to, self.changed = self.valid_to, day, True


def plan_staff(
    claims: Iterable[PersonClaim],
    people: dict[str, KnownPerson],
    positions: dict[str, int],
    units: KnownUnits,
    unit_plan: UnitPlan,
    on: date,
    findings: Findings,
    kin: Mapping[str, str],
    *,
    says_ends: bool,
) -> StaffPlan:
    """Compare what the file says of some of its people with what is recorded. Problems go to `findings`.

    Who has a problem in any row, or a row in a unit that is refused, is not in the plan. A file that says no ends
    (`says_ends`) leaves those that are recorded. kin: codes that differ only in case from another, and that other.
    """
    changes, planned, unchanged = [], [], 0
    for claim in claims:
        known = people.get(claim.code)
        scope = units.scope
        # Whoever has no primary posting is nobody's: HR of a part could otherwise take them over.
        home = known.home_on(on) if known else None
        if known and scope is not None and (home is None or home.unit_code not in scope):
            findings.add(claim.row, "employee_code", "person_out_of_scope", code=claim.code)
            continue
        if claim.code in kin:
            findings.add(claim.row, "employee_code", "differs_in_case", code=claim.code, other=kin[claim.code])
            continue
        change = _person_change(claim, known, bool(claim.postings), on, findings)
        recorded = known.postings if known else []
        ends = {code: units.ends[code] for code in claim.unit_codes & units.ends.keys() - unit_plan.foreign}
        postings = _postings(claim.postings, recorded, positions, ends, findings, says_ends=says_ends)
        for each in postings:
            if each.changed and each.unit_code in unit_plan.foreign:
                findings.add(each.row, "unit_code", "out_of_scope", code=each.unit_code)
        if not findings.rows.isdisjoint(claim.rows) or not unit_plan.refused.isdisjoint(claim.unit_codes):
            continue
        if change:
            changes.append(change)
        for each in postings:
            if each.changed:
                planned.append(
                    PostingChange(
                        each.pk,
                        claim.code,
                        each.unit_code,
                        each.position_pk,
                        each.valid_from,
                        each.valid_to,
                        each.kind,
                        each.was_valid_to,
                    )
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
    return PersonChange(known.pk, claim.code, *after, known.changed_at)


def _postings(
    claimed: list[PostingClaim],
    recorded: list[KnownPosting],
    positions: dict[str, int],
    ends: dict[str, date],
    findings: Findings,
    *,
    says_ends: bool,
) -> list[_Planned]:
    """Return one person's postings as they would be, in order of days."""
    planned: dict[tuple[str, str, int, date], _Planned] = {
        (each.kind, each.unit_code, each.position_pk, each.valid_from): _Planned(
            0, each.pk, each.unit_code, each.position_pk, each.valid_from, each.valid_to, each.kind, changed=False
        )
        for each in recorded
    }
    for claim in claimed:
        position_pk = positions.get(claim.position.lower())
        if position_pk is None:
            findings.add(claim.row, "position", "unknown_position", value=claim.position)
            continue
        kind = claim.kind or _PRIMARY
        key = (kind, claim.unit_code, position_pk, claim.first_day)
        known = planned.get(key)
        valid_to = claim.last_day + timedelta(days=1) if claim.last_day else None
        if known is not None and not says_ends:
            valid_to = known.valid_to
        if kind == _SECONDMENT and valid_to is None:
            findings.add(claim.row, "to", "secondment_without_end")
        ends_on = ends.get(claim.unit_code)
        if ends_on == date.min:
            findings.add(claim.row, "unit_code", "unit_never_was", code=claim.unit_code)
        elif ends_on is not None and (valid_to is None or valid_to > ends_on):
            day = (ends_on - timedelta(days=1)).strftime("%d/%m/%Y")
            findings.add(claim.row, "to", "outlasts_unit", code=claim.unit_code, day=day)
        if known is None:
            planned[key] = _Planned(
                claim.row, None, claim.unit_code, position_pk, claim.first_day, valid_to, kind, changed=True
            )
        elif known.row:
            findings.add(claim.row, "employee_code", "repeated_posting", code=claim.employee_code, other=known.row)
        else:
            known.row, known.changed = claim.row, known.valid_to != valid_to
            known.was_valid_to, known.valid_to = known.valid_to, valid_to
    in_order = sorted(planned.values(), key=lambda each: (each.valid_from, each.row))
    _find_overlaps([each for each in in_order if each.kind == _PRIMARY], findings)
    if len(in_order) > 1 or (in_order and in_order[0].kind != _PRIMARY):
        _follow_home(in_order, findings)
        _find_clashes(in_order, findings)
    return in_order


def _follow_home(in_order: list[_Planned], findings: Findings) -> None:
    """Let further postings that the file does not name follow its primary ones, as they do on the page.

    Whoever leaves leaves them all; a secondment ends where its unit becomes the person's own.
    """
    homes = [each for each in in_order if each.kind == _PRIMARY]
    others = [each for each in in_order if each.kind != _PRIMARY]
    for home in homes:
        end = home.valid_to
        if not home.changed:
            continue
        for each in others:
            if each.kind == _SECONDMENT and each.unit_code == home.unit_code and _overlap(each, home):
                if each.row or each.valid_from >= home.valid_from:
                    last = (each.valid_to or date.max) - timedelta(days=1)
                    day = last.strftime("%d/%m/%Y")
                    findings.add(home.row, "unit_code", "is_seconded_there", code=home.unit_code, day=day)
                else:
                    each.end(home.valid_from)
            if each.row or end is None or not each.lasts_beyond(end) or any(one.holds_on(end) for one in homes):
                continue
            if each.valid_from < end:
                each.end(end)
            elif not any(one.holds_on(each.valid_from) for one in homes):
                since = each.valid_from.strftime("%d/%m/%Y")
                findings.add(home.row, "to", "leaves_behind", unit=each.unit_code, since=since)


def _overlap(one: _Planned, other: _Planned) -> bool:
    return one.holds_on(other.valid_from) or other.holds_on(one.valid_from)


def _find_clashes(in_order: list[_Planned], findings: Findings) -> None:
    """Find further postings of one person that cannot be beside the others."""
    for place, each in enumerate(in_order):
        if each.kind == _PRIMARY or not each.changed:
            continue
        home = next((one for one in in_order if one.kind == _PRIMARY and one.holds_on(each.valid_from)), None)
        if home is None:
            findings.add(each.row, "from", "without_primary")
        elif each.kind == _SECONDMENT and home.unit_code == each.unit_code:
            findings.add(each.row, "unit_code", "seconded_home", code=home.unit_code)
        # Of two that the file changes, the later one is told of.
        for at, other in enumerate(in_order):
            if other is each or other.kind != each.kind or (other.changed and at > place):
                continue
            if each.kind == _SECONDARY and (other.unit_code, other.position_pk) != (each.unit_code, each.position_pk):
                continue
            if _overlap(each, other):
                reason = "repeated_secondary" if each.kind == _SECONDARY else "overlaps_secondment"
                since = other.valid_from.strftime("%d/%m/%Y")
                findings.add(each.row, "from", reason, unit=other.unit_code, since=since)
                break


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
