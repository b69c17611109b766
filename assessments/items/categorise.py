"""Three to sixteen cards to put into two to six categories.

Value: `{"cards": {card id: category id}}`; a card may be left out. Each card in its category is a point, binned to at
most 4.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import assigned_ids, read_fields
from assessments.items.content import Option
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.presentation import shuffled
from assessments.items.question import Question, QuestionReading, opaque_id, shown, with_id

KIND = "categorise"
FEWEST_CATEGORIES, MOST_CATEGORIES = 2, 6
FEWEST_CARDS, MOST_CARDS = 3, 16


@dataclass(frozen=True, slots=True)
class Card:
    """A card, its `why`, and the name of its category."""

    option: Option
    category: str


@dataclass(frozen=True, slots=True)
class Categorise(Question):
    """categories: by the author's names, in the author's order, which is shown (often they are grades)."""

    categories: dict[str, Option]
    cards: tuple[Card, ...]

    @property
    def right(self) -> dict[str, str]:
        return {card.option.id: self.categories[card.category].id for card in self.cards}

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        cards = []
        for card in self.cards:
            why = {} if card.option.why is None else {"why": card.option.why.to_dict()}
            cards.append({**with_id(card.option), "category": card.category, **why})
        return self.frame_to_dict() | {
            "categories": [{"name": name, **with_id(each)} for name, each in self.categories.items()],
            "cards": cards,
        }


def parse_content(raw: Any) -> Categorise:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("categories", "cards"))
    categories: dict[str, Option] = {}
    labels = []
    entries = reading.entries(source.get("categories"), "categories", FEWEST_CATEGORIES, MOST_CATEGORIES)
    for place, entry in enumerate(entries):
        found, text = reading.part(entry, f"categories[{place}]", ("name",))
        name = reading.name(found.get("name"), f"categories[{place}].name")
        if name in categories:
            reading.problem(f"categories[{place}].name", "repeated", name)
        categories[name] = Option(opaque_id(stem, "category", text.vi, text.en), text)
        labels.append(text)
    reading.different(labels, "categories")
    cards = []
    for place, entry in enumerate(reading.entries(source.get("cards"), "cards", FEWEST_CARDS, MOST_CARDS)):
        found, text = reading.part(entry, f"cards[{place}]", ("category", "why"))
        category = reading.word(found.get("category"), f"cards[{place}].category", list(categories))
        why = reading.optional_text(found.get("why"), f"cards[{place}].why")
        cards.append(Card(Option(opaque_id(stem, "card", text.vi, text.en), text, why=why), category))
    reading.different([card.option.text for card in cards], "cards")
    reading.finish()
    return Categorise(KIND, stem, rationale, categories, tuple(cards))


def player_view(content: Categorise, locale: str, seed: int) -> dict[str, Any]:
    """Categories in their order as options, and the cards shuffled by the seed."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "options": [shown(each, locale) for each in content.categories.values()],
        "cards": [shown(each, locale) for each in shuffled([card.option for card in content.cards], seed)],
    }


def parse_response(content: Categorise, raw: Any) -> dict[str, str]:
    """Read an answer to the category chosen for each card put somewhere. Raises ResponseError."""
    categories = {each.id for each in content.categories.values()}
    return assigned_ids(read_fields(raw, ("cards",))["cards"], "cards", content.right, categories)


def points(content: Categorise, value: dict[str, str]) -> tuple[int, int]:
    """Cards in their category, of how many."""
    return sum(content.right[card] == chosen for card, chosen in value.items()), len(content.cards)


def score(content: Categorise, value: dict[str, str]) -> int:
    """Cards in their category, binned."""
    return binned_score(*points(content, value))


def maximum(content: Categorise) -> int:
    """The number of cards, at most 4."""
    return highest_score(len(content.cards))


def key(content: Categorise) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"cards": content.right}


def review_view(content: Categorise, locale: str, value: dict[str, str] | None) -> dict[str, Any]:
    """What the person sees after submission: each card with its category, the one given (None), and why."""
    given = value or {}
    labels = {each.id: each.text.at(locale) for each in content.categories.values()}
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "options": [shown(each, locale) for each in content.categories.values()],
        "cards": [
            {
                **shown(card.option, locale),
                "category": content.categories[card.category].text.at(locale),
                "given": labels.get(given.get(card.option.id, "")),
                "correct": given.get(card.option.id) == content.right[card.option.id],
                "why": card.option.why.at(locale) if card.option.why else "",
            }
            for card in content.cards
        ],
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Xếp từng loại thông tin vào mức chia sẻ phù hợp khi làm việc với công cụ AI.",
        "en": "Put each kind of information where it belongs when you work with an AI tool.",
    },
    "categories": [
        {"name": "public_tool", "vi": "Dùng được với công cụ AI công cộng", "en": "May go into a public AI tool"},
        {"name": "office_tool", "vi": "Chỉ dùng với công cụ của cơ quan", "en": "Only into the office's own tool"},
        {"name": "no_tool", "vi": "Không đưa vào công cụ AI nào", "en": "Into no AI tool at all"},
    ],
    "cards": [
        {"vi": "Quyết định đã đăng Công báo", "en": "A decision published in the gazette", "category": "public_tool"},
        {
            "vi": "Dự thảo kế hoạch công tác nội bộ của phòng",
            "en": "A draft of the team's internal work plan",
            "category": "office_tool",
            "why": {"vi": "Chưa công khai nhưng không mật.", "en": "Not yet public, but not classified."},
        },
        {
            "vi": "Văn bản đóng dấu Mật",
            "en": "A document stamped Secret",
            "category": "no_tool",
            "why": {
                "vi": "Bí mật nhà nước chỉ được xử lý theo quy định về bảo vệ bí mật nhà nước.",
                "en": "State secrets are handled only under the rules that protect them.",
            },
        },
        {
            "vi": "Câu hỏi thường gặp trên trang của phường",
            "en": "The questions and answers on the ward's site",
            "category": "public_tool",
        },
        {
            "vi": "Biên bản họp giao ban tuần của phòng",
            "en": "Minutes of the team's weekly meeting",
            "category": "office_tool",
        },
    ],
    "rationale": {
        "vi": "Mức độ công khai của thông tin quyết định công cụ được dùng.",
        "en": "How public the information is decides which tool may be used.",
    },
}
