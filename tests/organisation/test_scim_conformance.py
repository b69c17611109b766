"""The whole of scim2-tester against the application, as a client meets it: middleware, token, database and all."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from pydantic import Field
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import CaseExact, Required, ResourceType, ScimProvider
from scim2_tester import Status, check_server

from organisation.domain.hr_systems import admit_hr_system
from organisation.scim import resources
from tests.organisation.conftest import Province

# What the tester cannot know by itself: which values a title and a department may have.
CODES = ["AB-01", "AB-02"]
POSITIONS = ["clerk", "chair"]


class User(resources.User[resources.AnyExtension]):
    title: Annotated[str | None, Required.true, CaseExact.true] = Field(None, examples=POSITIONS)


class EnterpriseUser(resources.EnterpriseUser):
    department: Annotated[str | None, Required.true, CaseExact.true] = Field(None, examples=CODES)


class FurtherPosting(resources.FurtherPosting):
    # One posting: the tester adds it to the extension and, again, to its list, and expects it there once.
    kind: Annotated[resources.FurtherPosting.Kind | None, Required.true] = Field(None, examples=["secondary"])
    unit: Annotated[str | None, Required.true, CaseExact.true] = Field(None, examples=["AB-02"])
    position: Annotated[str | None, Required.true, CaseExact.true] = Field(None, examples=["chair"])
    from_: Annotated[str | None, CaseExact.true] = Field(
        None, serialization_alias="from", validation_alias="from", examples=["2199-01-01"]
    )
    until: Annotated[str | None, CaseExact.true] = Field(None, examples=["2199-12-31"])


class FurtherPostings(resources.FurtherPostings):
    postings: list[FurtherPosting] | None = None  # type: ignore[assignment]  # narrower, as the tester asks


@pytest.fixture
def client(province: Province, settings) -> Iterator[WSGISCIMClient]:
    """A client of the WSGI application itself; the test's one connection stays open between its requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    settings.SCIM_REQUESTS_PER_MINUTE = 100_000
    user = User[Annotated[EnterpriseUser, Required.true] | FurtherPostings]
    provider = ScimProvider(
        models=[User, EnterpriseUser, FurtherPostings, resources.Group],
        resource_types=[ResourceType.from_resource(user), ResourceType.from_resource(resources.Group)],
    )
    yield WSGISCIMClient(
        get_wsgi_application(),
        base_url="http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {admit_hr_system('HRM', province.top)}"},
        provider=provider,
    )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_scim2_tester_passes_whole(client: WSGISCIMClient) -> None:
    results = check_server(client)
    wrong = [each for each in results if each.status not in (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)]
    assert not wrong, "\n\n".join(f"{each.title} {each.resource_type}: {each.reason} {each.data}" for each in wrong)
    assert len(results) > 60
