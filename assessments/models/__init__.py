from assessments.models.bank import BankState, Item, ItemParameterSet, ItemVersion
from assessments.models.blueprints import Assessment, AssessmentCompetency, ItemExposure
from assessments.models.calibration import CalibrationChunk, CalibrationProposal, CalibrationRun, CalibrationStatistics
from assessments.models.certificates import Certificate
from assessments.models.conditions import Accommodation, DeviceLease, Invigilation
from assessments.models.delivery import Attempt, Presentation, Response
from assessments.models.exchange import QuestionImport
from assessments.models.files import Picture, Recording, Upload
from assessments.models.item_health import ItemHealth
from assessments.models.marking import (
    Appeal,
    AppealStep,
    Mark,
    MarkedScore,
    MarkingRule,
    MarkingSeat,
    MarkingTask,
)
from assessments.models.regrading import Regrade, RegradeResult
from assessments.models.sections import AssessmentSection, SectionDraw, SectionItem
from assessments.models.simulation_study import SimulationStudy
from assessments.models.standard_setting import PanelItem, PanelJudge, PanelRating, StandardPanel
from assessments.models.talk import ItemComment, ItemTag

__all__ = [
    "Accommodation",
    "Appeal",
    "AppealStep",
    "Assessment",
    "AssessmentCompetency",
    "AssessmentSection",
    "Attempt",
    "BankState",
    "CalibrationChunk",
    "CalibrationProposal",
    "CalibrationRun",
    "CalibrationStatistics",
    "Certificate",
    "DeviceLease",
    "Invigilation",
    "Item",
    "ItemComment",
    "ItemExposure",
    "ItemHealth",
    "ItemParameterSet",
    "ItemTag",
    "ItemVersion",
    "Mark",
    "MarkedScore",
    "MarkingRule",
    "MarkingSeat",
    "MarkingTask",
    "PanelItem",
    "PanelJudge",
    "PanelRating",
    "Picture",
    "Presentation",
    "QuestionImport",
    "Recording",
    "Regrade",
    "RegradeResult",
    "Response",
    "SectionDraw",
    "SectionItem",
    "SimulationStudy",
    "StandardPanel",
    "Upload",
]
