"""One file, whatever it is: its format is told from its bytes."""

from dataclasses import dataclass

from assessments.items.exchange.aiken import count_aiken, read_aiken
from assessments.items.exchange.encodings import decode_text
from assessments.items.exchange.gift import count_gift, looks_like_gift, read_gift
from assessments.items.exchange.moodle import read_moodle
from assessments.items.exchange.outcomes import MOST_QUESTIONS, ExchangeError, Outcome
from assessments.items.exchange.qti_package import read_package
from assessments.items.exchange.qti_read import is_item, read_item
from assessments.items.exchange.table_files import looks_like_table, looks_like_workbook, read_table, read_workbook
from assessments.items.exchange.xml_input import local, read_xml


@dataclass(frozen=True, slots=True)
class ReadFile:
    """format: xlsx, csv, qti_package, qti_item, moodle_xml, gift or aiken. guessed: the encoding had to be guessed."""

    format: str
    outcomes: tuple[Outcome, ...]
    guessed: bool = False


def read_file(data: bytes) -> ReadFile:
    """The questions of a file. Raises ExchangeError for a file that is not read at all."""
    found = _read(data)
    if not found.outcomes:
        raise ExchangeError("no_questions")
    if len(found.outcomes) > MOST_QUESTIONS:
        raise ExchangeError("too_many_questions")
    return found


def _looks_like_xml(data: bytes) -> bool:
    """Whether a file begins with a tag, in UTF-16 too where its mark says so; the parser is told by the same mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[:200].decode("utf-16", "replace").lstrip().startswith("<")
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _read(data: bytes) -> ReadFile:
    if looks_like_workbook(data):
        return ReadFile("xlsx", tuple(read_workbook(data)))
    if looks_like_table(data):
        return ReadFile("csv", tuple(read_table(data)))
    if data.startswith(b"PK"):
        return ReadFile("qti_package", tuple(read_package(data)))
    if _looks_like_xml(data):
        root = read_xml(data)
        if local(root) == "quiz":
            return ReadFile("moodle_xml", tuple(read_moodle(root)))
        if is_item(root):
            return ReadFile("qti_item", (read_item(root),))
        raise ExchangeError("unknown_format", local(root)[:40])
    text, guessed = decode_text(data)
    answers = count_aiken(text)
    if answers and answers >= count_gift(text):
        return ReadFile("aiken", tuple(read_aiken(text)), guessed)
    if looks_like_gift(text):
        return ReadFile("gift", tuple(read_gift(text)), guessed)
    raise ExchangeError("unknown_format")
