"""The front door of competencies for the rooms above it."""

from competencies.domain.ageing import LASTS, SD_PER_YEAR
from competencies.domain.correlation import Correlations, add_correlation_matrix, correlations_in_force
from competencies.domain.estimation import (
    EstimateValues,
    Estimator,
    Observation,
    PersonEvidence,
    estimate_values,
    register_estimator,
)
from competencies.domain.evidence import ObservableScore, recompute_estimates, record_evidence, refresh_estimates
from competencies.domain.framework import (
    FrameworkIncomplete,
    current_framework,
    import_framework,
    publish_framework,
)
from competencies.domain.overrides import end_override, set_override
from competencies.domain.positions import import_positions
from competencies.domain.problems import FrameworkImportError, PositionsImportError, describe_problem
from competencies.domain.profile_files import ProfilePlan, apply_profiles, plan_profiles, write_profiles
from competencies.domain.profiles import ProfilesChanged, levels_of, newest_profile, set_profile, withdraw_profile
from competencies.domain.queries.estimates import EstimateAt, EstimateOf, estimates_at, estimates_of
from competencies.domain.queries.evidence import EvidenceRow, counted_evidence
from competencies.domain.queries.history import cuts_at
from competencies.domain.queries.requirements import (
    RequirementOf,
    count_requirements,
    requirements_for,
    requirements_of,
)
from competencies.domain.standards import PROVISIONAL_CUTS, CutsInForce, current_standard, cuts_in_force, cuts_of

__all__ = [
    "LASTS",
    "PROVISIONAL_CUTS",
    "SD_PER_YEAR",
    "Correlations",
    "CutsInForce",
    "EstimateAt",
    "EstimateOf",
    "EstimateValues",
    "Estimator",
    "EvidenceRow",
    "FrameworkImportError",
    "FrameworkIncomplete",
    "ObservableScore",
    "Observation",
    "PersonEvidence",
    "PositionsImportError",
    "ProfilePlan",
    "ProfilesChanged",
    "RequirementOf",
    "add_correlation_matrix",
    "apply_profiles",
    "correlations_in_force",
    "count_requirements",
    "counted_evidence",
    "current_framework",
    "current_standard",
    "cuts_at",
    "cuts_in_force",
    "cuts_of",
    "describe_problem",
    "end_override",
    "estimate_values",
    "estimates_at",
    "estimates_of",
    "import_framework",
    "import_positions",
    "levels_of",
    "newest_profile",
    "plan_profiles",
    "publish_framework",
    "recompute_estimates",
    "record_evidence",
    "refresh_estimates",
    "register_estimator",
    "requirements_for",
    "requirements_of",
    "set_override",
    "set_profile",
    "withdraw_profile",
    "write_profiles",
]
