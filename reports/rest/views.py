"""Gap reports over REST."""

from typing import Any, cast

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organisation.api import today
from organisation.models import PositionGroup, User
from organisation.rest.permissions import HasRole, refuse
from reports.domain.gap_report import gap_report
from reports.domain.reach import DaysRefused, NoSuchUnit, OutOfReach, ask_days, reach_unit, report_of_days
from reports.rest.serializers import GapReportSerializer, report_as_json

DAYS = ("competence", "structure")


class DaysSerializer(serializers.Serializer[Any]):
    """The days of a query; one that is left out is today."""

    competence = serializers.DateField(required=False)
    structure = serializers.DateField(required=False)


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
                description="code of a position group to narrow figures to, for whoever may see people; not together"
                " with other days than today",
            ),
            OpenApiParameter(
                "competence",
                OpenApiTypes.DATE,
                description="the day whose competence is shown, for whoever may see people: what was known of people,"
                " and what their posts required, when it ended. Month ends are kept; another day shows the one before."
                " Today when it is left out.",
            ),
            OpenApiParameter(
                "structure",
                OpenApiTypes.DATE,
                description="the day whose units those people are counted in, for whoever may see people: that of"
                " competence or a later one, but for administrators. Today when it is left out.",
            ),
        ],
        responses={
            200: GapReportSerializer,
            400: OpenApiResponse(description="days that cannot be shown, and why, by the name of the parameter"),
            404: OpenApiResponse(description="no such unit or position group, or none that you may see"),
        },
    )
    def get(self, request: Request) -> Response:
        """How many people fall short of what their posts require, by competency and by the units below.

        Competence as of one day, counted under the structure of another. Accounts that may not see people get
        published figures, which move in steps, of today and without position groups.
        """
        user, query = cast(User, request.user), request.query_params
        code, asked = query.get("unit", ""), DaysSerializer(data={key: query[key] for key in DAYS if query.get(key)})
        asked.is_valid(raise_exception=True)
        competence, structure = (asked.validated_data.get(key) or today() for key in DAYS)
        try:
            unit, reach = reach_unit(user, code, structure)
        except OutOfReach as error:
            raise refuse(request, f"unit {code}") from error
        except NoSuchUnit as error:
            raise Http404 from error
        group = _group(query["group"]) if query.get("group") else None
        if not reach.sees_people and (group or asked.validated_data):
            raise Http404
        try:
            days = ask_days(user, competence, structure)
            if group and days:
                raise DaysRefused({"group": _("Position groups are shown for today alone.")})
            if days is None and reach.only_then:
                raise Http404
            published = not reach.sees_people
            report = report_of_days(unit, days) if days else gap_report(unit, position_group=group, published=published)
        except DaysRefused as error:
            raise serializers.ValidationError(dict(error.reasons)) from error
        return Response(report_as_json(report))


def _group(code: str) -> PositionGroup:
    group = PositionGroup.objects.filter(code=code).first() if "\0" not in code else None
    if group is None:
        raise Http404
    return group
