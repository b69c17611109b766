"""Names in both languages."""

from django.db import models
from django.utils.translation import get_language


class BilingualName(models.Model):
    """A thing named in Vietnamese and English; `name` is the one of the reader's language."""

    name_vi = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi
