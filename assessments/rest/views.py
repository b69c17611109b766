"""Taking an assessment: start, questions or a simulation, submission. Everything is the signed-in person's own."""

from typing import Any, cast
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.domain.attempts import find_attempt, start_attempt
from assessments.domain.delivery import next_item
from assessments.domain.invigilation import check_room
from assessments.domain.queries.results import attempt_result
from assessments.domain.refusals import AttemptNotFound, AttemptRefused, ResponseRefused
from assessments.domain.responses import submit_response
from assessments.domain.simulations import act, simulation_view
from assessments.domain.submission import submit_attempt
from assessments.models import Assessment, Attempt
from assessments.rest.serializers import (
    AcknowledgementSerializer,
    ActionAcknowledgementSerializer,
    ActionInputSerializer,
    AttemptSerializer,
    NextSerializer,
    ResponseInputSerializer,
    StartSerializer,
)
from organisation.models import Person, User
from organisation.rest.permissions import HasRole, refuse

NOT_FOUND = OpenApiResponse(description="There is no such attempt of this person.")
REFUSED = OpenApiResponse(description="The attempt cannot be started or continued; `code` says why.")
WRONG = OpenApiResponse(description="Nothing was saved; messages by field.")


class Conflict(APIException):
    """409 with a message and a fixed word in `code`."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, refusal: AttemptRefused) -> None:
        super().__init__({"detail": refusal.message, "code": refusal.reason})


class KeyReused(ValidationError):
    """422: an idempotency key that another answer had."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


class AttemptView(APIView):
    """What the views of attempts share: for learners alone, and refusals as HTTP answers."""

    permission_classes = [HasRole]
    allowed_roles = {"learner"}

    def person(self) -> Person:
        return cast(User, self.request.user).person

    def attempt(self, attempt_id: UUID) -> Attempt:
        """The person's own attempt; one under supervision goes on in the browser alone."""
        found = find_attempt(attempt_id, self.person())
        check_room(found, None)
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, AttemptNotFound):
            exc = refuse(self.request, f"attempt {exc}")
        elif isinstance(exc, AttemptRefused):
            exc = Conflict(exc)
        elif isinstance(exc, ResponseRefused):
            kind = KeyReused if exc.reason == "key_reused" else ValidationError
            detail: Any = [exc.message]
            for part in reversed(exc.field.split(".")):
                detail = {part: detail}
            exc = kind(detail)
        return super().handle_exception(exc)


class AttemptListView(AttemptView):
    """Sittings of the signed-in person."""

    @extend_schema(
        operation_id="start_attempt",
        request=StartSerializer,
        responses={201: AttemptSerializer, 200: AttemptSerializer, 404: NOT_FOUND, 409: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Start an assessment (201), or go on with the sitting that is open (200)."""
        given = StartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        assessment = Assessment.objects.filter(code=given.validated_data["assessment"]).first()
        if assessment is None:
            raise Http404
        now = timezone.now()
        attempt = start_attempt(self.person(), assessment, now=now)
        code = status.HTTP_201_CREATED if attempt.started_at == now else status.HTTP_200_OK
        return Response(AttemptSerializer(attempt).data, status=code)


class AttemptDetailView(AttemptView):
    """One sitting."""

    @extend_schema(operation_id="attempt", responses={200: AttemptSerializer, 404: NOT_FOUND})
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """The sitting, with its result once it is submitted."""
        attempt = find_attempt(attempt_id, self.person())
        result = attempt_result(attempt) if attempt.status == Attempt.Status.SUBMITTED else None
        return Response(AttemptSerializer(attempt, context={"result": result}).data)


class NextView(AttemptView):
    """The question to answer now."""

    @extend_schema(operation_id="next_item", responses={200: NextSerializer, 404: NOT_FOUND, 409: REFUSED})
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """The next question, or the one that still waits for its answer; `finished` when there is none."""
        given = next_item(self.attempt(attempt_id))
        if given is None:
            return Response(NextSerializer({"finished": True}).data)
        data = {
            "finished": False,
            "position": given.position,
            "version": given.version_id,
            "sequence": given.sequence,
            "answered": given.answered,
            "at_most": given.at_most,
            "deadline": given.deadline,
            "question": given.player_view(get_language() or "vi"),
        }
        return Response(NextSerializer(data).data)


class ResponseListView(AttemptView):
    """Answers."""

    @extend_schema(
        operation_id="submit_response",
        request=ResponseInputSerializer,
        responses={
            201: AcknowledgementSerializer,
            200: AcknowledgementSerializer,
            400: WRONG,
            404: NOT_FOUND,
            409: REFUSED,
            422: OpenApiResponse(description="The key was used for another answer."),
        },
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Save an answer: 201 the first time, 200 with the same body when the same key is sent again."""
        given = ResponseInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        acknowledged = submit_response(
            attempt_id,
            self.attempt(attempt_id).person_id,
            key=data["key"],
            sequence=data["sequence"],
            version_id=data["version"],
            raw_value=data["value"],
        )
        code = status.HTTP_200_OK if acknowledged.repeated else status.HTTP_201_CREATED
        return Response(AcknowledgementSerializer(acknowledged).data, status=code)


class SubmitView(AttemptView):
    """The end of a sitting."""

    @extend_schema(
        operation_id="submit_attempt", request=None, responses={200: AttemptSerializer, 404: NOT_FOUND, 409: REFUSED}
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Submit the sitting and get its result; again, or at once from several places, the result is the same."""
        attempt = self.attempt(attempt_id)
        result = submit_attempt(attempt)
        return Response(AttemptSerializer(attempt, context={"result": result}).data)


class SimulationView(AttemptView):
    """A simulation as it stands."""

    @extend_schema(operation_id="simulation_view", responses={200: OpenApiTypes.OBJECT, 404: NOT_FOUND, 409: REFUSED})
    def get(self, request: Request, attempt_id: UUID) -> Response:
        """The present screen, the actions that are legal now, and the `sequence` to count the next action as."""
        return Response(simulation_view(self.attempt(attempt_id), get_language() or "vi"))


class ActionListView(AttemptView):
    """Actions in a simulation."""

    @extend_schema(
        operation_id="act",
        request=ActionInputSerializer,
        responses={
            201: ActionAcknowledgementSerializer,
            200: ActionAcknowledgementSerializer,
            400: WRONG,
            404: NOT_FOUND,
            409: REFUSED,
        },
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Do an action: 201 the first time, 200 when the same key is sent again. The view after it comes along."""
        given = ActionInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        attempt = self.attempt(attempt_id)
        acknowledged = act(attempt_id, attempt.person_id, **given.validated_data)
        view = simulation_view(attempt, get_language() or "vi")
        data = {**AcknowledgementSerializer(acknowledged).data, "simulation": view}
        return Response(data, status=status.HTTP_200_OK if acknowledged.repeated else status.HTTP_201_CREATED)
