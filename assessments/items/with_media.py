"""What every item type has alike: media beside the stem, which no type's own module need know of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assessments.items.media import read_media
from assessments.items.problems import ContentError
from assessments.items.protocols import ItemType, MarkedItemType
from assessments.items.question import QuestionReading


class WithMedia:
    """An item type whose contents may have `media`, which its views then show."""

    def __init__(self, module: ItemType) -> None:
        self.KIND, self.SAMPLE = module.KIND, module.SAMPLE
        self.module = module
        self.parse_response, self.score, self.maximum, self.key = (
            module.parse_response,
            module.score,
            module.maximum,
            module.key,
        )

    def parse_content(self, raw: Any) -> Any:
        """Read a content with its media. Raises ContentError with everything found."""
        if not isinstance(raw, Mapping) or "media" not in raw:
            return self.module.parse_content(raw)
        reading = QuestionReading()
        media = read_media(reading, raw["media"])
        try:
            content = self.module.parse_content({name: each for name, each in raw.items() if name != "media"})
        except ContentError as error:
            raise ContentError([*reading.problems, *error.problems]) from None
        reading.finish()
        return replace(content, media=media)

    def player_view(self, content: Any, locale: str, seed: int) -> dict[str, Any]:
        """What the person sees, with `media` where there are any."""
        return _with_media(self.module.player_view(content, locale, seed), content, locale)

    def review_view(self, content: Any, locale: str, value: Any) -> dict[str, Any]:
        """What the person sees after submission, with `media` where there are any."""
        return _with_media(self.module.review_view(content, locale, value), content, locale)


class MarkedWithMedia(WithMedia):
    """The same of a type that people mark."""

    def __init__(self, module: MarkedItemType) -> None:
        super().__init__(module)
        self.marked = module
        self.parse_marks, self.score_marks = module.parse_marks, module.score_marks

    def marking_view(self, content: Any, locale: str, value: Any) -> dict[str, Any]:
        """What the marker sees, with `media` where there are any."""
        return _with_media(self.marked.marking_view(content, locale, value), content, locale)


def _with_media(view: dict[str, Any], content: Any, locale: str) -> dict[str, Any]:
    return view | {"media": [each.shown(locale) for each in content.media]} if content.media else view
