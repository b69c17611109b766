"""Attempts, questions, answers and results as JSON."""

from typing import Any

from rest_framework import serializers

from assessments.domain.feedback import counts_allowed
from assessments.domain.queries.results import CompetencyResult, Result
from assessments.domain.responses import MAX_SEQUENCE, Acknowledgement
from assessments.models import Assessment, Attempt
from competencies.models import Competency

MAX_KEY = 2**63 - 1


class StartSerializer(serializers.Serializer[dict[str, Any]]):
    assessment = serializers.SlugField(help_text="code of the assessment")


class ResponseInputSerializer(serializers.Serializer[dict[str, Any]]):
    """An answer. The same key sent again with the same answer is acknowledged as it was the first time."""

    key = serializers.UUIDField(help_text="made by the client, once per answer")
    sequence = serializers.IntegerField(min_value=1, max_value=MAX_SEQUENCE, help_text="counted within the attempt")
    version = serializers.IntegerField(min_value=1, max_value=MAX_KEY, help_text="as `next` gave it")
    value = serializers.JSONField(
        help_text='single_choice {"choice": id}; multiple_choice {"choices": [ids]}; ordering {"order": [ids]}; '
        'matching {"pairs": {id: id}}; categorise {"cards": {id: id}}; highlight {"marks": {id: id}}; '
        'hotspot {"regions": [ids]} or {"points": [[x, y]]}; true_false_reason {"answer": bool, "reason": id}; '
        'numeric {"value": text, "unit": id}; short_text, essay and prompt {"text": text}; '
        'cloze {"gaps": {id: text}}; table {"cells": {cell: text}}; file_upload {"files": [files]}'
    )


class ActionInputSerializer(serializers.Serializer[dict[str, Any]]):
    """An action in a simulation. Keys and sequence as for answers."""

    key = serializers.UUIDField()
    sequence = serializers.IntegerField(min_value=1, max_value=MAX_SEQUENCE, help_text="as the view gave it")
    action = serializers.CharField(max_length=100)
    params = serializers.DictField(required=False, default=dict)


class AcknowledgementSerializer(serializers.Serializer[Acknowledgement]):
    """`accepted` counts; `superseded` is kept, but a newer answer stands; `late` is kept and not scored."""

    response = serializers.IntegerField(source="response_id")
    status = serializers.ChoiceField(choices=["accepted", "superseded", "late"])
    sequence = serializers.IntegerField()
    received_at = serializers.DateTimeField()


class ActionAcknowledgementSerializer(AcknowledgementSerializer):
    simulation = serializers.DictField(help_text="the view after the action")


class CompetencyNameSerializer(serializers.ModelSerializer[Competency]):
    class Meta:
        model = Competency
        fields = ["code", "name_vi", "name_en"]


class CompetencyResultSerializer(serializers.Serializer[CompetencyResult]):
    """What all evidence up to the submission says of one competency; figures are null when there is none."""

    competency = CompetencyNameSerializer()
    required = serializers.IntegerField(  # type: ignore[assignment]  # a field of this name, not the class's own flag
        allow_null=True
    )
    asked = serializers.IntegerField(help_text="observables of this attempt")
    score = serializers.IntegerField(
        allow_null=True, help_text="null while right answers are kept and the person may take the assessment again"
    )
    maximum = serializers.IntegerField(allow_null=True, help_text="null with `score`")
    status = serializers.ChoiceField(choices=["level", "band", "insufficient", "not_assessed"])
    level = serializers.IntegerField(allow_null=True)
    band = serializers.IntegerField(allow_null=True)
    p_below = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(source="values.mean", default=None, allow_null=True)
    se = serializers.FloatField(source="values.se", default=None, allow_null=True)
    level_probabilities = serializers.ListField(
        child=serializers.FloatField(), source="values.level_probabilities", default=None, allow_null=True
    )
    evidence_count = serializers.IntegerField()


class ResultSerializer(serializers.Serializer[Result]):
    submitted_at = serializers.DateTimeField()
    competencies = CompetencyResultSerializer(many=True)


class AttemptSerializer(serializers.Serializer[Attempt]):
    """A sitting. `result` is null until it is submitted."""

    id = serializers.UUIDField()
    assessment = serializers.CharField(source="assessment.code")
    mode = serializers.ChoiceField(source="assessment.mode", choices=Assessment.Mode.values)
    status = serializers.ChoiceField(choices=["open", "submitted"])
    started_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField(help_text="by the server's clock")
    submitted_at = serializers.DateTimeField(allow_null=True)
    result = serializers.SerializerMethodField()

    def get_result(self, attempt: Attempt) -> dict[str, Any] | None:
        result: Result | None = self.context.get("result")
        if result is None:
            return None
        data = dict(ResultSerializer(result).data)
        if not counts_allowed(attempt):
            for each in data["competencies"]:
                each["score"] = each["maximum"] = None
        return data


class NextSerializer(serializers.Serializer[dict[str, Any]]):
    """The question to answer now, or `finished` with no question: then the attempt is to be submitted."""

    finished = serializers.BooleanField()
    position = serializers.IntegerField(required=False)
    version = serializers.IntegerField(required=False)
    sequence = serializers.IntegerField(required=False, help_text="what to count the answer as")
    answered = serializers.IntegerField(required=False)
    at_most = serializers.IntegerField(required=False, help_text="the sitting's limit; it may end earlier")
    deadline = serializers.DateTimeField(required=False)
    question = serializers.DictField(
        required=False,
        help_text="the player's copy in the language of the request, without the key: kind, stem, and what the kind "
        "shows, such as options with id and text",
    )
