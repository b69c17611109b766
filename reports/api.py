"""The front door of reports for the rooms above it."""

from reports.domain.folding import fold_changed_people
from reports.domain.gap_report import gap_report
from reports.domain.gaps import CompetencyGap, Gap, GapReport, GapRow, Named, Share
from reports.domain.marking import mark_people
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
    "Share",
    "UnitNotInForce",
    "fold_changed_people",
    "gap_report",
    "mark_people",
    "rebuild_cells",
]
