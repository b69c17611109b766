"""The front door of reports for the rooms above it."""

from reports.domain.as_of import AsOf, DayNotKept, as_of
from reports.domain.checking import check_cells, last_check
from reports.domain.comparison import MOST as MOST_COMPARED
from reports.domain.comparison import Compared, compare_units
from reports.domain.elsewhere import Elsewhere, published_beside, published_elsewhere
from reports.domain.export import export_gap_pdf, export_gap_xlsx
from reports.domain.export_csv import export_gap_csv
from reports.domain.exports import exports_of, find_export, start_export
from reports.domain.folding import fold_changed_people
from reports.domain.gap_report import gap_report
from reports.domain.gaps import (
    CompetencyGap,
    Days,
    Gap,
    GapReport,
    GapRow,
    Named,
    Share,
    digest_of,
    heat_entries,
    name_reader,
    named_rows,
)
from reports.domain.kinds import kinds_below, narrow_to_kind
from reports.domain.mails import (
    colleagues_of,
    mails_asked_by,
    mails_of,
    may_read,
    send_due_mails,
    subscribe,
    subscribe_colleagues,
    unsubscribe,
)
from reports.domain.marking import mark_people
from reports.domain.moments import TooManyPeople
from reports.domain.people import PersonBehind, describe_people, people_behind
from reports.domain.people_filters import (
    MOST_COUNTED,
    MOST_LISTED,
    PeopleFilter,
    TooLongToRead,
    count_people,
    looking_through,
    narrow_people,
    summarise_people,
)
from reports.domain.plan_enrolment import Candidate, NotProposed, enrol_people, places_left, propose_people
from reports.domain.plan_export import export_plan_xlsx, plan_notes
from reports.domain.plan_values import Asked, Offer, PlanLine, PlanResult
from reports.domain.plan_words import explain_effect, explain_limit, explain_line, limit_name, part_name
from reports.domain.plan_words import people as expected_people
from reports.domain.plans import PlanInUse, PlannableCourse, change_plan, discard_plan, make_plan, plannable_courses
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
    "MOST_COUNTED",
    "MOST_LISTED",
    "THRESHOLD",
    "AsOf",
    "Asked",
    "Candidate",
    "Compared",
    "CompetencyGap",
    "DayNotKept",
    "Days",
    "Elsewhere",
    "Gap",
    "GapReport",
    "GapRow",
    "Named",
    "NotProposed",
    "Offer",
    "PeopleFilter",
    "PersonBehind",
    "PlanInUse",
    "PlanLine",
    "PlanResult",
    "PlannableCourse",
    "Share",
    "TooLongToRead",
    "TooManyPeople",
    "TrendPoint",
    "UnitNotInForce",
    "as_of",
    "change_plan",
    "check_cells",
    "colleagues_of",
    "compare_units",
    "count_people",
    "delete_view",
    "describe_people",
    "digest_of",
    "discard_plan",
    "enrol_people",
    "expected_people",
    "explain_effect",
    "explain_limit",
    "explain_line",
    "export_gap_csv",
    "export_gap_pdf",
    "export_gap_xlsx",
    "export_plan_xlsx",
    "exports_of",
    "find_export",
    "find_view",
    "fold_changed_people",
    "gap_report",
    "heat_entries",
    "keep_snapshots",
    "kinds_below",
    "last_check",
    "limit_name",
    "looking_through",
    "mails_asked_by",
    "mails_of",
    "make_plan",
    "make_snapshot",
    "mark_people",
    "may_read",
    "month_ends",
    "name_reader",
    "named_rows",
    "narrow_people",
    "narrow_to_kind",
    "next_publication",
    "part_name",
    "people_behind",
    "places_left",
    "plan_notes",
    "plannable_courses",
    "propose_people",
    "publish_figures",
    "published_beside",
    "published_elsewhere",
    "rebuild_cells",
    "save_view",
    "send_due_mails",
    "share_view",
    "start_export",
    "subscribe",
    "subscribe_colleagues",
    "summarise_people",
    "trend",
    "unsubscribe",
    "views_for",
]
