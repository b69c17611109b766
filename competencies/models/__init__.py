from competencies.models.correlation import CorrelationMatrix
from competencies.models.evidence import Estimate, EstimateRevision, Evidence
from competencies.models.framework import BANDS, LEVELS, Competency, Descriptor, Domain, Framework, Level, band_of_level
from competencies.models.overrides import RequirementOverride
from competencies.models.requirements import Requirement, RoleProfile
from competencies.models.standards import CutScore, Standard

__all__ = [
    "BANDS",
    "LEVELS",
    "Competency",
    "CorrelationMatrix",
    "CutScore",
    "Descriptor",
    "Domain",
    "Estimate",
    "EstimateRevision",
    "Evidence",
    "Framework",
    "Level",
    "Requirement",
    "RequirementOverride",
    "RoleProfile",
    "Standard",
    "band_of_level",
]
