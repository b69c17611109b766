"""Where the SCIM service reads and writes: the organisation, as far as one HR system's scope goes."""

from contextlib import AbstractContextManager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from scim2_models import (
    ConflictException,
    InvalidFilterException,
    NotFoundException,
    NotImplementedException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    SearchRequest,
)
from scim2_server.storage import ScimStorage, SearchPage

from organisation.domain.access import record_audit
from organisation.domain.posting_changes import PostingsChanged, take_turn
from organisation.models import HrSystem
from organisation.scim import people, units
from organisation.scim.filters import ConditionOf, attribute_name
from organisation.scim.postings import further_postings
from organisation.scim.resources import FurtherPostings

AnyResource = Resource[Any]
GROUPS_PER_PAGE = 100


class BusyException(SCIMException):
    """A reorganisation is at all postings, or somebody else at this person's."""

    status = 503
    _default_detail = "The organisation is being changed: try again in a moment"


class OrganisationStorage(ScimStorage):
    """The storage of one request. Ids are the keys of people and units; what is out of scope is not there."""

    def __init__(self, system: HrSystem, address: str | None) -> None:
        self.system = system
        self.address = address
        self._given: AnyResource | None = None

    def operation(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> AnyResource:
        row = self._row(resource_type, resource_id)
        self._given = self._resources(resource_type, [row], response_parameters)[0]
        return self._given

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        is_only = len(resource_types) == 1
        if search_request.sort_by and not is_only:
            raise NotImplementedException(detail="Sorting needs one resource type")
        start = search_request.start_index_0 or 0
        count = search_request.count
        total, page = 0, list[AnyResource]()
        for resource_type in resource_types:
            rows = self._found(resource_type, search_request, is_only=is_only)
            number = rows.count()
            left = number if count is None else count - len(page)
            if resource_type.name == "Group":
                left = min(left, GROUPS_PER_PAGE)
            first = max(start - total, 0)
            total += number
            if left > 0 and first < number:
                page += self._resources(resource_type, list(rows[first : first + left]), search_request)
        return SearchPage(total, page)

    def create(self, resource_type: ResourceType, resource: AnyResource) -> AnyResource:
        if resource_type.name == "User":
            _wait_for_turn()
        return self._write(resource_type, resource, None)

    def update(
        self, resource_type: ResourceType, resource: AnyResource, *, expected_version: str | None = None
    ) -> AnyResource:
        row = self._locked(resource_type, resource.id or "", expected_version)
        if resource_type.name == "User" and resource is self._given and resource[FurtherPostings] is None:
            # A PATCH, which changes what it was given, took them away. A PUT that does not know them leaves them alone.
            resource[FurtherPostings] = FurtherPostings()
        return self._write(resource_type, resource, row)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        row = self._locked(resource_type, resource_id, expected_version)
        if resource_type.name == "User":
            people.remove_user(self.system, row.person)
        else:
            units.remove_group(self.system, row.unit)
        self._note("deleted", resource_type, resource_id)

    def _seen(self, resource_type: ResourceType) -> QuerySet[Any]:
        if resource_type.name == "User":
            return people.postings_seen(self.system)
        return units.units_seen(self.system)

    def _row(self, resource_type: ResourceType, resource_id: str) -> Any:
        key = "person_id" if resource_type.name == "User" else "unit_id"
        row = None
        if resource_id.isdecimal() and len(resource_id) < 19:
            row = self._seen(resource_type).filter(**{key: int(resource_id)}).first()
        if row is None:
            raise NotFoundException(detail=f"There is no {resource_type.name} {resource_id!r} in your scope")
        return row

    def _locked(self, resource_type: ResourceType, resource_id: str, expected_version: str | None) -> Any:
        row = self._row(resource_type, resource_id)
        if resource_type.name == "User":
            _wait_for_turn(row.person_id)
        else:
            type(row.unit).objects.select_for_update(no_key=True).get(pk=row.unit_id)
        row = self._row(resource_type, resource_id)
        (now,) = self._resources(resource_type, [row], None)
        if expected_version is not None and now.meta is not None and now.meta.version != expected_version:
            raise PreconditionFailedException
        return row

    def _resources(
        self, resource_type: ResourceType, rows: list[Any], parameters: ResponseParameters[Any] | None
    ) -> list[AnyResource]:
        if resource_type.name == "User":
            further = further_postings(self.system, [row.person_id for row in rows])
            return [people.user_resource(row, further[row.person_id]) for row in rows]
        members = units.members_of(row.unit_id for row in rows) if _wants_members(parameters) else {}
        digests = units.digests_of_members(row.unit_id for row in rows)
        return [units.group_resource(row, members.get(row.unit_id), digests.get(row.unit_id, "")) for row in rows]

    def _found(
        self, resource_type: ResourceType, search_request: SearchRequest[Any], *, is_only: bool
    ) -> QuerySet[Any]:
        room: Any = people if resource_type.name == "User" else units
        rows = self._seen(resource_type)
        if search_request.filter is not None:
            condition = ConditionOf(room.COLUMNS, is_only=is_only).visit(search_request.filter.ast)
            rows = rows.filter(condition)
        order = "pk"
        if search_request.sort_by is not None:
            name = attribute_name(str(search_request.sort_by))
            order = room.ORDERS.get(name) or room.ORDERS.get(f"{name}.value") or ""
            if not order:
                raise InvalidFilterException(detail=f"It is not possible to sort by {search_request.sort_by}")
        if search_request.sort_order == SearchRequest.SortOrder.descending:
            return rows.order_by(f"-{order}", "-pk")
        return rows.order_by(order, "pk")

    def _write(self, resource_type: ResourceType, resource: AnyResource, row: Any | None) -> AnyResource:
        try:
            if resource_type.name == "User":
                key = people.write_user(self.system, resource, row.person if row else None).pk
            else:
                key = units.write_group(self.system, resource, row).pk
        except IntegrityError as error:
            people.refuse_code_in_use(error)
            raise ConflictException(detail="Somebody else changed the same person or unit meanwhile") from None
        self._note("changed" if row else "created", resource_type, str(key))
        return self.get(resource_type, str(key))

    def _note(self, what: str, resource_type: ResourceType, resource_id: str) -> None:
        record_audit(
            actor=None,
            action=f"scim_{what}",
            target=f"{resource_type.name} {resource_id}",
            address=self.address,
            detail={"system": self.system.name},
        )


def _wait_for_turn(person_pk: int | None = None) -> None:
    try:
        take_turn(person_pk)
    except PostingsChanged:
        raise BusyException from None


def _wants_members(parameters: ResponseParameters[Any] | None) -> bool:
    if parameters is None:
        return True
    asked = {attribute_name(str(path)).partition(".")[0] for path in parameters.attributes or []}
    excluded = {attribute_name(str(path)) for path in parameters.excluded_attributes or []}
    return "members" not in excluded and (not asked or "members" in asked)
