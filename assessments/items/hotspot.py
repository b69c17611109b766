"""Regions of an image to choose. The regions are also a list in words, which keyboards and screen readers use.

Both ways choose from the same regions, so they measure the same. Value: `{"regions": [region ids]}` or, from a plain
click, `{"points": [[x, y]]}` in the image's pixels; a point counts as the smallest region that holds it. With one right
region the score is 0 or 1 and one is chosen; with several, each right one adds a point and each wrong one takes one
away, never below 0, binned to at most 4.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import known_ids, read_fields
from assessments.items.content import Option
from assessments.items.media import Image, read_image
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.presentation import shuffled
from assessments.items.problems import ResponseError
from assessments.items.question import Question, QuestionReading, opaque_id, shown, with_id
from assessments.items.regions import Shape, read_shape

KIND = "hotspot"
FEWEST, MOST = 3, 12


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its words, whether it is right and why, and its shape."""

    option: Option
    shape: Shape


@dataclass(frozen=True, slots=True)
class Hotspot(Question):
    """An image with regions that all are shown."""

    image: Image
    regions: tuple[Region, ...]

    @property
    def right_ids(self) -> list[str]:
        return [region.option.id for region in self.regions if region.option.correct]

    @property
    def many(self) -> bool:
        """Whether more than one region may be chosen."""
        return len(self.right_ids) > 1

    def region_at(self, x: float, y: float) -> str | None:
        """The id of the smallest region that holds the point."""
        found = [region for region in self.regions if region.shape.contains(x, y)]
        return min(found, key=lambda region: region.shape.area).option.id if found else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        regions = []
        for region in self.regions:
            data = with_id(region.option) | {"correct": region.option.correct, "shape": region.shape.to_dict()}
            regions.append(data | ({"why": region.option.why.to_dict()} if region.option.why else {}))
        return self.frame_to_dict() | {"image": self.image.to_dict(), "regions": regions}


def parse_content(raw: Any) -> Hotspot:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("image", "regions"))
    image = read_image(reading, source.get("image"), "image")
    regions = []
    for place, entry in enumerate(reading.entries(source.get("regions"), "regions", FEWEST, MOST)):
        path = f"regions[{place}]"
        found, text = reading.part(entry, path, ("correct", "why", "shape"))
        correct = reading.flag(found.get("correct", False), f"{path}.correct")
        why = reading.optional_text(found.get("why"), f"{path}.why")
        shape = read_shape(reading, found.get("shape"), f"{path}.shape", image.width, image.height)
        regions.append(Region(Option(opaque_id(stem, "region", text.vi, text.en), text, correct, why), shape))
    reading.different([region.option.text for region in regions], "regions")
    if regions and not 1 <= sum(region.option.correct for region in regions) < len(regions):
        reading.problem("regions", "some_correct_regions")
    reading.finish()
    return Hotspot(KIND, stem, rationale, image, tuple(regions))


def player_view(content: Hotspot, locale: str, seed: int) -> dict[str, Any]:
    """The image, and its regions in words and shapes, shuffled by the seed."""
    shapes = {region.option.id: region.shape.to_dict() for region in content.regions}
    regions = shuffled([region.option for region in content.regions], seed)
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "image": content.image.shown(locale),
        "many": content.many,
        "options": [{**shown(region, locale), "shape": shapes[region.id]} for region in regions],
    }


def parse_response(content: Hotspot, raw: Any) -> tuple[str, ...]:
    """Read an answer to the ids of the regions chosen. Raises ResponseError."""
    name = "points" if isinstance(raw, dict) and "points" in raw else "regions"
    source = read_fields(raw, (name,))
    if name == "points":
        chosen = _regions_at(content, source["points"])
    else:
        chosen = known_ids(source["regions"], "regions", {region.option.id for region in content.regions})
    if len(chosen) > 1 and not content.many:
        raise ResponseError(name, "choose_one")
    return chosen


