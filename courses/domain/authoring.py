"""Changing the text of a lesson in the catalogue. What is saved is what learners read from then on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from courses.blocks import markdown
from courses.models import Block
from organisation.api import record_audit
from organisation.models import User

LOCALES = ("vi", "en")
MAX_TEXT = 20_000
_FAULT = re.compile(r"^(?:line (?P<line>\d+): )?a (?P<kind>heading|picture) ")


class BlockNotEditable(TypeError):
    """Only a block of running text can be edited here; pictures and checks come with the course's files."""


class BlockChanged(RuntimeError):
    """Someone else saved the block after its author opened it; `block` is as it stands now."""

    def __init__(self, block: Block) -> None:
        self.block = block
        super().__init__(f"block {block.pk} has changed")


@dataclass(frozen=True, slots=True)
class TextFault:
    """What an author must change in one language's text.

    `kind` is empty, long, heading (an h1 or a skipped level), picture (it needs a block of its own) or other;
    `line` counts from 1 where a place is known; `message` is the parser's own word, in English.
    """

    locale: str
    kind: str
    line: int | None
    message: str


class TextRefused(ValueError):
    """A text that cannot stand in a lesson; `faults` lists everything found, in both languages."""

    def __init__(self, faults: list[TextFault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.locale}: {fault.message}" for fault in faults))


def block_stamp(block: Block) -> str:
    """Return what changes whenever the block's text does: give it back to `edit_block_text` as `base`."""
    _require_text(block)
    return markdown.identity(block.content)


def find_text_faults(texts: Mapping[str, str]) -> list[TextFault]:
    """Return what forbids saving the texts, Vietnamese first; an empty list means they may be saved."""
    found: list[TextFault] = []
    for locale in LOCALES:
        text = normalise_block_text(texts.get(locale, ""))
        if not text:
            found.append(TextFault(locale, "empty", None, "no text"))
        elif len(text) > MAX_TEXT:
            found.append(TextFault(locale, "long", None, f"{len(text)} characters; at most {MAX_TEXT}"))
        else:
            found.extend(_fault(locale, message) for message in markdown.faults(text))
    return found


def preview_block_text(texts: Mapping[str, str]) -> dict[str, str]:
    """Return safe HTML of the text of each language, as a lesson would show it. Nothing is saved."""
    content = {locale: normalise_block_text(texts.get(locale, "")) for locale in LOCALES}
    return {locale: markdown.render(content, locale)["html"] for locale in LOCALES}


@transaction.atomic
def edit_block_text(block: Block, texts: Mapping[str, str], *, base: str, actor: User) -> Block:
    """Give a block of running text new words in both languages and return it as saved.

    `base` is the `block_stamp` that the author began from. The audit event keeps the words as they were.
    Raises BlockNotEditable, TextRefused, or BlockChanged when the block is no longer what `base` says.
    """
    _require_text(block)
    faults = find_text_faults(texts)
    if faults:
        raise TextRefused(faults)
    locked = Block.objects.select_for_update(of=("self",)).select_related("lesson__module__course").get(pk=block.pk)
    if block_stamp(locked) != base:
        raise BlockChanged(locked)
    before = locked.content
    content = {locale: normalise_block_text(texts[locale]) for locale in LOCALES}
    if content == before:
        return locked
    locked.content = content
    locked.save(update_fields=["content"])
    lesson = locked.lesson
    lesson.edited_at = timezone.now()
    lesson.save(update_fields=["edited_at"])
    record_audit(
        actor=actor,
        action="edited",
        target=f"block {locked.order} of lesson {lesson.module.course.code}/{lesson.code}",
        detail={"block": locked.pk, "before": before},
    )
    return locked


def normalise_block_text(text: str) -> str:
    """Return the text with plain line ends and nothing blank around it, as the importer stores it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _require_text(block: Block) -> None:
    if block.kind != "markdown":
        raise BlockNotEditable(block.kind)


def _fault(locale: str, message: str) -> TextFault:
    match = _FAULT.match(message)
    if match is None:
        return TextFault(locale, "other", None, message)
    return TextFault(locale, match["kind"], int(match["line"]) if match["line"] else None, message)
