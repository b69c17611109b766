"""A gap report as JSON: its shape for the schema, and the writing of it."""

from typing import Any

from rest_framework import serializers

from reports.domain.gaps import Days, Gap, GapReport, GapRow, Named, Share

HIDDEN = "null when suppressed"
HIDDEN_OR_NOBODY = "null when suppressed or when nobody was assessed"


class UnitSerializer(serializers.Serializer[Named]):
    code = serializers.CharField()
    name_vi = serializers.CharField()
    name_en = serializers.CharField()
    kind = serializers.CharField()


class PositionGroupSerializer(serializers.Serializer[Named]):
    code = serializers.CharField()
    name_vi = serializers.CharField()
    name_en = serializers.CharField()


class ShareSerializer(serializers.Serializer[Share]):
    """A share of people, 0 to 1, with its 95% interval."""

    estimate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class GapSerializer(serializers.Serializer[Gap]):
    """One cell. A suppressed one says nothing at all: too few people stand behind it or behind a neighbour."""

    required = serializers.IntegerField(  # type: ignore[assignment]  # a field of this name, not the class's own flag
        allow_null=True, help_text=f"people whose post requires the competency; {HIDDEN}"
    )
    assessed = serializers.IntegerField(allow_null=True, help_text=f"of these, people with evidence; {HIDDEN}")
    below = ShareSerializer(
        allow_null=True, help_text=f"share of the assessed below the level their post requires; {HIDDEN_OR_NOBODY}"
    )
    shortfall = serializers.FloatField(
        allow_null=True, help_text=f"levels missing on average per assessed person; {HIDDEN_OR_NOBODY}"
    )
    levels = serializers.ListField(
        child=serializers.FloatField(),
        min_length=8,
        max_length=8,
        allow_null=True,
        help_text=f"expected number of assessed people at levels 1 to 8; {HIDDEN_OR_NOBODY}",
    )
    suppressed = serializers.BooleanField()


class CompetencyGapSerializer(GapSerializer):
    code = serializers.CharField()
    name_vi = serializers.CharField()
    name_en = serializers.CharField()


class PartGapSerializer(GapSerializer):
    code = serializers.CharField()


class ChildSerializer(serializers.Serializer[GapRow]):
    unit = UnitSerializer()
    competencies = PartGapSerializer(many=True)


class OwnStaffSerializer(serializers.Serializer[GapRow]):
    competencies = PartGapSerializer(many=True)


class DaysShownSerializer(serializers.Serializer[Days]):
    """Competence as of one day, counted under the structure of another."""

    competence = serializers.DateField(help_text="the day asked for, or the last one before it that is kept")
    structure = serializers.DateField()


class GapReportSerializer(serializers.Serializer[GapReport]):
    """The gaps of a unit with everything below it, greatest need first, and of each unit directly below."""

    unit = UnitSerializer()
    position_group = PositionGroupSerializer(allow_null=True, help_text="the group that all figures are narrowed to")
    days = DaysShownSerializer(allow_null=True, help_text="null for the figures of today")
    threshold = serializers.IntegerField(help_text="figures of fewer people are suppressed")
    published = serializers.BooleanField(
        help_text="true for accounts that may not see people: a figure moves only when at least `threshold` people have"
        " new results, and `own` includes the units below that are too small to stand alone"
    )
    folded_at = serializers.DateTimeField(allow_null=True, help_text="when any of these figures last changed")
    competencies = CompetencyGapSerializer(many=True)
    children = ChildSerializer(many=True)
    own = OwnStaffSerializer(allow_null=True, help_text="the unit's own staff, null where it has no units below")


def report_as_json(report: GapReport) -> dict[str, Any]:
    """Return the report in the shape of GapReportSerializer.

    Written out because a nation's report has a hundred thousand cells, for which serializers take seconds.
    """
    competencies = [each.competency for each in report.competencies]

    def cells_of(row: GapRow) -> list[dict[str, Any]]:
        return [{"code": each.code, **_figures(row.gap(each.pk))} for each in competencies]

    return {
        "unit": {**_names(report.unit), "kind": report.unit.kind},
        "position_group": _names(report.group) if report.group else None,
        "days": report.days._asdict() if report.days else None,
        "threshold": report.threshold,
        "published": report.published,
        "folded_at": report.folded_at,
        "competencies": [{**_names(each.competency), **_figures(each.gap)} for each in report.competencies],
        "children": [
            {"unit": {**_names(row.of), "kind": row.of.kind}, "competencies": cells_of(row)} for row in report.children
        ],
        "own": {"competencies": cells_of(report.own)} if report.own else None,
    }


def _names(of: Named) -> dict[str, str]:
    return {"code": of.code, "name_vi": of.name_vi, "name_en": of.name_en}


def _figures(gap: Gap) -> dict[str, Any]:
    below = gap.below
    return {
        "required": gap.required,
        "assessed": gap.assessed,
        "below": {"estimate": below.estimate, "low": below.low, "high": below.high} if below else None,
        "shortfall": gap.shortfall,
        "levels": gap.levels,
        "suppressed": gap.suppressed,
    }
