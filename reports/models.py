"""Gap cells, what they were folded from, and the list of people whose cells must be folded again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competencies.models import LEVELS, Competency
from organisation.models import Person, PositionGroup, Unit, User
from reports.outgoing_models import Publication as Publication
from reports.outgoing_models import PublishedUnitElsewhere as PublishedUnitElsewhere
from reports.outgoing_models import Publisher as Publisher
from reports.outgoing_models import ReportMail as ReportMail
from reports.outgoing_models import SigningKey as SigningKey
from reports.outgoing_models import SubtreeExport as SubtreeExport


class CellSums(models.Model):
    """What cells add up: whole numbers, of millionths where they are not people, so that adding is exact."""

    required = models.PositiveIntegerField(help_text="people whose post requires the competency")
    assessed = models.PositiveIntegerField(help_text="of these, people with an estimate from evidence")
    sum_below = models.BigIntegerField(help_text="millionths: sum of P(below the requirement) over the assessed")
    sum_spread = models.BigIntegerField(help_text="millionths: each person's own part of the variance of sum_below")
    sum_unit_variance = models.BigIntegerField(help_text="millionths: variance of sum_below from the unit's mean")
    sum_shortfall = models.BigIntegerField(help_text="millionths of levels: sum of expected shortfall")
    level_counts = ArrayField(
        models.BigIntegerField(), size=LEVELS, help_text="millionths: expected people at each level"
    )

    class Meta:
        abstract = True


class CellBlock(models.Model):
    """The cells of one unit and position group in all competencies side by side: as they are read, and written at once.

    A cell has additive sums of one unit, competency and position group. `own` covers the unit's direct postings only;
    a `subtree` cell is the sum of the own cells of the unit and of everything below it. Of a unit `alone`, with nothing
    below it, one block says both. Sums are whole numbers of millionths, so that adding and taking away is exact in any
    order. There is no cell where nobody's post requires the competency, and no block without cells. `Cell` shows them
    one by one. counts and sums hold whole numbers of 4 and 8 bytes, the highest byte first: counts stand apart, for a
    page reads them of many more blocks than it shows.
    """

    class Scope(models.TextChoices):
        OWN = "own"
        SUBTREE = "subtree"
        ALONE = "alone"

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    scope = models.CharField(max_length=7, choices=Scope.choices)
    position_group = models.ForeignKey(
        PositionGroup,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="empty: all groups together",
    )
    competencies = ArrayField(models.BigIntegerField(), help_text="primary keys, ascending")
    beside_groups = ArrayField(models.BigIntegerField(), help_text="of a subtree: other groups, for disclosure control")
    counts = models.BinaryField(
        help_text="of each competency, people required and assessed; then of each of beside_groups the same of this"
        " block's people whose unit has required (assessed) people of that group too"
    )
    sums = models.BinaryField(help_text="of each competency: the four other sums of a cell, and its levels")
    folded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "scope", "position_group"], name="one_block_each", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="block_is_whole",
                condition=Q(Exact(Length("sums"), F("competencies__len") * 8 * (4 + LEVELS)))
                & Q(Exact(Length("counts"), F("competencies__len") * (F("beside_groups__len") + 1) * 8)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.position_group_id} {self.scope}"


class Cell(CellSums):
    """A cell of a block, as a view shows it: to be read only."""

    class Scope(models.TextChoices):
        OWN = "own"
        SUBTREE = "subtree"

    unit = models.ForeignKey(Unit, on_delete=models.DO_NOTHING, related_name="cells", db_constraint=False)
    scope = models.CharField(max_length=7, choices=Scope.choices)
    competency = models.ForeignKey(Competency, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    position_group = models.ForeignKey(
        PositionGroup, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    folded_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reports_cell"

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.competency_id}/{self.position_group_id} {self.scope}"


class DirtyPerson(models.Model):
    """A person whose estimate, posting or requirement changed and whose cells are not folded yet.

    A person may stand here several times: a mark set while an earlier one is being folded is a mark of its own.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.person_id)


class FoldedPerson(models.Model):
    """A person whom the own cells of a unit count now, and with what: where to take away from when the person moves.

    A copy of the estimates and requirements, so that a fold reads the unit's other people here, all in one place.
    """

    pk = models.CompositePrimaryKey("unit", "person")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    group = models.BigIntegerField(default=0, help_text="primary key of the group of the person's position")
    rows = models.BinaryField(default=b"", help_text="of each competency that is required: see `reports.domain.staff`")

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.unit_id}"


