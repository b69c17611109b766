"""Files to hand in, which people mark by a rubric.

Value: `{"files": [{"id", "name", "size", "sha256"}]}` of files uploaded before; whoever keeps uploads checks that each
id is the person's own and that size and digest are true. Score: None, it needs marking.
"""

import re
from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import free_text, read_fields
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.problems import ResponseError
from assessments.items.question import Question, QuestionReading
from assessments.items.rubric import Rubric, read_rubric

KIND = "file_upload"
MOST_FILES = 5
LARGEST_MEGABYTES = 50
MEGABYTE = 1024 * 1024
LONGEST_NAME = 150
TYPES = ("pdf", "docx", "odt", "xlsx", "ods", "csv", "pptx", "odp", "txt", "png", "jpg", "jpeg")
_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class FileUpload(Question):
    """most: how many files. types: file name endings taken. megabytes: of one file at most."""

    most: int
    types: tuple[str, ...]
    megabytes: int
    rubric: Rubric

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return self.frame_to_dict() | {
            "files": {"most": self.most, "types": list(self.types), "megabytes": self.megabytes},
            "rubric": self.rubric.to_list(),
        }


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was uploaded. size: in bytes."""

    id: str
    name: str
    size: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "size": self.size, "sha256": self.sha256}


def parse_content(raw: Any) -> FileUpload:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("files", "rubric"))
    files = reading.mapping(source.get("files"), "files", ("most", "types", "megabytes"))
    most = reading.whole(files.get("most", 1), "files.most", 1, MOST_FILES)
    megabytes = reading.whole(files.get("megabytes", 10), "files.megabytes", 1, LARGEST_MEGABYTES)
    types: list[str] = []
    for place, ending in enumerate(reading.entries(files.get("types"), "files.types", 1, len(TYPES))):
        word = reading.word(ending, f"files.types[{place}]", TYPES)
        if word in types:
            reading.problem(f"files.types[{place}]", "repeated", word)
        types.append(word)
    rubric = read_rubric(reading, source.get("rubric"), stem)
    reading.finish()
    return FileUpload(KIND, stem, rationale, most, tuple(types), megabytes, rubric)


def player_view(content: FileUpload, locale: str, seed: int) -> dict[str, Any]:
    """The task, what files are taken, and by what they will be marked, without the levels."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "files": {"most": content.most, "types": list(content.types), "megabytes": content.megabytes},
        "criteria": content.rubric.names(locale),
    }


def parse_response(content: FileUpload, raw: Any) -> tuple[UploadedFile, ...]:
    """Read an answer to the files handed in, at least one. Raises ResponseError."""
    entries = read_fields(raw, ("files",))["files"]
    if not isinstance(entries, list):
        raise ResponseError("files", "not_a_list")
    if not 1 <= len(entries) <= content.most:
        raise ResponseError("files", "too_many" if entries else "nothing_chosen")
    files = tuple(_read_file(content, entry) for entry in entries)
    if len({file.id for file in files}) < len(files):
        raise ResponseError("files", "repeated")
    return files


def _read_file(content: FileUpload, entry: Any) -> UploadedFile:
    source = read_fields(entry, ("id", "name", "size", "sha256"))
    if not isinstance(source["id"], str) or not _ID.fullmatch(source["id"]):
        raise ResponseError("files.id", "bad_id")
    name = free_text(source["name"], "files.name", LONGEST_NAME)
    if _NOT_IN_NAMES.intersection(name) or any(char in name for char in "\n\r\t") or name.startswith("."):
        raise ResponseError("files.name", "bad_name")
    if name.rpartition(".")[2].lower() not in content.types:
        raise ResponseError("files.name", "type_not_taken")
    size = source["size"]
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= content.megabytes * MEGABYTE:
        raise ResponseError("files.size", "not_in_range")
    if not isinstance(source["sha256"], str) or not _DIGEST.fullmatch(source["sha256"]):
        raise ResponseError("files.sha256", "bad_digest")
    return UploadedFile(source["id"], name, size, source["sha256"])


def score(content: FileUpload, value: tuple[UploadedFile, ...]) -> None:
    """None: a person marks it."""


def maximum(content: FileUpload) -> int:
    """The points of the rubric, at most 4."""
    return highest_score(content.rubric.points)


def parse_marks(content: FileUpload, raw: Any) -> dict[str, int]:
    """Read a marker's points by criterion. Raises MarksError."""
    return content.rubric.parse_marks(raw)


def mark_points(content: FileUpload, value: tuple[UploadedFile, ...], marks: dict[str, int]) -> tuple[int, int]:
    """The points of all criteria, of how many."""
    return sum(marks.values()), content.rubric.points


def score_marks(content: FileUpload, value: tuple[UploadedFile, ...], marks: dict[str, int]) -> int:
    """The points of all criteria, binned."""
    return binned_score(*mark_points(content, value, marks))


def marking_view(content: FileUpload, locale: str, value: tuple[UploadedFile, ...]) -> dict[str, Any]:
    """What a marker sees: the files and the rubric with its anchors."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "given": [file.to_dict() for file in value],
        "rubric": content.rubric.shown(locale),
    }


def key(content: FileUpload) -> dict[str, Any]:
    """A well-formed answer; what it earns, a marker says."""
    name = f"bai-lam.{content.types[0]}"
    return {"files": [{"id": "0" * 32, "name": name, "size": MEGABYTE, "sha256": "0" * 64}]}


def review_view(content: FileUpload, locale: str, value: tuple[UploadedFile, ...] | None) -> dict[str, Any]:
    """What the person sees after submission: what they handed in and the rubric."""
    return marking_view(content, locale, value or ()) | {"rationale": content.rationale.at(locale)}


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Lập bảng theo dõi hồ sơ của bộ phận một cửa trong một tuần (dữ liệu giả định, không có thông tin cá "
        "nhân thật): có công thức tính số ngày còn lại và đánh dấu hồ sơ sắp trễ hạn. Nộp tệp bảng tính.",
        "en": "Build a sheet that tracks one week of applications at the one-stop desk (made-up data, no real personal "
        "details): formulas for the days left, and a mark on those about to be late. Hand in the spreadsheet.",
    },
    "files": {"most": 1, "types": ["xlsx", "ods"], "megabytes": 5},
    "rubric": [
        {
            "vi": "Công thức",
            "en": "Formulas",
            "levels": [
                {"vi": "Kết quả gõ tay", "en": "Results are typed in"},
                {"vi": "Có công thức nhưng sai ở một số hàng", "en": "Formulas, wrong in some rows"},
                {"vi": "Công thức đúng ở mọi hàng", "en": "Formulas right in every row"},
            ],
        },
        {
            "vi": "Bảo vệ dữ liệu cá nhân",
            "en": "Protection of personal data",
            "levels": [
                {"vi": "Có thông tin của người thật", "en": "Holds details of real people"},
                {"vi": "Chỉ dùng dữ liệu giả định", "en": "Made-up data only"},
            ],
        },
    ],
    "rationale": {
        "vi": "Bảng tính tốt tự cập nhật và không chứa dữ liệu mà người nhận không cần.",
        "en": "A good sheet updates itself and holds nothing that its reader does not need.",
    },
}
