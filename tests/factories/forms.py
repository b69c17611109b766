"""Assessments in sections: fixed forms and draws."""

from typing import Any

from assessments.models import Assessment, AssessmentSection, ItemVersion, SectionDraw, SectionItem
from tests.factories.assessments import AssessmentFactory


def make_form(*sections: list[ItemVersion], minutes: dict[int, int] | None = None, **fields: Any) -> Assessment:
    """An open fixed form of these sections; minutes: of sections with a time of their own, by number from 1."""
    form: Assessment = AssessmentFactory(**{"mode": "fixed", "by_post": False} | fields)
    for number, versions in enumerate(sections, 1):
        section = add_section(form, number, (minutes or {}).get(number))
        for order, version in enumerate(versions, 1):
            SectionItem.objects.create(section=section, order=order, version=version)
    return form


def make_draw(*rows: dict[str, Any], **fields: Any) -> Assessment:
    """An open draw of one section; each row as the fields of SectionDraw."""
    form: Assessment = AssessmentFactory(**{"mode": "draw", "by_post": False} | fields)
    section = add_section(form, 1)
    for order, row in enumerate(rows, 1):
        SectionDraw.objects.create(section=section, order=order, **row)
    return form


def add_section(form: Assessment, number: int, minutes: int | None = None) -> AssessmentSection:
    return AssessmentSection.objects.create(
        assessment=form, order=number, name_vi=f"Phần {number}", name_en=f"Part {number}", minutes=minutes
    )
