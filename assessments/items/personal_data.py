"""Personal data that can be recognised by its form alone, as it is written in Vietnam."""

import re
import unicodedata

from assessments.items.content import Text

_BETWEEN = r"[ .\-/_()]"
_GAP = _BETWEEN + "{0,3}"
PATTERNS: dict[str, tuple[Text, re.Pattern[str]]] = {
    "citizen_id": (
        Text("Số căn cước (12 chữ số)", "Citizen identity number (12 digits)"),
        re.compile(rf"(?<!\d)0\d\d(?:{_GAP}\d){{9}}(?!\d)"),
    ),
    "phone": (
        Text("Số điện thoại", "Telephone number"),
        re.compile(rf"(?<!\d)(?:0|(?:00)?84(?:{_GAP}0)?){_GAP}(?:[35789](?:{_GAP}\d){{8}}|2(?:{_GAP}\d){{9}})(?!\d)"),
    ),
    "email": (
        Text("Địa chỉ thư điện tử", "E-mail address"),
        re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    ),
    "health_insurance": (
        Text("Mã thẻ bảo hiểm y tế", "Health insurance card number"),
        re.compile(rf"(?<![A-Za-z])[A-Za-z]{{2}}{_GAP}[1-5](?:{_GAP}\d){{12}}(?!\d)"),
    ),
    "passport": (
        Text("Số hộ chiếu", "Passport number"),
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z]\d{7,8}(?![A-Za-z0-9])"),
    ),
    "bank_card": (
        Text("Số thẻ ngân hàng (16 chữ số)", "Bank card number (16 digits)"),
        re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{15}}(?!\d)"),
    ),
    "licence_plate": (
        Text("Biển số xe", "Vehicle licence plate"),
        re.compile(r"(?<![A-Za-z0-9])\d{2}[A-Za-z]{1,2}\d?[ \-.]\d{3}[.]?\d{1,2}(?!\d)"),
    ),
}
"""The name of each kind in both languages, and its form. Blanks, dots, dashes, slashes, underscores and brackets, up to
three between digits, do not hide it."""

_YEAR = r"(?:19|20)\d\d"
_SUM = r"[1-9]\d{0,2}(?:\.\d{3})+(?!\.?\d)"
_ALONE = rf"(?<![\d.+])(?<!\d{_BETWEEN})(?<!\d{_BETWEEN}{_BETWEEN})(?<!\d{_BETWEEN}{_BETWEEN}{_BETWEEN})"
_CURRENCY = r"(?= ?(?:đồng|đ\b|₫|vnđ|vnd|usd))"
_OTHER_NUMBERS = re.compile(
    "|".join(
        (
            rf"(?<!\d)(?<!\d[/.])(?:0?[1-9]|[12]\d|3[01])([/.\-])(?:0?[1-9]|1[0-2])\1{_YEAR}(?!\1?\d)",  # 05/3/2024
            rf"(?<!\d)(?<!\d[/.\-]){_YEAR}-\d\d-\d\d(?!-?\d)",  # 2024-03-05
            rf"(?<!\d)(?<!\d[/.])(?:0?[1-9]|1[0-2])/{_YEAR}(?!/?\d)",  # 03/2024
            rf"(?<!\d)(?<!\d[ /.\-])\d{{1,5}}/{_YEAR}(?=/[^\W\d])",  # 123/2024/NĐ-CP
            rf"(?<!\d)(?<!\d[ /.\-]){_YEAR}(?: ?[ /\-] ?{_YEAR})+(?![ /.\-]?\d)",  # 2021-2025
            rf"{_ALONE}[1-9]\d{{0,2}}(?:[. ]\d{{3}})+{_CURRENCY}",  # 84 500 000 000 đồng
            rf"{_ALONE}(?!84\.[35789]\d\d\.\d{{3}}\.\d{{3}}(?!\.?\d)){_SUM}(?:{_BETWEEN}{{1,3}}{_SUM})*",  # 1.125.000
        )
    ),
    re.IGNORECASE,
)
"""Dates, years, numbers of documents and sums, whose digits are nobody's. 84.903.123.456 is a telephone number, unless
a currency follows."""
_OF_DIGITS = ("citizen_id", "phone", "bank_card")


def find_personal_data(text: str, kinds: tuple[str, ...]) -> list[str]:
    """Which of the kinds stand in the text."""
    text = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    numbers = _OTHER_NUMBERS.sub(";", text)
    return [kind for kind in kinds if PATTERNS[kind][1].search(numbers if kind in _OF_DIGITS else text)]


def _plain(char: str) -> str:
    """The character; a hyphen for any dash, and nothing for what is not seen."""
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return "-" if category == "Pd" or char == "\u2212" else char
