"""Units as JSON."""

from rest_framework import serializers

from organisation.models import UnitVersion


class UnitQuerySerializer(serializers.Serializer[object]):
    """What may be asked of the list of units."""

    as_of = serializers.DateField(required=False, help_text="the structure of this day (YYYY-MM-DD); today's if absent")
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="words of the name, in either language, with or without diacritics, or a part of the code",
    )


class UnitVersionSerializer(serializers.ModelSerializer[UnitVersion]):
    """A unit as it was on the day asked for."""

    code = serializers.CharField(source="unit.code")
    parent = serializers.CharField(  # type: ignore[assignment]  # a field of this name, not the class's own attribute
        source="parent.code", default=None, allow_null=True, help_text="code of the unit above"
    )
    valid_from = serializers.DateField(source="valid.lower", help_text="first day of this name, kind and parent")
    valid_to = serializers.DateField(source="valid.upper", allow_null=True, help_text="first day it no longer holds")

    class Meta:
        model = UnitVersion
        fields = ["code", "name_vi", "name_en", "kind", "parent", "valid_from", "valid_to"]
