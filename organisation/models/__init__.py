from organisation.models.access import AccessToken, AuditEvent, RoleGrant
from organisation.models.imports import ColumnMapping, StaffImport
from organisation.models.naming import BilingualName
from organisation.models.people import Person, Position, PositionGroup, Posting
from organisation.models.provisioning import ExternalId, HrSystem
from organisation.models.reorganisations import (
    Reorganisation,
    ReorganisationMove,
    ReorganisationStep,
    Succession,
)
from organisation.models.units import Unit, UnitVersion
from organisation.models.users import User

__all__ = [
    "AccessToken",
    "AuditEvent",
    "BilingualName",
    "ColumnMapping",
    "ExternalId",
    "HrSystem",
    "Person",
    "Position",
    "PositionGroup",
    "Posting",
    "Reorganisation",
    "ReorganisationMove",
    "ReorganisationStep",
    "RoleGrant",
    "StaffImport",
    "Succession",
    "Unit",
    "UnitVersion",
    "User",
]
