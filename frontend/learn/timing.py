"""Time that is left of a sitting."""

from datetime import datetime

from django.utils import timezone


def seconds_to(deadline: datetime) -> int:
    """Return the whole seconds until a time, never below 0."""
    return max(0, int((deadline - timezone.now()).total_seconds()))
