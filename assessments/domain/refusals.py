"""What delivery refuses, and how it is said to a person."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ATTEMPT_REASONS: dict[str, Promise] = {
    "not_open": _("This assessment is not open."),
    "not_in_audience": _("This assessment is for other people than you: it is not for your unit, your post or you."),
    "not_yet_open": _("This assessment opens on %(at)s."),
    "closed": _("This assessment closed on %(at)s."),
    "no_attempts_left": _("You have used all the attempts that this assessment allows."),
    "wait": _("You can start again on %(at)s."),
    "invigilated": _("This assessment is taken in a browser, in the room where it is supervised."),
    "network": _("This device is not in the network of the exam room."),
    "browser": _("This assessment is taken in Safe Exam Browser with the settings of the exam room."),
    "code": _("This is not the access code of the exam room."),
    "too_many_codes": _("Too many wrong codes. Wait five minutes, or ask the invigilator."),
    "device": _("This sitting goes on on another device."),
    "no_post": _("Your post has no required competencies yet, so there is nothing to measure against."),
    "nothing_to_ask": _("There are no questions yet for the competencies of this assessment."),
    "all_seen": _("You have met all the questions there are for your post within the last 180 days."),
    "taken_lately": _("You have taken this within the last 180 days and have seen how it is judged."),
    "not_submitted": _("This attempt has not been submitted yet."),
    "not_adaptive": _("This assessment is a simulation; it has no questions."),
    "not_a_simulation": _("This assessment is a quiz; it has no simulation."),
}

RESPONSE_REASONS: dict[str, Promise] = {
    "not_given": _("This question was not given in this attempt."),
    "key_reused": _("This key was already used for another answer."),
    "not_a_mapping": _("Named values are expected here."),
    "not_a_list": _("A list is expected here."),
    "missing": _("An answer is needed."),
    "unknown_field": _("This field is not part of the answer."),
    "unknown_option": _("This is not one of the options."),
    "repeated": _("An option is given twice."),
    "nothing_chosen": _("Choose at least one option."),
    "incomplete": _("Every step needs its place."),
    "sequence_range": _("The number of this answer is out of range."),
    "control_character": _("The answer holds a character that cannot be stored."),
    "too_large": _("The answer is too large."),
    "finished": _("The simulation has ended."),
    "not_legal_now": _("This cannot be done now."),
    "parameter": _("A value of this action does not fit."),
}

DOES_NOT_FIT = _("The answer does not fit this question.")


class AttemptNotFound(LookupError):
    """There is no such attempt of this person: none at all, or somebody else's, which must look the same."""


class AttemptRefused(ValueError):
    """An attempt cannot be started, continued or shown. reason: a key of ATTEMPT_REASONS. at: since or until when."""

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        self.reason = reason
        self.at = at
        super().__init__(reason)

    @property
    def message(self) -> str:
        """The reason in the reader's language."""
        words = str(ATTEMPT_REASONS[self.reason])
        return words % {"at": date_format(timezone.localtime(self.at), "DATETIME_FORMAT")} if self.at else words


class ResponseRefused(ValueError):
    """An answer or action that was not stored. field: what is wrong (`version`, `value.choice`, `action`).

    `reason` is a key of RESPONSE_REASONS, or one that an item type alone knows.
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")

    @property
    def message(self) -> str:
        """The reason in the reader's language."""
        return str(RESPONSE_REASONS.get(self.reason, DOES_NOT_FIT))
