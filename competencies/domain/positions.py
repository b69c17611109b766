"""Import of positions and their role profiles."""

from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from competencies.domain.framework import current_framework
from competencies.domain.problems import PositionsImportError
from competencies.importing.positions_file import PositionEntry, read_positions
from competencies.importing.problems import ImportProblem
from competencies.models import Competency, Requirement, RoleProfile
from competencies.signals import requirement_changed
from organisation.models import Position, PositionGroup


@transaction.atomic
def import_positions(path: Path, valid_from: date) -> list[Position]:
    """Read positions.yaml into positions, groups and role profiles that hold from `valid_from`.

    A profile that already says the same is left alone; another one ends where the new one begins. Fires
    `requirement_changed` after commit for the positions whose profile changed.
    Raises PositionsImportError with everything found; nothing is written then.
    """
    competencies = {row.code: row for row in Competency.objects.filter(domain__framework=current_framework())}
    entries, problems = read_positions(path, set(competencies))
    if problems:
        raise PositionsImportError(problems)
    group_order = {code: order for order, code in enumerate(dict.fromkeys(entry.group_code for entry in entries), 1)}
    positions, changed = [], []
    for row, entry in enumerate(entries, start=1):
        group, _ = PositionGroup.objects.update_or_create(
            code=entry.group_code,
            defaults={
                "name_vi": entry.group_vi,
                "name_en": entry.group_en,
                "order": group_order[entry.group_code],
            },
        )
        position, _ = Position.objects.update_or_create(
            code=entry.code, defaults={"name_vi": entry.name_vi, "name_en": entry.name_en, "group": group}
        )
        positions.append(position)
        try:
            if _set_profile(position, entry, valid_from, competencies):
                changed.append(position.pk)
        except _LaterProfile as error:
            raise PositionsImportError([ImportProblem(path.name, "later_profile", row, "", str(error))]) from None
    if changed:
        transaction.on_commit(lambda: requirement_changed.send(sender=RoleProfile, position_ids=changed))
    return positions


class _LaterProfile(ValueError):
    """A profile that begins later stands in the way."""


def _set_profile(
    position: Position, entry: PositionEntry, valid_from: date, competencies: dict[str, Competency]
) -> bool:
    """Write the position's role profile from `valid_from`; say whether anything changed."""
    wanted = {competencies[code].pk: level for code, level in entry.requirements.items()}
    newest = RoleProfile.objects.select_for_update().filter(position=position).order_by("-valid__startswith").first()
    if newest is not None:
        same_texts = (newest.rationale_vi, newest.rationale_en) == (entry.rationale_vi, entry.rationale_en)
        same = dict(newest.requirements.values_list("competency_id", "level")) == wanted
        if same and same_texts and newest.valid.upper is None:
            return False
        if newest.valid.lower is not None and newest.valid.lower > valid_from:
            raise _LaterProfile(newest.valid.lower.isoformat())
        if newest.valid.lower == valid_from:
            newest.delete()
        elif newest.valid.upper is None or newest.valid.upper > valid_from:
            newest.valid = DateRange(newest.valid.lower, valid_from)
            newest.save(update_fields=["valid"])
    profile = RoleProfile.objects.create(
        position=position,
        valid=DateRange(valid_from, None),
        rationale_vi=entry.rationale_vi,
        rationale_en=entry.rationale_en,
    )
    Requirement.objects.bulk_create(
        Requirement(role_profile=profile, competency_id=pk, level=level) for pk, level in wanted.items()
    )
    return True
