"""The front door of reports for the rooms above it."""

from reports.domain.export import export_gap_xlsx
from reports.domain.folding import fold_changed_people
from reports.domain.gap_report import gap_report
from reports.domain.gaps import CompetencyGap, Gap, GapReport, GapRow, Named, Share, named_rows
from reports.domain.marking import mark_people
from reports.domain.people import PersonBehind, describe_people, people_behind
from reports.domain.queries.structure import UnitNotInForce
from reports.domain.rebuilding import rebuild_cells
from reports.domain.suppression import THRESHOLD

__all__ = [
    "THRESHOLD",
    "CompetencyGap",
    "Gap",
    "GapReport",
    "GapRow",
    "Named",
    "PersonBehind",
    "Share",
    "UnitNotInForce",
    "describe_people",
    "export_gap_xlsx",
    "fold_changed_people",
    "gap_report",
    "mark_people",
    "named_rows",
    "people_behind",
    "rebuild_cells",
]
