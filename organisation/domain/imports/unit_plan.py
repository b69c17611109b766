"""Which units a file would make or change."""

from dataclasses import dataclass
from datetime import date

from organisation.domain.imports.claims import Claim, UnitClaims
from organisation.domain.imports.plan import Findings, NewUnit, UnitChange
from organisation.domain.imports.state import KnownUnits
from organisation.domain.names import english_unit_name
from organisation.domain.units import BEGINNING

MAX_DEPTH = 20
_UNIT_COLUMNS = {"unit_name", "unit_name_en", "unit_kind", "parent_code"}
# Kinds that may stand at the top of the tree.
_TOPS = ("nation", "ministry", "province")


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """`new` units stand behind their parents; none of those `refused` is among them.

    `foreign` are codes out of the scope of which the file says nothing new: nobody may be written into them. Whether
    they are units elsewhere or none at all is not told.
    """

    new: list[NewUnit]
    changed: list[UnitChange]
    refused: set[str]
    foreign: set[str]


def plan_units(claims: UnitClaims, known: KnownUnits, findings: Findings) -> UnitPlan:
    """Compare what the file says of its units with those in force. Problems go to `findings`."""
    depths = _depths(claims, known, findings)
    writable = {code: _is_writable(code, claims, known) for code in claims.units}
    new, changed, foreign = [], [], set()
    for claim in claims.units.values():
        if not writable[claim.code] and _says_nothing_new(claim, known):
            foreign.add(claim.code)
        elif not writable[claim.code]:
            findings.add_of_unit(claim.code, claim.row, "unit_code", "out_of_scope", code=claim.code)
        elif claim.code in known.in_force:
            if change := _change(claim, claims, known, findings):
                changed.append(change)
        elif claim.code in known.codes:
            if claim.values:
                findings.add_of_unit(claim.code, claim.row, "unit_code", "unit_not_in_force", code=claim.code)
        elif _is_complete(claim, claims, known, findings):
            new.append(claim)
    new.sort(key=lambda claim: (depths.get(claim.code, 0), claim.row))
    refused = findings.units | {claim.code for claim in claims.units.values() if claim.is_contradicted}
    refused |= {claim.code for claim in claims.units.values() if claim.faulty & _UNIT_COLUMNS}
    for claim in new:  # what would lie in a unit that is not made cannot be made either
        if claim.text("parent_code") in refused - known.in_force.keys():
            refused.add(claim.code)
    new = [claim for claim in new if claim.code not in refused]
    changed = [change for change in changed if not {change.code, change.parent_code} & refused]
    return UnitPlan(_with_beginnings(new, known), changed, refused, foreign)


def _says_nothing_new(claim: Claim, known: KnownUnits) -> bool:
    recorded = known.in_force.get(claim.code)
    if recorded is None:
        return not claim.values
    says = claim.text
    return (
        says("unit_name") in ("", recorded.name_vi)
        and says("unit_name_en") in ("", recorded.name_en)
        and says("unit_kind") in ("", recorded.kind)
        and says("parent_code") in ("", recorded.parent_code)
    )


def _parent_of(code: str, claims: UnitClaims, known: KnownUnits) -> str:
    claimed = claims.units[code].text("parent_code") if code in claims.units else ""
    return claimed or (known.in_force[code].parent_code if code in known.in_force else "")


def _depths(claims: UnitClaims, known: KnownUnits, findings: Findings) -> dict[str, int]:
    """Return how deep every unit would lie, the top being 0; a unit under itself or too deep is a problem."""
    depths: dict[str, int] = {}
    for start in claims.units:
        path: list[str] = []
        on_path: set[str] = set()
        code = start
        while code and code not in depths and code not in on_path:
            path.append(code)
            on_path.add(code)
            code = _parent_of(code, claims, known)
        if code in on_path:
            ring = [claims.units[each] for each in path[path.index(code) :] if each in claims.units]
            claim = next(each for each in ring if "parent_code" in each.values)
            findings.add_of_unit(
                claim.code, claim.row_of("parent_code"), "parent_code", "under_itself", code=claim.code
            )
        depth = depths[code] + 1 if code in depths else 0
        for each in reversed(path):
            depths[each] = depth
            if depth == MAX_DEPTH and each in claims.units:
                row = claims.units[each].row_of("parent_code")
                findings.add_of_unit(each, row, "parent_code", "too_deep", code=each, limit=MAX_DEPTH)
            depth += 1
    return depths


