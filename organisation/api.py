"""The front door of organisation for the rooms above it."""

from organisation.domain.access import (
    can_see_people,
    can_see_unit,
    hr_scope,
    issue_token,
    record_audit,
    roles_of,
    token_digest,
)
from organisation.domain.names import fold_text, normalise_text, person_sort_key, sort_key
from organisation.domain.queries.units import UnitNode, UnitTree, is_within, today, unit_tree

__all__ = [
    "UnitNode",
    "UnitTree",
    "can_see_people",
    "can_see_unit",
    "fold_text",
    "hr_scope",
    "is_within",
    "issue_token",
    "normalise_text",
    "person_sort_key",
    "record_audit",
    "roles_of",
    "sort_key",
    "today",
    "token_digest",
    "unit_tree",
]
