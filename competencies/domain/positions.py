"""Import of positions and their role profiles."""

from datetime import date
from pathlib import Path

from django.db import transaction

from competencies.domain.framework import current_framework
from competencies.domain.problems import PositionsImportError
from competencies.domain.profiles import LaterProfile, tell_profiles, write_profile
from competencies.importing.positions_file import read_positions
from competencies.importing.problems import ImportProblem
from competencies.models import Competency
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
            levels = {competencies[code].pk: level for code, level in entry.requirements.items()}
            texts = {"rationale_vi": entry.rationale_vi, "rationale_en": entry.rationale_en}
            if write_profile(position, levels, valid_from, **texts):
                changed.append(position.pk)
        except LaterProfile as error:
            raise PositionsImportError([ImportProblem(path.name, "later_profile", row, "", str(error))]) from None
    tell_profiles(changed)
    return positions
