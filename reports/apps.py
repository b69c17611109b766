from datetime import date
from typing import Any

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        """Listen to the news of the rooms below; all of it comes after commit."""
        from competencies.signals import estimate_changed, person_requirement_changed, requirement_changed
        from organisation.signals import posting_changed, reorganised

        for signal in (estimate_changed, person_requirement_changed, posting_changed):
            signal.connect(_on_people_changed, dispatch_uid="reports-people")
        requirement_changed.connect(_on_positions_changed, dispatch_uid="reports-positions")
        reorganised.connect(_on_reorganised, dispatch_uid="reports-reorganised")


def _on_people_changed(person_ids: list[int], **kwargs: Any) -> None:
    from reports.domain.marking import mark_people

    mark_people(person_ids)


def _on_positions_changed(position_ids: list[int], **kwargs: Any) -> None:
    from reports.domain.marking import mark_positions

    mark_positions(position_ids)


def _on_reorganised(unit_ids: list[int], day: date, **kwargs: Any) -> None:
    from reports.domain.marking import mark_units

    mark_units(unit_ids)
