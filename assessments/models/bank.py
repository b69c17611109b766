"""The item bank: items, their immutable versions, and the parameters a version is measured with."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from competencies.models import LEVELS, Competency


class Item(models.Model):
    """One question or simulation, whatever its wording was at a time. A simulation measures several competencies."""

    code = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=30, help_text="a key of the item type registry, or simulation")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    pretest = models.BooleanField(default=False, help_text="given to be calibrated, never scored")
    testlet = models.CharField(max_length=60, blank=True, help_text="name of the stimulus that items share, if any")
    enemies = models.ManyToManyField("self", blank=True, help_text="items that must not meet in one sitting")
    rules_changed_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="of the three above")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="question_has_one_competency",
                condition=Q(kind="simulation", competency__isnull=True)
                | Q(~Q(kind="simulation"), competency__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """One wording and key of an item. A published version never changes; it may only be retired."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField(help_text="stem, options, key and rationale in both languages")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content")
    untranslated = ArrayField(
        models.CharField(max_length=20), default=list, help_text="what waits for a translation, such as stem.en"
    )
    level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the author's level")
    seconds = models.PositiveIntegerField(default=60, help_text="expected answering time")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    writers = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="keys of everybody who wrote in the draft"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    review_asked_at = models.DateTimeField(null=True, blank=True, help_text="set while a draft waits for its reviewer")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["item", "number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(status="published"), name="one_published_version_of_an_item"
            ),
            models.UniqueConstraint(fields=["item"], condition=Q(status="draft"), name="one_draft_of_an_item"),
            models.CheckConstraint(
                name="author_level_1_to_8", condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=LEVELS)
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__status="published"),
                func="""
                    IF (TG_OP = 'INSERT' OR OLD.status <> 'published')
                       AND (NEW.author_id IS NOT NULL OR cardinality(NEW.writers) > 0)
                       AND (NEW.reviewer_id IS NULL OR NEW.reviewer_id = NEW.author_id
                            OR NEW.reviewer_id = ANY(NEW.writers)) THEN
                        RAISE EXCEPTION 'an item version is published by another than its authors'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="published_with_words",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__status="published"),
                func="""
                    IF jsonb_path_exists(NEW.content, '$.media[*] ?
                        (@.alt.vi == "" || @.alt.en == "" || @.transcript.vi == "" || @.transcript.en == "")') THEN
                        RAISE EXCEPTION 'media of a published item version have words that measure the same'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="published_is_kept",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
            ),
            pgtrigger.Trigger(
                name="published_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__status="draft"),
                func="""
                    IF NEW.content IS DISTINCT FROM OLD.content OR NEW.digest <> OLD.digest
                       OR NEW.item_id <> OLD.item_id OR NEW.number <> OLD.number
                       OR NEW.level IS DISTINCT FROM OLD.level OR NEW.status = 'draft'
                       OR (OLD.status = 'retired' AND NEW.status = 'published') THEN
                        RAISE EXCEPTION 'a published item version cannot change' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} v{self.number}"

    def is_by(self, user_pk: int | None) -> bool:
        """Whether the user wrote in it, be it before others did."""
        return user_pk is not None and (user_pk == self.author_id or user_pk in self.writers)

    @property
    def is_in_review(self) -> bool:
        """Whether it is a draft that waits for its reviewer."""
        return self.status == self.Status.DRAFT and self.review_asked_at is not None


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class ItemParameterSet(models.Model):
    """Measurement parameters of a version for one competency. The newest one in force is used; none is ever changed.

    `parameters` is what `assessments.measurement.ItemParameters.as_dict` gives.
    """

    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="parameter_sets")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField()
    calibrated = models.BooleanField(default=False, help_text="False: the author's level stands in for data")
    responses = models.PositiveIntegerField(default=0, help_text="number of responses the calibration used")
    in_force_from = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version", "competency", "pk"]
        indexes = [models.Index(fields=["version", "competency", "-id"])]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.competency_id}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class BankState(models.Model):
    """The bank of questions as it was while some attempt chose from it, so that the choice can be made again.

    `items`: one list an item, in the order of `assessments.domain.bank.STATE_FIELDS`.
    """

    digest = models.CharField(max_length=64, unique=True)
    items = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]
