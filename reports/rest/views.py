"""Gap reports over REST."""

from typing import cast

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organisation.api import can_see_people, can_see_unit, find_unit
from organisation.models import PositionGroup, User
from organisation.rest.permissions import HasRole, refuse
from reports.domain.gap_report import gap_report
from reports.rest.serializers import GapReportSerializer, report_as_json


class GapsView(APIView):
    """The gaps of a unit, for HR within its scope."""

    permission_classes = [HasRole]
    allowed_roles = {"hr", "admin"}

    @extend_schema(
        operation_id="gaps",
        parameters=[
            OpenApiParameter("unit", OpenApiTypes.STR, required=True, description="code of the unit"),
            OpenApiParameter(
                "group",
                OpenApiTypes.STR,
                description="code of a position group to narrow figures to, for whoever may see people",
            ),
        ],
        responses={
            200: GapReportSerializer,
            404: OpenApiResponse(description="no such unit or position group, or none that you may see"),
        },
    )
    def get(self, request: Request) -> Response:
        """How many people fall short of what their posts require, by competency and by the units below.

        Accounts that may not see people get published figures, which move in steps, without position groups.
        """
        code = request.query_params.get("unit", "")
        unit = find_unit(code) if "\0" not in code else None
        if unit is None:
            raise Http404
        if not can_see_unit(cast(User, request.user), unit):
            raise refuse(request, f"unit {code}")
        user, group = cast(User, request.user), None
        published = not can_see_people(user, unit)
        if group_code := request.query_params.get("group"):
            group = PositionGroup.objects.filter(code=group_code).first() if "\0" not in group_code else None
            if group is None or published:
                raise Http404
        return Response(report_as_json(gap_report(unit, position_group=group, published=published)))
