"""The front door of organisation for the rooms above it."""

from organisation.domain.access import (
    accounts_answering_for,
    can_see_people,
    can_see_unit,
    hr_scope,
    import_scope,
    issue_token,
    record_audit,
    roles_of,
    token_digest,
)
from organisation.domain.hr_systems import TOKEN_DAYS, admit_hr_system, changes_of, revoke_hr_system
from organisation.domain.imports.jobs import (
    check_again,
    confirm_import,
    discard_import,
    faults_of,
    find_import,
    start_import,
)
from organisation.domain.imports.plan import PROBLEMS_SHOWN, Problem, described
from organisation.domain.imports.template import import_template
from organisation.domain.imports.uploads import drop_upload, keep_upload, open_upload
from organisation.domain.memory import content_read, note_content_version, reading_content, remember
from organisation.domain.names import (
    english_unit_name,
    fold_text,
    normalise_text,
    person_sort_key,
    sort_key,
    strip_diacritics,
)
from organisation.domain.people import create_person, create_position, create_position_group, person_record
from organisation.domain.postings import announce_postings, create_posting, end_posting, move_person, posting_of
from organisation.domain.queries.named_units import NamedUnits
from organisation.domain.queries.searching import find_people, find_units
from organisation.domain.queries.successors import successors_of
from organisation.domain.queries.units import UNITS_ABOVE, UnitNode, UnitTree, is_within, today, unit_tree
from organisation.domain.reorganisations.applying import (
    ReorganisationRefused,
    apply_due_reorganisations,
    apply_reorganisation,
)
from organisation.domain.reorganisations.drafts import (
    add_steps,
    approve_reorganisation,
    describe_reorganisation,
    discard_draft,
    draft_reorganisation,
    remove_step,
    withdraw_approval,
)
from organisation.domain.reorganisations.planning import read_steps
from organisation.domain.reorganisations.preview import GrantBecomes, Preview, UnitBecomes, preview_reorganisation
from organisation.domain.reorganisations.reform import REFORM_DAY, REFORM_DECISION, REFORM_TITLE
from organisation.domain.reorganisations.reform_work import may_draft
from organisation.domain.reorganisations.undoing import undo_reorganisation, what_depends
from organisation.domain.statements import (
    columns_of,
    fetch_all_prepared,
    fetch_bytes_prepared,
    fetch_prepared,
    row_as,
    run_prepared,
    statement_of,
)
from organisation.domain.units import BEGINNING, change_unit, create_unit, find_unit, unit_version
from organisation.importing.cells import EARLIEST, LATEST
from organisation.importing.tables import LEFT_OUT
from organisation.reorganising.steps import (
    Create,
    Dissolve,
    Merge,
    Move,
    NewUnit,
    Rename,
    Split,
    Step,
    StepInvalid,
    parse_step,
    units_named,
)

__all__ = [
    "BEGINNING",
    "EARLIEST",
    "LATEST",
    "LEFT_OUT",
    "PROBLEMS_SHOWN",
    "REFORM_DAY",
    "REFORM_DECISION",
    "REFORM_TITLE",
    "TOKEN_DAYS",
    "UNITS_ABOVE",
    "Create",
    "Dissolve",
    "GrantBecomes",
    "Merge",
    "Move",
    "NamedUnits",
    "NewUnit",
    "Preview",
    "Problem",
    "Rename",
    "ReorganisationRefused",
    "Split",
    "Step",
    "StepInvalid",
    "UnitBecomes",
    "UnitNode",
    "UnitTree",
    "accounts_answering_for",
    "add_steps",
    "admit_hr_system",
    "announce_postings",
    "apply_due_reorganisations",
    "apply_reorganisation",
    "approve_reorganisation",
    "can_see_people",
    "can_see_unit",
    "change_unit",
    "changes_of",
    "check_again",
    "columns_of",
    "confirm_import",
    "content_read",
    "create_person",
    "create_position",
    "create_position_group",
    "create_posting",
    "create_unit",
    "describe_reorganisation",
    "described",
    "discard_draft",
    "discard_import",
    "draft_reorganisation",
    "drop_upload",
    "end_posting",
    "english_unit_name",
    "faults_of",
    "fetch_all_prepared",
    "fetch_bytes_prepared",
    "fetch_prepared",
    "find_import",
    "find_people",
    "find_unit",
    "find_units",
    "fold_text",
    "hr_scope",
    "import_scope",
    "import_template",
    "is_within",
    "issue_token",
    "keep_upload",
    "may_draft",
    "move_person",
    "normalise_text",
    "note_content_version",
    "open_upload",
    "parse_step",
    "person_record",
    "person_sort_key",
    "posting_of",
    "preview_reorganisation",
    "read_steps",
    "reading_content",
    "record_audit",
    "remember",
    "remove_step",
    "revoke_hr_system",
    "roles_of",
    "row_as",
    "run_prepared",
    "sort_key",
    "start_import",
    "statement_of",
    "strip_diacritics",
    "successors_of",
    "today",
    "token_digest",
    "undo_reorganisation",
    "unit_tree",
    "unit_version",
    "units_named",
    "what_depends",
    "withdraw_approval",
]
