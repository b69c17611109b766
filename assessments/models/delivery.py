"""Attempts, what each was given, and every answer ever received."""

import secrets
import time
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import ItemVersion
from assessments.models.blueprints import Assessment
from competencies.models import Competency
from organisation.models import Person


def new_attempt_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds since 1970, then 74 random ones.

    What is stored by attempt is so written beside what was written last, in indexes that fit into memory.
    """
    chance = secrets.randbits(74)
    return UUID(int=time.time_ns() // 1_000_000 << 80 | 7 << 76 | chance >> 62 << 64 | 2 << 62 | chance & (1 << 62) - 1)


class Attempt(models.Model):
    """One sitting. `form` freezes what the attempt is measured by: competencies, required levels, cuts, stop rule."""

    class Status(models.TextChoices):
        OPEN = "open", _("in progress")
        SUBMITTED = "submitted", _("submitted")

    id = models.UUIDField(
        primary_key=True,
        default=new_attempt_id,
        editable=False,
        help_text="grows with time: what is stored by attempt lies by time",
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="attempts")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    started_at = models.DateTimeField()
    deadline = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    seed = models.BigIntegerField(help_text="every choice of the attempt can be replayed from it")
    form = models.JSONField()
    scoring_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "assessment"], condition=Q(status="open"), name="one_open_attempt_each"
            ),
            models.CheckConstraint(name="deadline_after_start", condition=Q(deadline__gt=models.F("started_at"))),
            models.CheckConstraint(
                name="submitted_has_a_time",
                condition=Q(status="submitted", submitted_at__isnull=False)
                | Q(status="open", submitted_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["person", "-started_at"])]
        triggers = [
            pgtrigger.Trigger(
                name="attempts_allowed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("rule", "record")],
                func="""
                    SELECT max_attempts, wait_hours INTO rule FROM assessments_assessment
                    WHERE id = NEW.assessment_id AND (max_attempts IS NOT NULL OR wait_hours > 0);
                    IF FOUND AND EXISTS (
                        SELECT 1 FROM assessments_attempt
                        WHERE person_id = NEW.person_id AND assessment_id = NEW.assessment_id
                        HAVING count(*) >= rule.max_attempts
                            OR (rule.wait_hours > 0
                                AND max(submitted_at) > NEW.started_at - make_interval(hours => rule.wait_hours))
                    ) THEN
                        RAISE EXCEPTION 'no further attempt is allowed now'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempts_allowed';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Presentation(models.Model):
    """An item given in an attempt, with its parameters frozen and the reason it was chosen. Append-only."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="presentations", db_index=False)
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="presentations")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    parameters = models.JSONField()
    scored = models.BooleanField(default=True, db_default=True, help_text="a pretest item is given but never scored")
    reason = models.JSONField(default=dict)
    presented_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True, blank=True, help_text="later answers are late; the grace is in it")
    final = models.BooleanField(default=False, db_default=False, help_text="the first answer stands: its key is shown")

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="one_item_at_a_position"),
            models.UniqueConstraint(fields=["attempt", "version"], name="an_item_is_given_once"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} #{self.position}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Response(models.Model):
    """One saved answer, or one action in a simulation. Append-only; what lost to a newer one or came late is kept.

    The table is in partitions by attempt, so by the quarter in which the sitting began: look answers up by attempt.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted"
        SUPERSEDED = "superseded"
        LATE = "late"

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="responses", db_index=False)
    key = models.UUIDField(help_text="idempotency key made by the client, once per answer")
    sequence = models.PositiveIntegerField(help_text="counted by the client within the attempt; the highest wins")
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="responses")
    value = models.JSONField()
    status = models.CharField(max_length=10, choices=Status.choices)
    score = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0..k of a question; empty for actions")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["attempt", "id"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "key"], name="one_response_per_key"),
            models.UniqueConstraint(
                fields=["attempt", "version", "sequence"],
                condition=Q(status="accepted"),
                name="one_accepted_per_sequence",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within_the_questions_rules",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__status="accepted"),
                declare=[("given", "record")],
                func="""
                    SELECT answer_by, final INTO given FROM assessments_presentation
                    WHERE attempt_id = NEW.attempt_id AND version_id = NEW.version_id
                      AND (answer_by IS NOT NULL OR final);
                    IF FOUND AND NEW.received_at > given.answer_by THEN
                        NEW.status := 'late';
                    ELSIF FOUND AND given.final THEN
                        -- Of two at once, the second waits here and then sees the first.
                        PERFORM FROM assessments_presentation
                        WHERE attempt_id = NEW.attempt_id AND version_id = NEW.version_id FOR NO KEY UPDATE;
                        IF EXISTS (
                            SELECT 1 FROM assessments_response
                            WHERE attempt_id = NEW.attempt_id AND version_id = NEW.version_id AND status = 'accepted'
                        ) THEN
                            NEW.status := 'superseded';
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.sequence}"
