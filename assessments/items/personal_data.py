"""Personal data that can be recognised by its form alone, as it is written in Vietnam."""

import re
import unicodedata

from assessments.items.content import Text

_GAP = r"[ .\-]?"
PATTERNS: dict[str, tuple[Text, re.Pattern[str]]] = {
    "citizen_id": (
        Text("Số căn cước (12 chữ số)", "Citizen identity number (12 digits)"),
        re.compile(rf"(?<!\d)0\d\d(?:{_GAP}\d){{9}}(?!\d)"),
    ),
    "phone": (
        Text("Số điện thoại", "Telephone number"),
        re.compile(rf"(?<!\d)(?:0|\+84{_GAP}|84{_GAP})[35789](?:{_GAP}\d){{8}}(?!\d)"),
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
"""The name of each kind in both languages, and its form. Blanks, dots and hyphens between digits do not hide it."""


def find_personal_data(text: str, kinds: tuple[str, ...]) -> list[str]:
    """Which of the kinds stand in the text."""
    text = unicodedata.normalize("NFKC", text)
    return [kind for kind in kinds if PATTERNS[kind][1].search(text)]
