"""What stands in the sections of a fixed form or a draw, and changing it; sittings that have begun keep theirs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery, Sum

from assessments.domain.delivery_rules import RulesRefused
from assessments.models import Assessment, AssessmentSection, Item, ItemVersion, SectionDraw, SectionItem
from organisation.api import record_audit, remember
from organisation.models import User

MOST_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Holding:
    """A question that a fixed form holds. in_use: number of the version now in use, None where none is."""

    row: SectionItem
    in_use: int | None

    @property
    def is_old(self) -> bool:
        """Whether a newer version is in use than the one held."""
        return self.in_use is not None and self.in_use != self.row.version.number

    @property
    def is_retired(self) -> bool:
        """Whether the question was taken out of use, and nothing newer is in use."""
        return self.in_use is None


@dataclass(frozen=True, slots=True)
class SectionOutline:
    """A section and how many questions a sitting gets in it."""

    section: AssessmentSection
    questions: int


@remember
def outline_of(assessment: Assessment) -> list[SectionOutline]:
    """Return the sections in order. One query."""
    counted = Count("items") if assessment.mode == Assessment.Mode.FIXED else Sum("draws__count")
    sections = assessment.sections.annotate(questions=counted).order_by("order")
    return [SectionOutline(each, each.questions or 0) for each in sections]


def holdings(**wanted: Any) -> list[Holding]:
    """Return what fixed forms hold, by form and place; wanted: lookups of SectionItem. One query."""
    published = ItemVersion.objects.filter(item=OuterRef("version__item"), status=ItemVersion.Status.PUBLISHED)
    rows = SectionItem.objects.filter(**wanted).annotate(in_use=Subquery(published.values("number")))
    joined = rows.select_related("section__assessment", "version__item__competency")
    return [Holding(row, row.in_use) for row in joined.order_by("section__assessment__code", "section__order", "order")]


def add_section(assessment: Assessment, actor: User | None, **fields: Any) -> AssessmentSection:
    """Add a section at the end; fields: of AssessmentSection."""
    with _changing(assessment, actor, "section added"):
        return AssessmentSection.objects.create(assessment=assessment, order=1 + assessment.sections.count(), **fields)


def change_section(section: AssessmentSection, actor: User | None, **fields: Any) -> None:
    """Change title, instructions or time."""
    with _changing(section.assessment, actor, "section changed"):
        AssessmentSection.objects.filter(pk=section.pk).update(**fields)


def remove_section(section: AssessmentSection, actor: User | None) -> None:
    """Remove a section with what stands in it."""
    with _changing(section.assessment, actor, "section removed"):
        section.delete()
        _number(AssessmentSection, section.assessment.sections.order_by("order"))


def move_section(section: AssessmentSection, actor: User | None, step: int) -> None:
    """Move a section by `step` places (-1: earlier); at the ends nothing happens."""
    with _changing(section.assessment, actor, "section moved"):
        _number(AssessmentSection, _moved(section.assessment.sections.order_by("order"), section.pk, step))


def add_items(section: AssessmentSection, actor: User | None, codes: Sequence[str]) -> int:
    """Add the published versions of these items at the end, in the order given; return how many were new.

    An item that the assessment has already is left where it is. Raises RulesRefused: mode, codes (an item that is no
    published question), length.
    """
    if section.assessment.mode != Assessment.Mode.FIXED:
        raise RulesRefused("mode", "only a fixed form has questions picked")
    with _changing(section.assessment, actor, "questions added"):
        published = ItemVersion.objects.filter(status=ItemVersion.Status.PUBLISHED).exclude(item__kind="simulation")
        found = {
            version.item.code: version for version in published.filter(item__code__in=codes).select_related("item")
        }
        missing = [code for code in codes if code not in found]
        if missing:
            raise RulesRefused("codes", missing[0])
        held = set(
            Item.objects.filter(
                versions__in=SectionItem.objects.filter(section__assessment=section.assessment).values("version")
            ).values_list("pk", flat=True)
        )
        new = [found[code] for code in dict.fromkeys(codes) if found[code].item_id not in held]
        start = section.items.count()
        SectionItem.objects.bulk_create(
            SectionItem(section=section, order=start + at, version=version) for at, version in enumerate(new, 1)
        )
    return len(new)


def remove_item(row: SectionItem, actor: User | None) -> None:
    with _changing(row.section.assessment, actor, "question removed"):
        row.delete()
        _number(SectionItem, row.section.items.order_by("order"))


def move_item(row: SectionItem, actor: User | None, step: int) -> None:
    """Move a question by `step` places within its section; at the ends nothing happens."""
    with _changing(row.section.assessment, actor, "question moved"):
        _number(SectionItem, _moved(row.section.items.order_by("order"), row.pk, step))


def renew_item(row: SectionItem, actor: User | None) -> None:
    """Put the version now published in the place of the one picked; nothing happens without one."""
    with _changing(row.section.assessment, actor, "question renewed"):
        published = ItemVersion.objects.filter(item=row.version.item_id, status=ItemVersion.Status.PUBLISHED).first()
        if published is not None:
            SectionItem.objects.filter(pk=row.pk).update(version=published)


def set_draws(section: AssessmentSection, actor: User | None, rows: Sequence[dict[str, Any]]) -> None:
    """Replace what a section draws; rows: fields of SectionDraw in order. Raises RulesRefused: mode, length."""
    if section.assessment.mode != Assessment.Mode.DRAW:
        raise RulesRefused("mode", "only a draw has rows")
    with _changing(section.assessment, actor, "draws changed"):
        section.draws.all().delete()
        SectionDraw.objects.bulk_create(
            SectionDraw(section=section, order=order, **row) for order, row in enumerate(rows, 1)
        )


@contextmanager
def _changing(assessment: Assessment, actor: User | None, what: str) -> Iterator[None]:
    """One change of the form at a time; afterwards the assessment knows how many questions it has."""
    with transaction.atomic():
        locked = Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
        yield
        count = sum(each.questions for each in outline_of(locked))
        if count > MOST_QUESTIONS:
            raise RulesRefused("length", str(MOST_QUESTIONS))
        locked.max_items = max(1, count)
        locked.save(update_fields=["max_items"])
        record_audit(actor=actor, action="changed", target=f"form of assessment {locked.code}", detail={"what": what})


def _moved(rows: Iterable[Any], pk: int, step: int) -> list[Any]:
    found = list(rows)
    at = next((place for place, each in enumerate(found) if each.pk == pk), None)
    if at is not None and 0 <= at + step < len(found):
        found.insert(at + step, found.pop(at))
    return found


def _number(model: Any, rows: Iterable[Any]) -> None:
    """Count the rows from 1; the places are unique only when the transaction ends."""
    found = list(rows)
    for order, row in enumerate(found, 1):
        row.order = order
    model.objects.bulk_update(found, ["order"])
