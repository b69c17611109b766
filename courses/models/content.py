"""What is learned: courses of modules of lessons of blocks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from assessments.models import Assessment
from competencies.models import LEVELS, Competency
from organisation.models import BilingualName


class Summarised(BilingualName):
    """A named thing with a short text about it, in both languages."""

    summary_vi = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def summary(self) -> str:
        return self.summary_en if get_language() == "en" else self.summary_vi


class Course(Summarised):
    """What a person enrols in."""

    code = models.SlugField(max_length=60, unique=True)
    is_open = models.BooleanField(default=False)
    hours = models.FloatField(
        null=True, blank=True, help_text="working hours that it takes a person; empty: as long as its lessons"
    )
    cost = models.PositiveIntegerField(default=0, help_text="đồng for one person")
    assessments = models.ManyToManyField(Assessment, through="CourseAssessment", related_name="courses")

    class Meta:
        constraints = [models.CheckConstraint(name="course_takes_time", condition=Q(hours=None) | Q(hours__gt=0))]


class CourseAssessment(models.Model):
    """An assessment that follows a course, in order."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["course", "order"]
        constraints = [models.UniqueConstraint(fields=["course", "assessment"], name="assessment_in_course_once")]

    def __str__(self) -> str:
        return f"{self.course_id}/{self.assessment_id}"


class Module(Summarised):
    """A part of a course that teaches some competencies, each to a level."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    competencies = models.ManyToManyField(Competency, through="ModuleOutcome", related_name="modules")

    class Meta:
        ordering = ["course", "order"]
        constraints = [models.UniqueConstraint(fields=["course", "code"], name="module_code_once")]


class ModuleOutcome(models.Model):
    """A competency that a module teaches, and the level it leads to by its author's claim."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="outcomes")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT)
    level = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["module", "competency"], name="outcome_once"),
            models.CheckConstraint(name="outcome_level_1_to_8", condition=Q(level__gte=1, level__lte=LEVELS)),
        ]

    def __str__(self) -> str:
        return f"{self.competency_id} -> {self.level}"


class CourseEffect(models.Model):
    """How many levels a course lifts people in one competency, on average: claimed by its author, and as measured.

    It is measured when enough people were measured before and after the course; see `courses.effect`.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="effects")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    claimed = models.FloatField(null=True, blank=True, help_text="levels, as the author says")
    gain = models.FloatField(null=True, blank=True, help_text="levels beyond what people without the course gained")
    se = models.FloatField(null=True, blank=True, help_text="standard error of the gain")
    people = models.PositiveIntegerField(default=0, help_text="who finished and were measured before and after")
    compared = models.PositiveIntegerField(default=0, help_text="people measured twice without such a course")
    measured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "competency"], name="one_effect_each"),
            models.CheckConstraint(
                name="claim_is_a_gain", condition=Q(claimed=None) | Q(claimed__gt=0, claimed__lt=LEVELS)
            ),
            models.CheckConstraint(
                name="measured_effect_is_whole",
                condition=Q(gain=None, se=None) | Q(gain__isnull=False, se__gt=0, measured_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} -> {self.competency_id}"

    @property
    def low(self) -> float | None:
        """The lower end of the measured gain's 95% interval."""
        return None if self.gain is None or self.se is None else self.gain - 1.96 * self.se

    @property
    def high(self) -> float | None:
        """The upper end of the measured gain's 95% interval."""
        return None if self.gain is None or self.se is None else self.gain + 1.96 * self.se


class Lesson(BilingualName):
    """A page of blocks to read and do in one go."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="lessons")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    edited_at = models.DateTimeField(
        null=True, editable=False, help_text="when a trainer changed its text last; an import then leaves it alone"
    )

    class Meta:
        ordering = ["module", "order"]
        constraints = [models.UniqueConstraint(fields=["module", "code"], name="lesson_code_once")]


class Block(models.Model):
    """One piece of a lesson: markdown, an image, or a check question. `content` is as the block type registry says."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="blocks")
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    content = models.JSONField()

    class Meta:
        ordering = ["lesson", "order"]

    def __str__(self) -> str:
        return f"{self.lesson_id} #{self.order} {self.kind}"
