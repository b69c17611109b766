"""The front door of assessments for the rooms above it."""

from assessments.domain.attempts import attempts_at, find_attempt, start_attempt
from assessments.domain.audience import offered_to
from assessments.domain.authoring import (
    ItemChanged,
    NotADraft,
    NothingNew,
    NotInReview,
    NotInUse,
    OwnDraft,
    discard_item_draft,
    draft_item_version,
    publish_item_version,
    retire_item_version,
    version_stamp,
    version_to_edit,
)
from assessments.domain.bank import NOT_ADAPTIVE
from assessments.domain.blueprints import QUIZ, make_standard_assessments
from assessments.domain.certificates import certificate_news, find_certificate
from assessments.domain.delivery import NextItem, next_item, next_step, waiting_item
from assessments.domain.exchange import pack_items
from assessments.domain.feedback import counts_allowed, feedback_allowed, feedback_on_question
from assessments.domain.form_plan import SectionStart
from assessments.domain.importing import ImportCounts, ItemImportError, import_items, import_simulations
from assessments.domain.invigilation import Visit, check_room, holds_device, invigilation_of
from assessments.domain.items import (
    ItemEditRefused,
    create_item,
    discard_draft,
    provisional_parameters,
    publish_draft,
    save_draft,
)
from assessments.domain.media import keep_media_file, media_sizes, open_media_file, read_media_file
from assessments.domain.points import Points, points_of
from assessments.domain.queries.live import note_contact
from assessments.domain.queries.measurable import measurable_by
from assessments.domain.queries.published import assessment_coded, assessment_of
from assessments.domain.queries.results import (
    AnswerUnderReview,
    CompetencyResult,
    Result,
    aftermath_of,
    answers_under_review,
    attempt_result,
    review_items,
)
from assessments.domain.question_imports import (
    outcome_statuses,
    question_import_of,
    question_imports_of,
    start_question_import,
)
from assessments.domain.question_page import PageQuestion, QuestionPage, question_page, save_page
from assessments.domain.refusals import AttemptNotFound, AttemptRefused, ResponseRefused
from assessments.domain.responses import Acknowledgement, submit_response
from assessments.domain.review import ReviewRefused, add_comment, ask_for_review, end_review
from assessments.domain.simulation_log import playable_simulation
from assessments.domain.simulations import act, simulation_debrief, simulation_view
from assessments.domain.submission import close_expired, hand_in, submit_attempt
from assessments.domain.tags import tag_items, tidy_tag, untag_items
from assessments.domain.throttle import within_rate
from assessments.domain.uploads import are_own_uploads, check_file, claim_uploads, keep_upload, open_uploaded
from assessments.domain.versions import item_of, playable_version
from assessments.items.file_types import FileRefused
from assessments.measurement import MIN_EVIDENCE

__all__ = [
    "MIN_EVIDENCE",
    "NOT_ADAPTIVE",
    "QUIZ",
    "Acknowledgement",
    "AnswerUnderReview",
    "AttemptNotFound",
    "AttemptRefused",
    "CompetencyResult",
    "FileRefused",
    "ImportCounts",
    "ItemChanged",
    "ItemEditRefused",
    "ItemImportError",
    "NextItem",
    "NotADraft",
    "NotInReview",
    "NotInUse",
    "NothingNew",
    "OwnDraft",
    "PageQuestion",
    "Points",
    "QuestionPage",
    "ResponseRefused",
    "Result",
    "ReviewRefused",
    "SectionStart",
    "Visit",
    "act",
    "add_comment",
    "aftermath_of",
    "answers_under_review",
    "are_own_uploads",
    "ask_for_review",
    "assessment_coded",
    "assessment_of",
    "attempt_result",
    "attempts_at",
    "certificate_news",
    "check_file",
    "check_room",
    "claim_uploads",
    "close_expired",
    "counts_allowed",
    "create_item",
    "discard_draft",
    "discard_item_draft",
    "draft_item_version",
    "end_review",
    "feedback_allowed",
    "feedback_on_question",
    "find_attempt",
    "find_certificate",
    "hand_in",
    "holds_device",
    "import_items",
    "import_simulations",
    "invigilation_of",
    "item_of",
    "keep_media_file",
    "keep_upload",
    "make_standard_assessments",
    "measurable_by",
    "media_sizes",
    "next_item",
    "next_step",
    "note_contact",
    "offered_to",
    "open_media_file",
    "open_uploaded",
    "outcome_statuses",
    "pack_items",
    "playable_simulation",
    "playable_version",
    "points_of",
    "provisional_parameters",
    "publish_draft",
    "publish_item_version",
    "question_import_of",
    "question_imports_of",
    "question_page",
    "read_media_file",
    "retire_item_version",
    "review_items",
    "save_draft",
    "save_page",
    "simulation_debrief",
    "simulation_view",
    "start_attempt",
    "start_question_import",
    "submit_attempt",
    "submit_response",
    "tag_items",
    "tidy_tag",
    "untag_items",
    "version_stamp",
    "version_to_edit",
    "waiting_item",
    "within_rate",
]
