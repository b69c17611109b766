"""The sections of a fixed form or a drawn one, and what stands in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from assessments.models.bank import ItemVersion
from assessments.models.blueprints import Assessment
from competencies.models import LEVELS, Competency, Domain
from organisation.models import BilingualName


class AssessmentSection(BilingualName):
    """A part of an assessment with a title, instructions and, if any, a time of its own."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="sections")
    order = models.PositiveSmallIntegerField()
    instructions_vi = models.TextField(blank=True)
    instructions_en = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="of this section; the clock begins with its first question"
    )

    class Meta:
        ordering = ["assessment", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "order"], name="one_section_at_a_place", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(name="section_has_some_time", condition=Q(minutes__isnull=True) | Q(minutes__gte=1)),
        ]

    @property
    def instructions(self) -> str:
        return self.instructions_en if get_language() == "en" else self.instructions_vi


class SectionItem(models.Model):
    """A question that the author picked, in the version picked."""

    section = models.ForeignKey(AssessmentSection, on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["section", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "order"], name="one_question_at_a_place", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["section", "version"], name="question_in_section_once"),
        ]

    def __str__(self) -> str:
        return f"{self.section_id} #{self.order}"


class SectionDraw(models.Model):
    """How many questions each sitting draws by chance, and from what; what is empty does not narrow."""

    section = models.ForeignKey(AssessmentSection, on_delete=models.CASCADE, related_name="draws")
    order = models.PositiveSmallIntegerField()
    count = models.PositiveSmallIntegerField()
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30, blank=True, help_text="a key of the item type registry")
    level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the author's level of the question")

    class Meta:
        ordering = ["section", "order"]
        constraints = [
            models.UniqueConstraint(fields=["section", "order"], name="one_draw_at_a_place"),
            models.CheckConstraint(
                name="draw_is_possible",
                condition=Q(count__gte=1) & (Q(level__isnull=True) | Q(level__gte=1, level__lte=LEVELS)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section_id}: {self.count}"
