"""The front door of reports for the rooms above it."""

from reports.domain.as_of import AsOf, DayNotKept, as_of
from reports.domain.checking import check_cells, last_check
from reports.domain.comparison import MOST as MOST_COMPARED
from reports.domain.comparison import Compared, compare_units
from reports.domain.export import export_gap_xlsx
from reports.domain.folding import fold_changed_people
from reports.domain.gap_report import gap_report
from reports.domain.gaps import CompetencyGap, Days, Gap, GapReport, GapRow, Named, Share, named_rows
from reports.domain.kinds import kinds_below, narrow_to_kind
from reports.domain.marking import mark_people
from reports.domain.moments import TooManyPeople
from reports.domain.people import PersonBehind, describe_people, people_behind
from reports.domain.published import next_publication
from reports.domain.publishing import publish_figures
from reports.domain.queries.structure import UnitNotInForce
from reports.domain.rebuilding import rebuild_cells
from reports.domain.saved_views import delete_view, find_view, save_view, share_view, views_for
from reports.domain.snapshots import keep_snapshots, make_snapshot, month_ends
from reports.domain.suppression import THRESHOLD
from reports.domain.trend import TrendPoint, trend

__all__ = [
    "MOST_COMPARED",
    "THRESHOLD",
    "AsOf",
    "Compared",
    "CompetencyGap",
    "DayNotKept",
    "Days",
    "Gap",
    "GapReport",
    "GapRow",
    "Named",
    "PersonBehind",
    "Share",
    "TooManyPeople",
    "TrendPoint",
    "UnitNotInForce",
    "as_of",
    "check_cells",
    "compare_units",
    "delete_view",
    "describe_people",
    "export_gap_xlsx",
    "find_view",
    "fold_changed_people",
    "gap_report",
    "keep_snapshots",
    "kinds_below",
    "last_check",
    "make_snapshot",
    "mark_people",
    "month_ends",
    "named_rows",
    "narrow_to_kind",
    "next_publication",
    "people_behind",
    "publish_figures",
    "rebuild_cells",
    "save_view",
    "share_view",
    "trend",
    "views_for",
]
