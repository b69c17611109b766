"""The standard itself: versioned, and immutable once published."""

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from organisation.models import BilingualName

LEVELS = 8
BANDS = 4


def band_of_level(level: int) -> int:
    """Return the band 1..4 that a level 1..8 lies in."""
    return (level + 1) // 2


class Framework(BilingualName):
    """One version of a competency framework."""

    code = models.SlugField(max_length=40)
    version = models.CharField(max_length=20)
    published_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the published content")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="framework_version_once")]
        triggers = [
            pgtrigger.Protect(
                name="published_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            )
        ]


def _guard_published(framework_of_row: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses any change to a part of a published framework."""
    return pgtrigger.Trigger(
        name="published_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("published", "timestamptz")],
        func=f"""
            SELECT f.published_at INTO published FROM competencies_framework f
            WHERE f.id = {framework_of_row.format(row="COALESCE(NEW, OLD)")};
            IF published IS NOT NULL THEN
                RAISE EXCEPTION 'the framework is published and cannot change' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,  # noqa: S608 - the expression is one of the constants below
    )


class Domain(BilingualName):
    """A domain groups competencies."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="domains")
    code = models.CharField(max_length=10)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="domain_code_once")]
        triggers = [_guard_published("({row}).framework_id")]


class Competency(BilingualName):
    """What is measured, one dimension each."""

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="competencies")
    code = models.CharField(max_length=10)
    order = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["domain", "code"], name="competency_code_once")]
        triggers = [
            _guard_published("(SELECT d.framework_id FROM competencies_domain d WHERE d.id = ({row}).domain_id)")
        ]


class Level(BilingualName):
    """One of 8 levels, two to a band."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="levels")
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LEVELS)])
    band = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(BANDS)])
    band_vi = models.CharField(max_length=100)
    band_en = models.CharField(max_length=100)
    summary_vi = models.TextField()
    summary_en = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "number"], name="level_once"),
            models.CheckConstraint(name="level_1_to_8", condition=Q(number__gte=1, number__lte=LEVELS)),
            models.CheckConstraint(name="band_1_to_4", condition=Q(band__gte=1, band__lte=BANDS)),
        ]
        triggers = [_guard_published("({row}).framework_id")]

    @property
    def band_name(self) -> str:
        return self.band_en if get_language() == "en" else self.band_vi

    @property
    def summary(self) -> str:
        return self.summary_en if get_language() == "en" else self.summary_vi


class Descriptor(models.Model):
    """What a competency looks like in one band, as behaviour that can be seen."""

    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="descriptors")
    band = models.PositiveSmallIntegerField()
    text_vi = models.TextField()
    text_en = models.TextField()

    class Meta:
        ordering = ["band"]
        constraints = [
            models.UniqueConstraint(fields=["competency", "band"], name="descriptor_once"),
            models.CheckConstraint(name="descriptor_band_1_to_4", condition=Q(band__gte=1, band__lte=BANDS)),
        ]
        triggers = [
            _guard_published(
                "(SELECT d.framework_id FROM competencies_domain d JOIN competencies_competency c"
                " ON c.domain_id = d.id WHERE c.id = ({row}).competency_id)"
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return self.text_en if get_language() == "en" else self.text_vi
