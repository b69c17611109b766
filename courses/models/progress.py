"""Who learns what, and how far they are."""

from django.db import models

from courses.models.content import Block, Course, Lesson
from organisation.models import Person, User


class Enrolment(models.Model):
    """A person takes a course."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    enrolled_at = models.DateTimeField(auto_now_add=True)
    assigned_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", help_text="empty: they enrolled themselves"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "course"], name="enrolled_once")]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.course_id}"


class LessonProgress(models.Model):
    """Where a person is in a lesson. `last_block` is where to go on reading."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="lesson_progress")
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="progress")
    last_block = models.ForeignKey(Block, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "lesson"], name="progress_once")]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.lesson_id}"


class CheckAnswer(models.Model):
    """An answer to a check question inside a lesson. It teaches; it is never evidence."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="answers")
    option = models.CharField(max_length=20)
    correct = models.BooleanField()
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "block", "-answered_at"])]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.block_id}: {self.option}"
