"""What SCIM clients see: the attributes of Users and Groups that Thang has a use for, and what the service can do.

The schemas carry the standard's names and URNs. Attributes of the standard that are not here are ignored when they
are sent and are never stored: no more is kept of a person than Thang needs.
"""

from typing import Annotated, Any

from pydantic import EmailStr, Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    ExtensibleStringEnum,
    Extension,
    External,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

MAX_RESULTS = 500
MAX_OPERATIONS = 1000
MAX_PAYLOAD = 1024 * 1024


class Name(ComplexAttribute):
    """The parts of displayName, the Vietnamese way: family name first, given name last."""

    formatted: Annotated[str | None, Mutability.read_only] = None
    family_name: Annotated[str | None, Mutability.read_only] = None
    middle_name: Annotated[str | None, Mutability.read_only] = None
    given_name: Annotated[str | None, Mutability.read_only] = None


class Email(ComplexAttribute):
    """The address at work, the only one that is kept."""

    class Type(ExtensibleStringEnum):
        work = "work"

    value: Annotated[EmailStr | None, Required.true] = None
    type: Type | None = None


class UnitOfUser(ComplexAttribute):
    """The unit of the person's primary posting."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[AnyExtension]):
    """A person with a primary posting today."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server, CaseExact.true] = None
    """The employee code; also the name of the account."""
    display_name: Annotated[str | None, Required.true] = None
    """The full name: family name, middle names, given name."""
    name: Annotated[Name | None, Mutability.read_only] = None
    title: Annotated[str | None, Required.true, CaseExact.true] = None
    """The position, by its code; a name in either language is understood too."""
    active: Annotated[bool, Required.true] = True
    """Whether the person may sign in."""
    emails: list[Email] | None = None
    groups: Annotated[list[UnitOfUser] | None, Mutability.read_only] = None


class Manager(ComplexAttribute):
    """Another User of the same scope."""

    value: Annotated[str | None, Required.true, CaseExact.true] = None
    ref: Reference["User"] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")


class EnterpriseUser(Extension):
    """Where the person works and for whom."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: Annotated[str | None, Required.true, CaseExact.true] = None
    """The code of the unit. A change moves the primary posting on the day it is sent."""
    manager: Manager | None = None


class FurtherPosting(ComplexAttribute):
    """A post that the person holds besides their own, or a unit that they are sent to for a time."""

    class Kind(ExtensibleStringEnum):
        secondary = "secondary"
        secondment = "secondment"

    kind: Annotated[Kind | None, Required.true] = None
    unit: Annotated[str | None, Required.true, CaseExact.true] = None
    """The code of the unit."""
    position: Annotated[str | None, Required.true, CaseExact.true] = None
    """The position, by its code; a name in either language is understood too."""
    from_: Annotated[str | None, CaseExact.true] = Field(None, serialization_alias="from", validation_alias="from")
    """The first day, as 2026-01-31; the day it is sent when it is not given."""
    until: Annotated[str | None, CaseExact.true] = None
    """The last day. A secondment needs one."""


class FurtherPostings(Extension):
    """Secondary postings and secondments that hold today or are to come. One that is no longer sent ends today."""

    __schema__ = URN("urn:thang:scim:schemas:extension:postings:1.0:User")

    postings: list[FurtherPosting] | None = None


class Member(ComplexAttribute):
    """A person whose primary posting is in the unit."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class Group(Resource[AnyExtension]):
    """A unit in force today. Until the system gives it an externalId, that is the unit's code."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """The Vietnamese name."""
    members: Annotated[list[Member] | None, Mutability.read_only] = None
    """Follows the department of each User; write that instead."""


def user_reference(pk: int) -> Any:
    """Return a reference to a User, which the service turns into an address."""
    return Reference[User](f"Users/{pk}")


def group_reference(pk: int) -> Any:
    """Return a reference to a Group."""
    return Reference[Group](f"Groups/{pk}")


ThangUser: Any = User[Annotated[EnterpriseUser, Required.true] | FurtherPostings]

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=MAX_OPERATIONS, max_payload_size=MAX_PAYLOAD),
    filter=Filter(supported=True, max_results=MAX_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="bearer_token",
            description="A token that the administrator of Thang gives to each HR system",
            spec_uri=Reference[External]("https://datatracker.ietf.org/doc/html/rfc6750"),
        )
    ],
)
# Widespread clients send attributes that are not kept, name what to remove by value, and address an e-mail that is not
# there yet.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, FurtherPostings, Group, ResourceType, Schema, ServiceProviderConfig],
    resource_types=[ResourceType.from_resource(ThangUser), ResourceType.from_resource(Group)],
    config=CONFIG,
    policy=POLICY,
)
