"""Check questions inside lessons."""

from dataclasses import dataclass

from django.utils.translation import get_language

from courses.blocks import check
from courses.domain.progress import touch_block
from courses.models import Block, CheckAnswer
from organisation.models import Person


class CheckRefused(ValueError):
    """What was answered is no check question, or has no such option. `reason`: not_a_check or unknown_option."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class CheckFeedback:
    """What a person is told about the option they chose, in the language of the moment."""

    option: str
    correct: bool
    text: str


def answer_check(person: Person, block: Block, option: str) -> CheckFeedback:
    """Record an answer and return its feedback. Any number of answers may follow; each is kept. CheckRefused else."""
    if block.kind != "check":
        raise CheckRefused("not_a_check")
    feedback = feedback_on(block, option)
    if feedback is None:
        raise CheckRefused("unknown_option")
    touch_block(person, block.lesson, block.pk)
    CheckAnswer.objects.create(person=person, block=block, option=option, correct=feedback.correct)
    return feedback


def feedback_on(block: Block, option: str) -> CheckFeedback | None:
    """Return the feedback on an option of a check; None when the question, perhaps reworded since, has none such."""
    locale = "en" if get_language() == "en" else "vi"
    try:
        return CheckFeedback(option, check.judge(block.content, option), check.feedback(block.content, option, locale))
    except check.UnknownOption:
        return None
