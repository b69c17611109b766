"""Calibration of one competency's items: a run, the people it is split over, and the proposal it ends with."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import ItemVersion
from competencies.models import Competency


class CalibrationRun(models.Model):
    """One calibration. Its rows are its state: whichever worker comes next goes on from them.

    `plan` freezes the items (name, scores, old parameters, responses), the anchors and what was refused; `sequence` is
    the EM sequence after `iteration` steps, as `assessments.domain.calibration_sequence` writes it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting for a worker")
        RUNNING = "running", _("running")
        READY = "ready", _("proposal ready")
        PUBLISHED = "published", _("published")
        DISCARDED = "discarded", _("discarded")
        FAILED = "failed", _("failed")

    class Model(models.TextChoices):
        TWO_PARAMETER = "2pl", _("discrimination and difficulty (2PL; GPCM for several scores)")
        DIFFICULTY = "difficulty", _("difficulty alone (one common discrimination)")

    class Linking(models.TextChoices):
        ANCHORED = "anchored", _("keep the scale: calibrated items stay as they are")
        FREE = "free", _("set the scale anew by the people of this calibration")

    class Phase(models.TextChoices):
        ESTIMATE = "estimate", _("estimating parameters")
        ERRORS = "errors", _("working out standard errors")

    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="calibration_runs")
    model = models.CharField(max_length=12, choices=Model.choices, default=Model.TWO_PARAMETER)
    linking = models.CharField(max_length=10, choices=Linking.choices, default=Linking.ANCHORED)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.ESTIMATE)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(auto_now_add=True, help_text="when a step was last finished")
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveSmallIntegerField(default=0, help_text="progress, of `total`")
    total = models.PositiveSmallIntegerField(default=100)
    people = models.PositiveIntegerField(default=0)
    responses = models.PositiveIntegerField(default=0)
    chunks = models.PositiveIntegerField(default=0)
    iteration = models.PositiveIntegerField(default=0)
    largest_change = models.FloatField(null=True, blank=True, help_text="of any parameter in the last step")
    plan = models.JSONField(default=dict)
    sequence = models.BinaryField(default=bytes, editable=False)
    result = models.JSONField(default=dict, help_text="people's mean and sd, log likelihood, levels that would change")
    problem = models.CharField(max_length=30, blank=True, help_text="why it failed: a key of PROBLEMS")
    detail = models.JSONField(default=dict, help_text="what the problem names: items, numbers")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["competency"],
                condition=Q(status__in=["queued", "running"]),
                name="one_calibration_of_a_competency_at_a_time",
            ),
            models.CheckConstraint(name="progress_within_total", condition=Q(done__lte=models.F("total"))),
            models.CheckConstraint(name="failed_calibration_says_why", condition=~Q(status="failed") | ~Q(problem="")),
        ]

    def __str__(self) -> str:
        return f"calibration {self.pk} of {self.competency_id}"


class CalibrationChunk(models.Model):
    """Some of the people of a run with their scored responses, as they were when the run began."""

    run = models.ForeignKey(CalibrationRun, on_delete=models.CASCADE, related_name="chunk_rows")
    number = models.PositiveIntegerField()
    responses = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="chunk_of_a_run_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"


class CalibrationStatistics(models.Model):
    """What a chunk's people add to a step. Written once, however often the chunk's task is delivered."""

    run = models.ForeignKey(CalibrationRun, on_delete=models.CASCADE, related_name="statistics")
    iteration = models.PositiveIntegerField()
    chunk = models.PositiveIntegerField()
    statistics = models.BinaryField()
    information = models.BinaryField(default=bytes, help_text="in the last step alone")

    class Meta:
        ordering = ["iteration", "chunk"]
        constraints = [models.UniqueConstraint(fields=["run", "iteration", "chunk"], name="statistics_of_a_chunk_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.iteration}/{self.chunk}"


class CalibrationProposal(models.Model):
    """What a run proposes for one item version: nothing changes until it is published as an `ItemParameterSet`.

    `standard_errors`: of a, then of b or of each step. `drift`: root mean square difference between the old and the
    new curve; `z_a`, `z_b`: changes in standard errors.
    """

    class Outcome(models.TextChoices):
        CALIBRATED = "calibrated", _("calibrated")
        PROVISIONAL = "provisional", _("too few answers: stays uncalibrated")
        ANCHOR = "anchor", _("anchor: kept as it is")
        REFUSED = "refused", _("cannot be calibrated")

    run = models.ForeignKey(CalibrationRun, on_delete=models.CASCADE, related_name="proposals")
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    responses = models.PositiveIntegerField()
    old = models.JSONField(null=True, blank=True, help_text="parameters in force when the run began")
    new = models.JSONField(null=True, blank=True, help_text="proposed parameters; empty where nothing changes")
    standard_errors = models.JSONField(default=list)
    drift = models.FloatField(null=True, blank=True)
    z_a = models.FloatField(null=True, blank=True)
    z_b = models.FloatField(null=True, blank=True)
    flags = models.JSONField(default=list, help_text="what a trainer should look at: keys of PROPOSAL_FLAGS")

    class Meta:
        ordering = ["run", "version__item__code", "version__number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "version"], name="one_proposal_of_a_version_in_a_run"),
            models.CheckConstraint(
                name="proposal_has_parameters_unless_kept",
                condition=Q(outcome__in=["anchor", "refused"], new__isnull=True)
                | Q(outcome__in=["calibrated", "provisional"], new__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.version_id} {self.outcome}"
