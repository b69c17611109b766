"""The framework and a person's estimates as JSON."""

from rest_framework import serializers

from competencies.domain.queries.estimates import EstimateOf
from competencies.models import Competency, Descriptor, Domain, Framework, Level


class DescriptorSerializer(serializers.ModelSerializer[Descriptor]):
    class Meta:
        model = Descriptor
        fields = ["band", "text_vi", "text_en"]


class CompetencySerializer(serializers.ModelSerializer[Competency]):
    descriptors = DescriptorSerializer(many=True)

    class Meta:
        model = Competency
        fields = ["code", "name_vi", "name_en", "source", "descriptors"]


class DomainSerializer(serializers.ModelSerializer[Domain]):
    competencies = CompetencySerializer(many=True)

    class Meta:
        model = Domain
        fields = ["code", "name_vi", "name_en", "competencies"]


class LevelSerializer(serializers.ModelSerializer[Level]):
    class Meta:
        model = Level
        fields = ["number", "band", "name_vi", "name_en", "band_vi", "band_en", "summary_vi", "summary_en"]


class FrameworkSerializer(serializers.ModelSerializer[Framework]):
    domains = DomainSerializer(many=True)
    levels = LevelSerializer(many=True)

    class Meta:
        model = Framework
        fields = ["code", "version", "name_vi", "name_en", "published_at", "levels", "domains"]


class CompetencyNameSerializer(serializers.ModelSerializer[Competency]):
    class Meta:
        model = Competency
        fields = ["code", "name_vi", "name_en"]


class EstimateSerializer(serializers.Serializer[EstimateOf]):
    """One competency of the person: what the post requires and what is known. Figures are null when not assessed."""

    competency = CompetencyNameSerializer()
    required = serializers.IntegerField(  # type: ignore[assignment]  # a field of this name, not the class's own flag
        allow_null=True, help_text="lowest level that the post accepts"
    )
    status = serializers.ChoiceField(choices=["level", "band", "insufficient", "not_assessed"])
    level = serializers.IntegerField(allow_null=True, help_text="1..8, only when the evidence earns one level")
    band = serializers.IntegerField(allow_null=True, help_text="1..4, only when the evidence earns one band")
    p_below = serializers.FloatField(allow_null=True, help_text="probability of being below the required level")
    mean = serializers.FloatField(source="estimate.mean", default=None, allow_null=True)
    se = serializers.FloatField(source="estimate.se", default=None, allow_null=True)
    level_probabilities = serializers.ListField(
        child=serializers.FloatField(), source="estimate.level_probabilities", default=None, allow_null=True
    )
    evidence_count = serializers.IntegerField(source="estimate.evidence_count", default=0)
    measured_at = serializers.DateTimeField(source="estimate.measured_at", default=None, allow_null=True)


class EstimatesSerializer(serializers.Serializer[dict[str, object]]):
    """The signed-in person's competencies, those that the post requires and those measured besides."""

    estimates = EstimateSerializer(many=True)
