"""Measurement: from responses to levels with honest uncertainty. Pure numpy and scipy, no Django."""

from .bank import BankItem, ItemBank, ItemId
from .blueprint import Blueprint, Limit
from .calibration import Calibration, Calibrator, calibrate
from .estep import CalibrationState, SufficientStatistics, e_step
from .estimation import Response, estimate, estimate_many, log_weights, loglikelihood_on_grid, update
from .explanation import Explanation, explain_choice
from .exposure import ExposureCounts
from .grid import GRID, LOG_PRIOR, PRIOR, PROVISIONAL_CUTS, Posterior, check_cuts, probabilities_below
from .joint import CorrelationEstimate, JointModel, JointPosterior, estimate_correlation, joint_posterior
from .models import ItemParameters, Model, information, probabilities
from .mstep import ItemPrior
from .proposal import ItemChange, PeopleChange, compare_items, compare_people, readiness
from .reporting import (
    BAND_THRESHOLD,
    LEVEL_THRESHOLD,
    MIN_EVIDENCE,
    LevelReport,
    age_loglikelihood,
    ageing,
    report_level,
)
from .responses import Responses
from .selection import Choice, SelectionRule, select_next
from .standard_errors import InformationSums, information_step
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
    "BankItem",
    "Blueprint",
    "Calibration",
    "CalibrationState",
    "Calibrator",
    "CellSums",
    "Choice",
    "CorrelationEstimate",
    "Decision",
    "Explanation",
    "ExposureCounts",
    "GroupModel",
    "InformationSums",
    "ItemBank",
    "ItemChange",
    "ItemId",
    "ItemParameters",
    "ItemPrior",
    "JointModel",
    "JointPosterior",
    "LevelReport",
    "Limit",
    "Model",
    "PeopleChange",
    "Posterior",
    "Reason",
    "Response",
    "Responses",
    "SelectionRule",
    "StopRule",
    "SufficientStatistics",
    "age_loglikelihood",
    "ageing",
    "calibrate",
    "cell_sums",
    "check_cuts",
    "compare_items",
    "compare_people",
    "conditional_posteriors",
    "decide",
    "e_step",
    "estimate",
    "estimate_correlation",
    "estimate_many",
    "explain_choice",
    "fit_groups",
    "information",
    "information_step",
    "joint_posterior",
    "likelihood_summaries",
    "log_weights",
    "loglikelihood_on_grid",
    "probabilities",
    "probabilities_below",
    "probability_below",
    "readiness",
    "report_level",
    "select_next",
    "share_interval",
    "update",
]
