"""Time that is left of a sitting."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateformat import time_format


def clock_of(deadline: datetime) -> dict[str, Any]:
    """Return what `learn/time_left.html` shows of a deadline.

    seconds_left: whole, never below 0. until: hour and minute.
    """
    seconds = max(0, int((deadline - timezone.now()).total_seconds()))
    return {"seconds_left": seconds, "until": clock_time(deadline, "H:i")}


def clock_time(moment: datetime, form: str = "H:i:s") -> str:
    """Return a moment's time of day in the time zone of now, in a form of Django's: `08:30:00`."""
    return time_format(timezone.localtime(moment).time(), form)
