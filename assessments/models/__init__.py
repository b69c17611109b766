from assessments.models.bank import Item, ItemParameterSet, ItemVersion
from assessments.models.blueprints import Assessment, AssessmentCompetency
from assessments.models.delivery import Attempt, Presentation, Response

__all__ = [
    "Assessment",
    "AssessmentCompetency",
    "Attempt",
    "Item",
    "ItemParameterSet",
    "ItemVersion",
    "Presentation",
    "Response",
]
