"""Certificates of passed assessments."""

import pgtrigger
from django.db import models

from assessments.models.delivery import Attempt


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Certificate(models.Model):
    """What a person showed in an attempt, as it was said on the day. Append-only.

    `reached`: either {"competencies": [{code, name_vi, name_en, level}]} or {"points": {earned, maximum, share}}.
    """

    number = models.CharField(max_length=20, unique=True, help_text="cannot be guessed")
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="certificate")
    person_name = models.CharField(max_length=200)
    assessment_name_vi = models.CharField(max_length=300)
    assessment_name_en = models.CharField(max_length=300)
    reached = models.JSONField()
    awarded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number
