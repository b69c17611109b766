"""Reads of the item bank for authors: the list with its filters, and the bank at a glance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Concat

from assessments.models import ItemParameterSet, ItemVersion
from competencies.models import LEVELS, Competency, Framework
from organisation.api import fold_text

Status = ItemVersion.Status

# As organisation's fold_text does it, in the database. After the decomposition only ASCII letters remain to be lowered.
_FOLD = (
    "lower(regexp_replace(normalize(replace(replace(%(expressions)s, 'Đ', 'd'), 'đ', 'd'), NFD),"
    r" '[\u0300-\u036f]', '', 'g'))"
)


class Folded(Func):
    """A text in lower case without diacritics, đ as d."""

    template = _FOLD
    output_field = TextField()


class WordsOfContent(Func):
    """Every text of a question in both languages without the keys of its JSON; of a simulation the whole document.

    The names of files are no texts.
    """

    template = (
        "(jsonb_path_query_array(%(expressions)s, '$.**.vi ? (!(@ starts with \"bank/\"))')::text"
        " || jsonb_path_query_array(%(expressions)s, '$.**.en ? (!(@ starts with \"bank/\"))')::text"
        " || coalesce(%(expressions)s ->> 'yaml', ''))"
    )
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What the list is narrowed to; empty values do not narrow.

    status: a version's status, or uncalibrated, review (a draft waits for it), untranslated (one text for both
    languages).
    """

    words: str = ""
    competency: str = ""
    level: int | None = None
    kind: str = ""
    status: str = ""
    tag: str = ""


class MediaToTranslate(Func):
    """Whether the words of a medium are missing in a language, or are the same in both."""

    template = (
        'jsonb_path_exists(%(expressions)s, \'$.media[*] ? (@.alt.vi == "" || @.alt.en == ""'
        ' || @.transcript.vi == "" || @.transcript.en == "" || @.alt.vi == @.alt.en'
        " || @.transcript.vi == @.transcript.en)')"
    )
    output_field = BooleanField()


UNTRANSLATED = Q(content__stem__vi=F("content__stem__en")) | Q(MediaToTranslate(F("content")))
"""The question, or a medium's words, say the same in both languages: nobody has translated what came in one."""


def find_versions(wanted: ItemFilter) -> QuerySet[ItemVersion]:
    """Return one version of each item that fits, in code order: the published one, else the draft, else the newest.

    Each carries `has_draft` and `calibrated` (None where the version has no parameters).
    """
    rank = Case(
        When(status=Status.PUBLISHED, then=0), When(status=Status.DRAFT, then=1), default=2, output_field=IntegerField()
    )
    shown = ItemVersion.objects.filter(item=OuterRef("item")).order_by(rank, "-number").values("pk")[:1]
    drafts = ItemVersion.objects.filter(item=OuterRef("item"), status=Status.DRAFT)
    parameters = ItemParameterSet.objects.filter(version=OuterRef("pk")).order_by("-pk")
    found = (
        ItemVersion.objects.filter(pk=Subquery(shown))
        .select_related("item__competency")
        .prefetch_related("item__tags")
        .annotate(has_draft=Exists(drafts), calibrated=Subquery(parameters.values("calibrated")[:1]))
        .order_by("item__competency__domain__order", "item__competency__order", "item__code")
    )
    return _narrow(found, wanted)


def _at_word_start(word: str) -> str:
    """A pattern for the database: the word as it stands, not in the middle of another."""
    return (r"\m" if word[0].isalnum() else "") + re.escape(word)


def _narrow(found: QuerySet[Any], wanted: ItemFilter) -> QuerySet[ItemVersion]:
    if wanted.competency:
        of_simulation = ItemParameterSet.objects.filter(version=OuterRef("pk"), competency__code=wanted.competency)
        found = found.filter(Q(item__competency__code=wanted.competency) | Exists(of_simulation))
    if wanted.level:
        found = found.filter(level=wanted.level)
    if wanted.kind:
        found = found.filter(item__kind=wanted.kind)
    if wanted.tag:
        found = found.filter(item__tags__name=wanted.tag)
    if wanted.status == "review":
        waiting = ItemVersion.objects.filter(item=OuterRef("item"), status=Status.DRAFT, review_asked_at__isnull=False)
        found = found.filter(Exists(waiting))
    elif wanted.status == "untranslated":
        found = found.filter(UNTRANSLATED)
    elif wanted.status == Status.DRAFT:
        found = found.filter(has_draft=True)
    elif wanted.status == "uncalibrated":
        found = found.filter(status=Status.PUBLISHED, calibrated=False)
    elif wanted.status:
        found = found.filter(status=wanted.status)
    words = fold_text(wanted.words).split()
    if words:
        whole = Concat(F("item__code"), Value(" "), WordsOfContent(F("content")), output_field=TextField())
        found = found.annotate(folded=Folded(whole))
        for word in words[:-1]:
            found = found.filter(folded__regex=_at_word_start(word) + r"(?!\w)")
        # The last word may still be in the typing.
        found = found.filter(folded__regex=_at_word_start(words[-1]))
    return found


@dataclass(slots=True)
class BankRow:
    """Published questions of one competency: how many at each level 1..8, and how many the data have not calibrated."""

    competency: Competency
    levels: list[int] = field(default_factory=lambda: [0] * LEVELS)
    uncalibrated: int = 0

    @property
    def total(self) -> int:
        return sum(self.levels)


def bank_at_a_glance(framework: Framework) -> list[BankRow]:
    """Return a row for every competency of the framework, those without items too. Two queries."""
    competencies = Competency.objects.filter(domain__framework=framework).order_by("domain__order", "order")
    rows: Mapping[int, BankRow] = {competency.pk: BankRow(competency) for competency in competencies}
    newest = ItemParameterSet.objects.filter(version=OuterRef("pk")).order_by("-pk").values("calibrated")[:1]
    published = (
        ItemVersion.objects.filter(status=Status.PUBLISHED, item__competency__in=rows)
        .annotate(calibrated=Subquery(newest))
        .values_list("item__competency_id", "level", "calibrated")
    )
    for competency_pk, level, calibrated in published:
        row = rows[competency_pk]
        if level:
            row.levels[level - 1] += 1
        row.uncalibrated += not calibrated
    return list(rows.values())
