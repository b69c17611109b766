"""The framework and one's own estimates."""

from typing import cast

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from competencies.domain.framework import current_framework
from competencies.domain.queries.estimates import estimates_of
from competencies.models import Framework
from competencies.rest.serializers import EstimatesSerializer, FrameworkSerializer
from organisation.models import User
from organisation.rest.permissions import HasRole


class FrameworkView(APIView):
    """The competency framework in force."""

    permission_classes = [HasRole]
    allowed_roles = {"learner", "trainer", "hr", "admin"}

    @extend_schema(operation_id="competencies", responses=FrameworkSerializer)
    def get(self, request: Request) -> Response:
        """Domains, competencies with their descriptors by band, and the eight levels, in both languages."""
        try:
            newest = current_framework()
        except Framework.DoesNotExist:
            raise Http404 from None
        framework = Framework.objects.prefetch_related("levels", "domains__competencies__descriptors").get(pk=newest.pk)
        return Response(FrameworkSerializer(framework).data)


class MyEstimatesView(APIView):
    """What is known of the signed-in person."""

    permission_classes = [HasRole]
    allowed_roles = {"learner"}

    @extend_schema(operation_id="my_estimates", responses=EstimatesSerializer)
    def get(self, request: Request) -> Response:
        """Each competency that one's post requires or that was measured, in the framework's order."""
        user = cast(User, request.user)
        return Response(EstimatesSerializer({"estimates": estimates_of(user.person)}).data)