def _regions_at(content: Hotspot, points: Any) -> tuple[str, ...]:
    if not isinstance(points, list) or not 1 <= len(points) <= MOST:
        raise ResponseError("points", "not_a_list")
    chosen: dict[str, None] = {}
    for point in points:
        if not isinstance(point, list) or len(point) != 2:
            raise ResponseError("points", "not_a_point")
        x, y = point
        if any(isinstance(each, bool) or not isinstance(each, (int, float)) for each in (x, y)):
            raise ResponseError("points", "not_a_point")
        if not (0 <= x <= content.image.width and 0 <= y <= content.image.height):
            raise ResponseError("points", "outside_the_image")
        region = content.region_at(x, y)
        if region is None:
            raise ResponseError("points", "no_region")
        chosen[region] = None
    return tuple(chosen)


def points(content: Hotspot, value: tuple[str, ...]) -> tuple[int, int]:
    """Right regions less wrong ones, of how many."""
    right = content.right_ids
    hits = sum(region in right for region in value)
    return hits - (len(value) - hits), len(right)


def score(content: Hotspot, value: tuple[str, ...]) -> int:
    """Right regions less wrong ones, binned."""
    return binned_score(*points(content, value))


def maximum(content: Hotspot) -> int:
    """The number of right regions, at most 4."""
    return highest_score(len(content.right_ids))


def key(content: Hotspot) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"regions": content.right_ids}


def review_view(content: Hotspot, locale: str, value: tuple[str, ...] | None) -> dict[str, Any]:
    """What the person sees after submission: the regions with key, reasons and what was chosen."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "image": content.image.shown(locale),
        "options": [
            {
                **shown(region.option, locale),
                "shape": region.shape.to_dict(),
                "correct": region.option.correct,
                "chosen": region.option.id in (value or ()),
                "why": region.option.why.at(locale) if region.option.why else "",
            }
            for region in content.regions
        ],
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Đây là thư điện tử gửi đến hộp thư công vụ của bạn. Hãy chọn những dấu hiệu cho thấy đây là thư lừa "
        "đảo.",
        "en": "This e-mail reached your official mailbox. Choose what shows that it is a phishing attempt.",
    },
    "image": {
        "file": {"vi": "samples/phishing-mail-vi.svg", "en": "samples/phishing-mail-en.svg"},
        "width": 640,
        "height": 360,
        "alt": {
            "vi": "Một thư điện tử: người gửi, tiêu đề, lời chào, một nút bấm và chân thư.",
            "en": "An e-mail: sender, subject, greeting, a button and a footer.",
        },
    },
    "regions": [
        {
            "vi": "Người gửi: ho-tro@quan-ly-vanban.xyz",
            "en": "Sender: support@document-system.xyz",
            "correct": True,
            "why": {"vi": "Không phải tên miền gov.vn của cơ quan.", "en": "Not the office's own gov.vn domain."},
            "shape": {"rectangle": [20, 20, 600, 44]},
        },
        {
            "vi": "Tiêu đề: Tài khoản của bạn sẽ bị khóa sau 30 phút",
            "en": "Subject: Your account will be locked in 30 minutes",
            "correct": True,
            "why": {"vi": "Thúc ép về thời gian để người nhận không kịp nghĩ.", "en": "Haste leaves no time to think."},
            "shape": {"rectangle": [20, 72, 600, 44]},
        },
        {
            "vi": "Lời chào: Kính gửi anh/chị",
            "en": "Greeting: Dear colleague",
            "correct": False,
            "why": {
                "vi": "Lời chào chung cũng có trong thư thông báo thật.",
                "en": "Genuine circulars use a general greeting too.",
            },
            "shape": {"rectangle": [20, 132, 600, 40]},
        },
        {
            "vi": "Nút bấm: Nhập mật khẩu để giữ tài khoản",
            "en": "Button: Enter your password to keep the account",
            "correct": True,
            "why": {"vi": "Không cơ quan nào xin mật khẩu qua thư.", "en": "No office asks for a password by mail."},
            "shape": {"polygon": [200, 200, 440, 200, 440, 256, 200, 256]},
        },
        {
            "vi": "Chân thư: ngày gửi và số trang",
            "en": "Footer: date and page number",
            "correct": False,
            "why": {"vi": "Không nói lên điều gì.", "en": "It says nothing either way."},
            "shape": {"rectangle": [20, 300, 600, 40]},
        },
    ],
    "rationale": {
        "vi": "Kiểm tra tên miền người gửi, sự thúc ép và yêu cầu cung cấp mật khẩu trước khi bấm vào bất cứ đâu.",
        "en": "Check the sender's domain, the haste and any request for a password before you click anything.",
    },
}
