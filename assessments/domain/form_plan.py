"""The questions of a fixed form or a drawn one, decided when a sitting starts and kept in `Attempt.form`."""

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import get_language

from assessments.domain.queries.published import competencies_by_key
from assessments.domain.queries.secret import GUARDED_ITEMS
from assessments.domain.queries.void import void_versions
from assessments.domain.refusals import AttemptRefused
from assessments.domain.versions import playable_versions
from assessments.items import file_upload
from assessments.models import (
    Assessment,
    AssessmentCompetency,
    AssessmentSection,
    Item,
    ItemParameterSet,
    ItemVersion,
    SectionDraw,
    SectionItem,
)
from competencies.api import cuts_in_force, requirements_of
from organisation.api import remember
from organisation.models import Person

TRIES = 16
"""How many orders of the bank a draw tries before it says that its rows cannot be filled."""


class Candidate(NamedTuple):
    """A published version that a row may draw. All but kind and level are primary keys."""

    item: int
    version: int
    competency: int | None
    domain: int | None
    kind: str
    level: int | None

    def fits(self, draw: SectionDraw) -> bool:
        """Whether the row may draw it."""
        return (
            draw.competency_id in (None, self.competency)
            and draw.domain_id in (None, self.domain)
            and draw.kind in ("", self.kind)
            and draw.level in (None, self.level)
        )


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """version, competency: primary keys. scored: False for a pretest item."""

    version: int
    competency: int
    parameters: Mapping[str, Any]
    scored: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "competency": self.competency,
            "parameters": self.parameters,
            "scored": self.scored,
        }


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """A section as it is given in one sitting. seconds: its own time, None without."""

    name_vi: str
    name_en: str
    instructions_vi: str
    instructions_en: str
    seconds: int | None
    items: tuple[PlannedItem, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what `sections_of` reads."""
        return {
            "name_vi": self.name_vi,
            "name_en": self.name_en,
            "instructions_vi": self.instructions_vi,
            "instructions_en": self.instructions_en,
            "seconds": self.seconds,
            "items": [each.to_dict() for each in self.items],
        }

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi

    @property
    def instructions(self) -> str:
        return self.instructions_en if get_language() == "en" else self.instructions_vi


@dataclass(frozen=True, slots=True)
class SectionStart:
    """A section that a person is about to begin. number: from 1, of `count`; questions: how many it has."""

    number: int
    count: int
    section: PlannedSection
    questions: int


def stretch(seconds: int, percent: int) -> int:
    """Return a time with so many percent more, in whole seconds rounded up."""
    return math.ceil(seconds * (100 + percent) / 100)


def sections_of(form: Mapping[str, Any]) -> tuple[PlannedSection, ...]:
    """Return the sections kept in `Attempt.form`."""
    return tuple(
        PlannedSection(**{**each, "items": tuple(PlannedItem(**item) for item in each["items"])})
        for each in form["sections"]
    )


def plan_sections(
    person: Person, assessment: Assessment, now: datetime, seed: int, *, seen: Collection[int], extra_percent: int
) -> dict[str, Any]:
    """Return what a sitting of a fixed form or a draw is given and measured by, as kept in `Attempt.form`.

    seen: items that the person met lately; a draw takes them last. A void version is left out. Raises AttemptRefused:
    nothing_to_ask.
    """
    chosen = choose_versions(assessment, seed, seen)
    void = void_versions([pk for pks in chosen.values() for pk in pks])
    chosen = {section: [pk for pk in pks if pk not in void] for section, pks in chosen.items()}
    if not any(chosen.values()):
        raise AttemptRefused("nothing_to_ask")
    versions = [pk for pks in chosen.values() for pk in pks]
    items = _planned(tuple(versions))
    sections = [
        PlannedSection(
            section.name_vi,
            section.name_en,
            section.instructions_vi,
            section.instructions_en,
            stretch(60 * section.minutes, extra_percent) if section.minutes else None,
            tuple(items[pk] for pk in pks),
        )
        for section, pks in chosen.items()
        if pks
    ]
    competencies = competencies_by_key(tuple(sorted({each.competency for each in items.values()})))
    of_post = {each.competency.pk: each.level for each in requirements_of(person, timezone.localdate(now))}
    required = _listed_levels(assessment.pk) | of_post
    standards = cuts_in_force(list(competencies))
    return {
        "competencies": [
            {"pk": pk, "code": each.code, "required": required.get(pk), "cuts": standards[pk].cuts}
            for pk, each in sorted(competencies.items())
        ],
        "standards": sorted({each.standard_pk for each in standards.values()}),
        "sections": [each.to_dict() for each in sections],
        **({"one_page": True} if _fits_a_page(assessment, sections, versions) else {}),
    }


def _fits_a_page(assessment: Assessment, sections: Sequence[PlannedSection], versions: Sequence[int]) -> bool:
    """Whether all questions may be shown at once: none has a clock or an answer of its own to wait for, or files."""
    return (
        assessment.one_page
        and not assessment.seconds_per_question
        and assessment.feedback != Assessment.Feedback.AFTER_EACH
        and not any(section.seconds for section in sections)
        and all(each.kind.KIND != file_upload.KIND for each in playable_versions(versions).values())
    )


def choose_versions(
    assessment: Assessment, seed: int, seen: Collection[int] = ()
) -> dict[AssessmentSection, list[int]]:
    """Return the versions of each section: those its author picked, or those that its rows draw by the seed.

    Raises AttemptRefused: nothing_to_ask, where the bank cannot fill every row.
    """
    if assessment.mode == Assessment.Mode.FIXED:
        return _picked_versions(assessment.pk)
    sections = list(assessment.sections.order_by("order"))
    draws = list(SectionDraw.objects.filter(section__in=sections).order_by("section__order", "order"))
    drawn = draw_versions(draws, seed, seen)
    return {
        section: [pk for draw in draws if draw.section_id == section.pk for pk in drawn[draw.pk]]
        for section in sections
    }


@remember
def _picked_versions(assessment_pk: int) -> dict[AssessmentSection, list[int]]:
    """The versions that the author of a fixed form picked, by section in order. Two queries."""
    found: dict[AssessmentSection, list[int]] = {
        each: [] for each in AssessmentSection.objects.filter(assessment=assessment_pk).order_by("order")
    }
    picked = SectionItem.objects.filter(section__in=list(found)).order_by("section__order", "order")
    by_key = {each.pk: versions for each, versions in found.items()}
    for section_pk, version_pk in picked.values_list("section_id", "version_id"):
        by_key[section_pk].append(version_pk)
    return found


@remember
def _listed_levels(assessment_pk: int) -> dict[int, int]:
    """The levels that an assessment is about where the post asks for none, by competency."""
    listed = AssessmentCompetency.objects.filter(assessment=assessment_pk)
    return dict(listed.values_list("competency_id", "level"))


def draw_versions(draws: Sequence[SectionDraw], seed: int, seen: Collection[int] = ()) -> dict[int, list[int]]:
    """Return the published versions that each row (by primary key) draws; the same seed and bank draw the same.

    No item is drawn twice and no two enemies meet. Items seen lately come last, those whose right answers are secret as
    yet are left out. Raises AttemptRefused: nothing_to_ask.
    """
    published = ItemVersion.objects.filter(status=ItemVersion.Status.PUBLISHED, item__pretest=False)
    columns = ("item", "pk", "item__competency", "item__competency__domain", "item__kind", "level")
    guarded = RawSQL(GUARDED_ITEMS, ())  # noqa: S611 - constant text
    open_to_draws = published.exclude(item__kind="simulation").exclude(item__in=guarded)
    rows = open_to_draws.order_by("item_id").values_list(*columns)
    bank = [Candidate(*row) for row in rows]
    enemies: dict[int, set[int]] = {}
    for item, enemy in Item.enemies.through.objects.values_list("from_item_id", "to_item_id"):
        enemies.setdefault(item, set()).add(enemy)
    slots = [draw for draw in draws for _ in range(draw.count)]
    for attempt in range(TRIES):
        order = sorted(bank, key=lambda each: (each.item in seen, _chance(seed, attempt, each.item)))
        met: set[int] = set()
        peaceful = []
        for candidate in order:
            if candidate.item not in enemies or enemies[candidate.item].isdisjoint(met):
                met.add(candidate.item)
                peaceful.append(candidate)
        filled = _fill(slots, peaceful)
        if filled is not None:
            found: dict[int, list[int]] = {draw.pk: [] for draw in draws}
            for slot, candidate in zip(slots, filled, strict=True):
                found[slot.pk].append(candidate.version)
            return found
    raise AttemptRefused("nothing_to_ask")


def _fill(slots: Sequence[SectionDraw], order: Sequence[Candidate]) -> list[Candidate] | None:
    """Give every slot an item of its own, earlier ones of the order first; None when that cannot be.

    Augmenting paths (Kuhn 1955), so that a wide row never takes the only item that a narrow one can have. A row looks
    at its first choices alone, as many as there are slots: one of these is free whatever the other slots hold.
    """
    holder: dict[int, int] = {}
    choices = {
        draw.pk: list(islice((at for at, candidate in enumerate(order) if candidate.fits(draw)), len(slots)))
        for draw in {draw.pk: draw for draw in slots}.values()
    }

    def place(slot: int, tried: set[int]) -> bool:
        for at in choices[slots[slot].pk]:
            if at not in tried:
                tried.add(at)
                if at not in holder or place(holder[at], tried):
                    holder[at] = slot
                    return True
        return False

    if not all(place(slot, set()) for slot in range(len(slots))):
        return None
    at_of = {slot: at for at, slot in holder.items()}
    return [order[at_of[slot]] for slot in range(len(slots))]


def _chance(seed: int, attempt: int, item_pk: int) -> bytes:
    return hashlib.sha256(f"{seed}:{attempt}:{item_pk}".encode()).digest()


@remember
def _planned(version_pks: tuple[int, ...]) -> dict[int, PlannedItem]:
    """Each version with its newest parameters for its item's competency. One query."""
    newest = ItemParameterSet.objects.filter(version=OuterRef("pk"), competency=OuterRef("item__competency"))
    rows = ItemVersion.objects.filter(pk__in=version_pks).annotate(
        parameters=Subquery(newest.order_by("-pk").values("parameters")[:1])
    )
    return {
        pk: PlannedItem(pk, competency, parameters or {}, not pretest)
        for pk, competency, parameters, pretest in rows.values_list(
            "pk", "item__competency_id", "parameters", "item__pretest"
        )
    }