def _is_writable(code: str, claims: UnitClaims, known: KnownUnits) -> bool:
    if known.scope is None:
        return True
    for _level in range(MAX_DEPTH):
        if code in known.codes:
            return code in known.scope
        claim = claims.units.get(code)
        if claim is None:
            return False
        code = claim.text("parent_code")
    return False


def _change(claim: Claim, claims: UnitClaims, known: KnownUnits, findings: Findings) -> UnitChange | None:
    now = known.in_force[claim.code]
    was = now.name_vi, now.name_en, now.kind, now.parent_code
    said = map(claim.text, ("unit_name", "unit_name_en", "unit_kind", "parent_code"))
    name_vi, name_en, kind, parent = ("" if text == current else text for text, current in zip(said, was, strict=True))
    if parent:
        _check_parent(claim, claims, known, findings)
    if name_vi and not name_en:
        name_en = claim.text("unit_name_en") or english_unit_name(name_vi)
    if not (name_vi or name_en or kind or parent):
        return None
    return UnitChange(claim.code, name_vi, name_en, kind, parent, was)


def _check_parent(claim: Claim, claims: UnitClaims, known: KnownUnits, findings: Findings) -> None:
    parent = claim.text("parent_code")
    row = claim.row_of("parent_code")
    if not _is_writable(parent, claims, known):
        findings.add_of_unit(claim.code, row, "parent_code", "out_of_scope", code=parent)
    elif parent not in known.in_force and (parent in known.codes or parent not in claims.units):
        findings.add_of_unit(claim.code, row, "parent_code", "unknown_parent", code=parent)


def _is_complete(claim: Claim, claims: UnitClaims, known: KnownUnits, findings: Findings) -> bool:
    if claim.lacks("unit_name"):
        findings.add_of_unit(claim.code, claim.row, "unit_code", "unknown_unit", code=claim.code)
    elif claim.lacks("unit_kind"):
        findings.add_of_unit(claim.code, claim.row, "unit_kind", "missing_kind", code=claim.code)
    if "unit_name" not in claim.values or "unit_kind" not in claim.values:
        return False
    if "parent_code" in claim.values:
        _check_parent(claim, claims, known, findings)
    elif claim.lacks("parent_code") and claim.text("unit_kind") not in _TOPS:
        findings.add_of_unit(claim.code, claim.row, "parent_code", "missing_parent", code=claim.code)
    return True


def _with_beginnings(new: list[Claim], known: KnownUnits) -> list[NewUnit]:
    """Return the new units, each valid from the first day anything in it is known to begin.

    `new` has parents before children. A unit begins no later than what lies in it, and no earlier than its parent.
    """
    begins: dict[str, date] = {claim.code: claim.first_day or date.max for claim in new}
    for claim in reversed(new):
        parent = claim.text("parent_code")
        if parent in begins:
            begins[parent] = min(begins[parent], begins[claim.code])
    units = []
    for claim in new:
        parent = claim.text("parent_code")
        floor = begins.get(parent) or (known.in_force[parent].begins if parent in known.in_force else None)
        day = begins[claim.code] if begins[claim.code] != date.max else floor or BEGINNING
        begins[claim.code] = max(day, floor) if floor else day
        name = claim.text("unit_name")
        units.append(
            NewUnit(
                claim.code,
                name,
                claim.text("unit_name_en") or english_unit_name(name),
                claim.text("unit_kind"),
                parent,
                begins[claim.code],
            )
        )
    return units