class MovedPerson(models.Model):
    """A person whom the cells of some unit once counted and count no longer: results up to then are no new ones."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seen = models.FloatField(help_text="seconds since 1970: the move, or the latest result then known if that is later")

    def __str__(self) -> str:
        return f"{self.person_id} until {self.seen}"


class PublishedCell(CellSums):
    """A cell as shown to readers who may not see people, all position groups together; see `publishing`.

    `own`: of a set of units, the unit and those below it that are too small to stand alone. Its sums are of one moment,
    `stepped_at`. `subtree`: sums of these, and the newest of their moments.
    """

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=7, choices=Cell.Scope.choices)
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    stepped_at = models.DateTimeField(null=True, help_text="empty: without anybody's result")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "scope", "competency"], name="one_published_cell_each"),
            models.CheckConstraint(name="published_assessed_within_required", condition=Q(assessed__lte=F("required"))),
            models.CheckConstraint(name="published_cell_of_somebody", condition=Q(required__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.competency_id} {self.scope}"


class PublishedUnit(models.Model):
    """With which set the results of a unit's own staff in one competency were last published, and up to which one."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    home = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", help_text="unit that the set is of")
    seen = models.FloatField(help_text="seconds since 1970: no result published then is newer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "competency"], name="published_with_one_set")]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.competency_id} with {self.home_id}"


class CompetencyDistribution(models.Model):
    """What the latent regression learned over all people of one competency: the prior of every unit's figures."""

    competency = models.OneToOneField(Competency, on_delete=models.CASCADE, related_name="+")
    mu0 = models.FloatField(help_text="mean of the units' means, for a person of group effect 0")
    between_sd = models.FloatField(help_text="spread of the units' means")
    within_sd = models.FloatField(help_text="spread of people round the mean of their unit and group")
    group_effects = models.JSONField(default=dict, help_text="position group's primary key -> shift of its mean")
    people = models.PositiveIntegerField(help_text="people it was learned from")
    fitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(name="spreads_positive", condition=Q(between_sd__gt=0, within_sd__gt=0))]

    def __str__(self) -> str:
        return f"{self.competency_id}: {self.mu0:.2f} ± {self.between_sd:.2f} ± {self.within_sd:.2f}"


class CellBasis(models.Model):
    """What all cells stand on, in one row: when any but the tree changes, every cell is made anew."""

    day = models.DateField(help_text="the day whose postings, requirements and tree the cells show")
    digest = models.CharField(max_length=64, help_text="of the day, the cut scores and the position groups")
    tree = models.CharField(max_length=64, help_text="digest of the tree of units")
    parents = models.JSONField(help_text="that tree: each unit's primary key -> that of the unit above it, or null")
    estimates = models.PositiveBigIntegerField(help_text="estimates that the cells count")
    fitted_estimates = models.PositiveBigIntegerField(help_text="estimates that the distributions were learned from")
    rebuilt_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="one_basis", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:8]}"


class Snapshot(models.Model):
    """What competence was on a past day, kept so that it can be asked for under the structure of any other day.

    The sums of subtrees are under the structure of `structure_day`, all position groups together.
    """

    day = models.DateField(unique=True, help_text="the day whose postings, requirements and estimates it shows")
    structure_day = models.DateField(help_text="the day whose tree of units its subtree cells are summed over")
    structure = models.CharField(max_length=64, help_text="digest of that tree and of the lineage up to it")
    history = models.CharField(
        max_length=64, default="", help_text="digest of what the cells were made of; of another one they are made anew"
    )
    cuts = models.JSONField(help_text="competency's primary key -> seven cut scores, of the standard of the day")
    distributions = models.JSONField(help_text="competency's primary key -> what was learned over all people that day")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}"


class SnapshotCell(CellSums):
    """A cell of a snapshot, all position groups together.

    `own`: of the unit that people were posted in on the day. `subtree`, `staff`: under the structure of
    `Snapshot.structure_day`, of a unit with everything below it, and of the own staff of one that has units below.
    """

    class Scope(models.TextChoices):
        OWN = "own"
        SUBTREE = "subtree"
        STAFF = "staff"

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="cells")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=7, choices=Scope.choices)
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "scope", "competency", "snapshot"], name="one_snapshot_cell_each"),
            models.CheckConstraint(name="snapshot_assessed_within_required", condition=Q(assessed__lte=F("required"))),
            models.CheckConstraint(name="snapshot_cell_of_somebody", condition=Q(required__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id}: {self.unit_id}/{self.competency_id} {self.scope}"


class TrainingPlan(models.Model):
    """Which parts of a unit take which courses, as asked for and solved. It stays as it is once it enrolled anybody."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="training_plans")
    asked = models.JSONField(help_text="courses with places, hours and cost, limits and weights; see plan_values")
    result = models.JSONField(help_text="lines and limits; see plan_values")
    enrolled = models.JSONField(default=dict, help_text="place of a line -> how many people it has enrolled")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    solved_at = models.DateTimeField()

    class Meta:
        ordering = ["-solved_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.solved_at:%Y-%m-%d %H:%M}"

    @property
    def is_draft(self) -> bool:
        """Whether nobody has been enrolled by it yet, so that it may still change."""
        return not self.enrolled


class EnrolmentRequest(models.Model):
    """The wish to enrol people by a plan, and a second person's word on it.

    people: place of a line -> employee codes. enrolled: how many were, once it was approved.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")

    plan = models.ForeignKey(TrainingPlan, on_delete=models.CASCADE, related_name="requests")
    people = models.JSONField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="why it was refused")
    enrolled = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(status="asked"), name="one_open_request_per_plan"),
            models.CheckConstraint(
                name="enrolment_decided_by_a_second_person",
                condition=~Q(status__in=["approved", "refused"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
            models.CheckConstraint(name="refused_with_a_reason", condition=~Q(status="refused") | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.status}"


class CellCheck(models.Model):
    """What a comparison of all cells with a full recomputation found. What differed was put right by it."""

    at = models.DateTimeField(default=timezone.now)
    cells = models.PositiveIntegerField(help_text="cells compared")
    wrong = models.PositiveIntegerField(help_text="of these, cells that were not what a recomputation says")
    examples = models.JSONField(default=list, help_text="the first few of them: unit, scope, competency, group")

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.wrong}/{self.cells}"


class SavedView(models.Model):
    """A page on a unit that somebody gave a name: where it leads and what it is asked, never figures.

    `query` holds what `reports.domain.saved_views` knows how to ask. A shared one is for HR of the unit as well.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=100)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    query = models.JSONField(default=dict)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_saved_view_of_a_name"),
            models.CheckConstraint(name="saved_view_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
