"""Measurement: from responses to levels with honest uncertainty. Pure numpy and scipy, no Django."""

from .bank import BankItem, ItemBank, ItemId
from .blueprint import Blueprint, Limit
from .calibration import Calibration, Calibrator, calibrate
from .classification import ClassificationQuality, classification_quality
from .dif import Dif, dif_by_group
from .estep import CalibrationState, SufficientStatistics, e_step
from .estimation import Response, estimate, estimate_many, log_weights, loglikelihood_on_grid, update
from .explanation import Explanation, explain_choice
from .exposure import ExposureCounts
from .grid import GRID, LOG_PRIOR, PRIOR, PROVISIONAL_CUTS, Posterior, check_cuts, probabilities_below
from .health import (
    ItemStatistics,
    ObservedCurve,
    OptionStatistics,
    TimeUsed,
    distractors,
    drift,
    health_flags,
    item_statistics,
    observed_curve,
    time_used,
)
from .item_fit import ScoreFit, q3, s_x2
from .joint import (
    CorrelationEstimate,
    JointModel,
    JointPosterior,
    estimate_correlation,
    joint_posterior,
    nearest_correlation,
)
from .models import ItemParameters, Model, information, probabilities
from .mstep import ItemPrior
from .plausible import Combined, combine_plausible_values, draw_plausible_values
from .prediction import Predictions
from .proposal import ItemChange, PeopleChange, compare_items, compare_people, readiness
from .reporting import (
    BAND_THRESHOLD,
    LEVEL_THRESHOLD,
    MIN_EVIDENCE,
    LevelReport,
    age_loglikelihood,
    ageing,
    report_level,
    report_levels,
)
from .responses import Responses
from .selection import Choice, SelectionRule, select_next
from .simulator import SimulationReport, simulate_assessment
from .sitting import Sitting, SittingPlan
from .standard_errors import InformationSums, information_step
from .standards import AngoffResult, BookletPage, Standard, bookmark, modified_angoff, ordered_booklet
from .stopping import Decision, Reason, StopRule, decide
from .units import (
    CellSums,
    GroupModel,
    cell_sums,
    conditional_posteriors,
    fit_groups,
    likelihood_summaries,
    probability_below,
    share_interval,
)

__all__ = [
    "BAND_THRESHOLD",
    "GRID",
    "LEVEL_THRESHOLD",
    "LOG_PRIOR",
    "MIN_EVIDENCE",
    "PRIOR",
    "PROVISIONAL_CUTS",
    "AngoffResult",
    "BankItem",
    "Blueprint",
    "BookletPage",
    "Calibration",
    "CalibrationState",
    "Calibrator",
    "CellSums",
    "Choice",
    "ClassificationQuality",
    "Combined",
    "CorrelationEstimate",
    "Decision",
    "Dif",
    "Explanation",
    "ExposureCounts",
    "GroupModel",
    "InformationSums",
    "ItemBank",
    "ItemChange",
    "ItemId",
    "ItemParameters",
    "ItemPrior",
    "ItemStatistics",
    "JointModel",
    "JointPosterior",
    "LevelReport",
    "Limit",
    "Model",
    "ObservedCurve",
    "OptionStatistics",
    "PeopleChange",
    "Posterior",
    "Predictions",
    "Reason",
    "Response",
    "Responses",
    "ScoreFit",
    "SelectionRule",
    "SimulationReport",
    "Sitting",
    "SittingPlan",
    "Standard",
    "StopRule",
    "SufficientStatistics",
    "TimeUsed",
    "age_loglikelihood",
    "ageing",
    "bookmark",
    "calibrate",
    "cell_sums",
    "check_cuts",
    "classification_quality",
    "combine_plausible_values",
    "compare_items",
    "compare_people",
    "conditional_posteriors",
    "decide",
    "dif_by_group",
    "distractors",
    "draw_plausible_values",
    "drift",
    "e_step",
    "estimate",
    "estimate_correlation",
    "estimate_many",
    "explain_choice",
    "fit_groups",
    "health_flags",
    "information",
    "information_step",
    "item_statistics",
    "joint_posterior",
    "likelihood_summaries",
    "log_weights",
    "loglikelihood_on_grid",
    "modified_angoff",
    "nearest_correlation",
    "observed_curve",
    "ordered_booklet",
    "probabilities",
    "probabilities_below",
    "probability_below",
    "q3",
    "readiness",
    "report_level",
    "report_levels",
    "s_x2",
    "select_next",
    "share_interval",
    "simulate_assessment",
    "time_used",
    "update",
]
