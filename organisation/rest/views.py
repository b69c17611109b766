"""Units under /api/v1/."""

from datetime import date

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from organisation.domain.queries.units import today
from organisation.domain.queries.visible_units import search_units, visible_units
from organisation.models import UnitVersion, User
from organisation.rest.permissions import HasRole
from organisation.rest.serializers import UnitQuerySerializer, UnitVersionSerializer


class UnitPagination(LimitOffsetPagination):
    default_limit = 100
    max_limit = 1000


class UnitListView(ListAPIView[UnitVersion]):
    """The units that the account may see, in Vietnamese order of their names.

    An administrator sees all; an HR officer their units and all below; everyone the unit they work in and those above.
    """

    permission_classes = [HasRole]
    allowed_roles = {"learner", "trainer", "hr", "admin"}
    serializer_class = UnitVersionSerializer
    pagination_class = UnitPagination

    @extend_schema(operation_id="units_list", parameters=[UnitQuerySerializer])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[UnitVersion]:
        if not isinstance(self.request.user, User):  # the schema is drawn without a request
            return UnitVersion.objects.none()
        query = UnitQuerySerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        day: date = query.validated_data.get("as_of") or today()
        units = visible_units(self.request.user, day)
        return search_units(units, query.validated_data.get("q", "")).order_by("sort_key", "unit__code")
