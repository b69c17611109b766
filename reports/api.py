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
from reports.domain.ladder import count_cells, describe_publication
from reports.domain.mails import (
    colleagues_of,
    find_mail,
    has_ended,
    mails_and_lost_of,
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
from reports.domain.narrowed import Narrowed, narrowed_report
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
from reports.domain.plan_enrolment import Candidate, NotProposed, places_left, propose_people
from reports.domain.plan_export import export_plan_xlsx, plan_notes
from reports.domain.plan_places import owns_plan, plans_of, sees_people_of_all, units_left_by, units_now
from reports.domain.plan_requests import (
    RequestRefused,
    approve_request,
    approvers_of,
    ask_to_enrol,
    describe_request,
    likely_people,
    mark_shown,
    refuse_request,
    requests_waiting_for,
    withdraw_request,
)
from reports.domain.plan_values import Asked, Offer, PlanLine, PlanResult
from reports.domain.plan_words import explain_effect, explain_limit, explain_line, limit_name, part_name
from reports.domain.plan_words import people as expected_people
from reports.domain.plans import PlanInUse, PlannableCourse, change_plan, discard_plan, make_plan, plannable_courses
from reports.domain.publication_format import MAX_BYTES as MAX_PUBLICATION_BYTES
from reports.domain.publication_format import PublicationRefused, fingerprint
from reports.domain.publication_words import explain_refusal
from reports.domain.published import next_publication
from reports.domain.publishers import add_publisher, check_publication, import_publication, withdraw_publication
from reports.domain.publishing import publish_figures, units_counted_apart
from reports.domain.queries.structure import UnitNotInForce
from reports.domain.reach import DaysRefused, NoSuchUnit, OutOfReach, Reach, ask_days, reach_unit, report_of_days
from reports.domain.rebuilding import rebuild_cells
from reports.domain.saved_views import delete_view, find_view, save_view, share_view, views_for
from reports.domain.signing_keys import NoKey, is_key_given, make_signing_key, publishing_key, retire_signing_key
from reports.domain.snapshots import keep_snapshots, make_snapshot, month_ends
from reports.domain.suppression import THRESHOLD
from reports.domain.trend import TrendPoint, trend

__all__ = [
    "MAX_PUBLICATION_BYTES",
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
    "DaysRefused",
    "Elsewhere",
    "Gap",
    "GapReport",
    "GapRow",
    "Named",
    "Narrowed",
    "NoKey",
    "NoSuchUnit",
    "NotProposed",
    "Offer",
    "OutOfReach",
    "PeopleFilter",
    "PersonBehind",
    "PlanInUse",
    "PlanLine",
    "PlanResult",
    "PlannableCourse",
    "PublicationRefused",
    "Reach",
    "RequestRefused",
    "Share",
    "TooLongToRead",
    "TooManyPeople",
    "TrendPoint",
    "UnitNotInForce",
    "add_publisher",
    "approve_request",
    "approvers_of",
    "as_of",
    "ask_days",
    "ask_to_enrol",
    "change_plan",
    "check_cells",
    "check_publication",
    "colleagues_of",
    "compare_units",
    "count_cells",
    "count_people",
    "delete_view",
    "describe_people",
    "describe_publication",
    "describe_request",
    "digest_of",
    "discard_plan",
    "expected_people",
    "explain_effect",
    "explain_limit",
    "explain_line",
    "explain_refusal",
    "export_gap_csv",
    "export_gap_pdf",
    "export_gap_xlsx",
    "export_plan_xlsx",
    "exports_of",
    "find_export",
    "find_mail",
    "find_view",
    "fingerprint",
    "fold_changed_people",
    "gap_report",
    "has_ended",
    "heat_entries",
    "import_publication",
    "is_key_given",
    "keep_snapshots",
    "kinds_below",
    "last_check",
    "likely_people",
    "limit_name",
    "looking_through",
    "mails_and_lost_of",
    "mails_asked_by",
    "mails_of",
    "make_plan",
    "make_signing_key",
    "make_snapshot",
    "mark_people",
    "mark_shown",
    "may_read",
    "month_ends",
    "name_reader",
    "named_rows",
    "narrow_people",
    "narrow_to_kind",
    "narrowed_report",
    "next_publication",
    "owns_plan",
    "part_name",
    "people_behind",
    "places_left",
    "plan_notes",
    "plannable_courses",
    "plans_of",
    "propose_people",
    "publish_figures",
    "published_beside",
    "published_elsewhere",
    "publishing_key",
    "reach_unit",
    "rebuild_cells",
    "refuse_request",
    "report_of_days",
    "requests_waiting_for",
    "retire_signing_key",
    "save_view",
    "sees_people_of_all",
    "send_due_mails",
    "share_view",
    "start_export",
    "subscribe",
    "subscribe_colleagues",
    "summarise_people",
    "trend",
    "units_counted_apart",
    "units_left_by",
    "units_now",
    "unsubscribe",
    "views_for",
    "withdraw_publication",
    "withdraw_request",
]
