"""That something changed which everybody's learning pages show."""

from django.db import models


class ContentChange(models.Model):
    """A transaction that changed a table that people's learning pages share; triggers write it.

    A row per transaction, so that no writer waits for another. The sum of all rows tells whether anything was committed
    since somebody looked: see `courses.domain.queries.versions`.
    """

    xid = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.xid)
