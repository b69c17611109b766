"""Comparing what people write, Vietnamese above all.

The same word reaches us composed or decomposed, in capitals or not, with the tone mark on either vowel (hòa, hoà), with
typographic or plain quotation marks, with the eth (Ð) of old fonts for Đ. `comparable` brings all of these to one form.
"""

import re
import unicodedata

MOST_MARKS = 30
"""Marks on one letter, as in the stream-safe format of Unicode (UAX #15, section 13)."""
_MARK = f"[{''.join(char for char in map(chr, range(0x300, 0x1E94B)) if unicodedata.combining(char))}]"
_FLOOD = re.compile(f"({_MARK}{{{MOST_MARKS}}}){_MARK}+")
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Grave, acute, tilde, hook above, dot below: huyền, sắc, ngã, hỏi, nặng."""
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad"),
        "\u00d0": "Đ",
        "\u00f0": "đ",
        "\u20ab": "đ",
    }
)
_EDGES = " .,;:!?\"'()…"


def composed(text: str) -> str:
    """The text in composed letters. Marks beyond MOST_MARKS on a letter go, for ordering them takes time by the square.

    No language writes as many.
    """
    return unicodedata.normalize("NFC", text if text.isascii() else _FLOOD.sub(r"\1", text))


def comparable(text: str, *, case: bool = False, diacritics: bool = True) -> str:
    """The form in which two texts are compared.

    Blanks are single, punctuation at either end is gone, and each syllable is followed by its tone mark, wherever that
    was set. case: capitals differ from small letters. diacritics: False takes all marks away, and đ becomes d.
    """
    text = unicodedata.normalize("NFC", text).translate(_SAME)
    text = text if case else text.casefold()
    return " ".join(_syllable(word, diacritics) for word in " ".join(text.split()).strip(_EDGES).split())


def _syllable(word: str, diacritics: bool) -> str:
    letters = unicodedata.normalize("NFD", word)
    if not diacritics:
        plain = "".join(char for char in letters if not unicodedata.combining(char))
        return plain.replace("đ", "d").replace("Đ", "D")
    tones = "".join(sorted(char for char in letters if char in TONES))
    return unicodedata.normalize("NFC", "".join(char for char in letters if char not in TONES)) + tones


def within_distance(first: str, second: str, most: int) -> bool:
    """Whether `most` edits or fewer make one text of the other: a character added, dropped, changed, or two swapped.

    Optimal string alignment distance (Boytsov, 2011, section 2.2), worked out only within `most` of the diagonal.
    """
    if abs(len(first) - len(second)) > most:
        return False
    far = most + 1
    before: list[int] = []
    last = [min(column, far) for column in range(len(second) + 1)]
    for row, char in enumerate(first, start=1):
        now = [far] * (len(second) + 1)
        if row <= most:
            now[0] = row
        for column in range(max(1, row - most), min(len(second), row + most) + 1):
            cost = min(now[column - 1] + 1, last[column] + 1, last[column - 1] + (char != second[column - 1]))
            swapped = row > 1 and column > 1 and char == second[column - 2] and first[row - 2] == second[column - 1]
            now[column] = min(far, cost, before[column - 2] + 1 if swapped else far)
        before, last = last, now
    return last[-1] <= most
