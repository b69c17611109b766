"""Certificates of passed assessments."""

import pgtrigger
from django.db import models
from django.db.models import Q

from assessments.models.delivery import Attempt


@pgtrigger.register(
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Delete),
    pgtrigger.Protect(
        name="says_what_it_said",
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange(exclude=["withdrawn_at", "told_at"]),
    ),
    pgtrigger.Protect(
        name="withdrawn_for_good",
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__withdrawn_at__isnull=False, old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at")),
    ),
)
class Certificate(models.Model):
    """What a person showed in an attempt, as it was said on the day. It stays; it can only be withdrawn, once.

    `reached`: either {"competencies": [{code, name_vi, name_en, level}]} or {"points": {earned, maximum, share}}.
    """

    number = models.CharField(max_length=20, unique=True, help_text="cannot be guessed")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="certificates")
    person_name = models.CharField(max_length=200)
    assessment_name_vi = models.CharField(max_length=300)
    assessment_name_en = models.CharField(max_length=300)
    reached = models.JSONField()
    awarded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="since when a corrected result fails it")
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="when the person was told what became of it; empty: to be told at sign-in"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(withdrawn_at__isnull=True), name="one_certificate_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.number
