"""Vietnamese names: normal form, order, search, and English names of units."""

import re
import unicodedata
from functools import lru_cache

# f, j, w and z are no Vietnamese letters; they stand where the Latin alphabet puts them.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "5", "\u0323": "6"}
_LEVEL_TONE = "1"
# One ASCII character per letter, in byte order: A to Z, then a to g. Space < "." < "/" < digits < letters.
_RANK = dict(zip(_ALPHABET, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg", strict=True))
_OTHER = "/"
_WORD = re.compile(r"[^\W_]+")
_DIGITS_OR_REST = re.compile(r"\d+|\D+")
_KEY_LENGTH = 400
_SEARCH_LENGTH = 300


# Letters of other alphabets that keyboards and old fonts give for Đ and đ, and what those are made of by a stroke.
_LOOKALIKES = {
    "\u00d0": "Đ",
    "\u0189": "Đ",
    "\u00f0": "đ",
    "\u0256": "đ",
    "D\u0335": "Đ",
    "d\u0335": "đ",
}


def normalise_text(text: str) -> str:
    """Return the text in NFC with runs of white space made one space and none at the ends.

    What only looks like Đ or đ becomes that letter.
    """
    text = unicodedata.normalize("NFC", text)
    for lookalike, letter in _LOOKALIKES.items():
        text = text.replace(lookalike, letter)
    return " ".join(text.split())


def has_lookalikes(text: str) -> bool:
    """Say whether `normalise_text` would put another letter for one that only looks like it."""
    return any(lookalike in text for lookalike in _LOOKALIKES)


def strip_diacritics(text: str) -> str:
    """Return the text without diacritics, đ as d and Đ as D, letter case kept."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold_text(text: str) -> str:
    """Return the text in lower case without diacritics, đ as d: what search compares."""
    return " ".join(_fold_word(word) for word in normalise_text(text).lower().split(" "))


@lru_cache(maxsize=65536)
def _fold_word(word: str) -> str:
    return strip_diacritics(word)


@lru_cache(maxsize=4096)
def _rank_of(char: str) -> tuple[str, str]:
    """Return the letter's place in the alphabet and its tone mark ("" for level)."""
    tone = ""
    kept = []
    for part in unicodedata.normalize("NFD", char):
        if part in _TONES:
            tone = _TONES[part]
        else:
            kept.append(part)
    letter = unicodedata.normalize("NFC", "".join(kept))
    # A letter of another language sorts as its base letter: ü as u.
    return _RANK.get(letter) or _RANK.get(kept[0] if kept else "", _OTHER), tone


def _number_key(digits: str) -> str:
    """Return a key that orders whole numbers by value: how many digits there are, then the digits."""
    plain = "".join(str(unicodedata.decimal(digit)) for digit in digits).lstrip("0") or "0"
    return f"{min(len(plain), 9)}{plain}"


@lru_cache(maxsize=65536)
def _word_key(word: str) -> str:
    letters, tones = [], []
    for run in _DIGITS_OR_REST.findall(word):
        if run[0].isdecimal():
            letters.append(_number_key(run))
            continue
        for char in run:
            rank, tone = _rank_of(char)
            letters.append(rank)
            tones.append(tone)
    return "".join(letters) + "." + ("".join(tones) or _LEVEL_TONE)


def sort_key(text: str) -> str:
    """Return an ASCII key of at most 400 characters whose byte order is the Vietnamese order of the text.

    Syllables compare by letters first (a ă â b c d đ e ê …), then by tone (level, huyền, hỏi, ngã, sắc, nặng),
    syllable by syllable. Numbers compare by value and come before letters; punctuation and case do not count.
    """
    return " ".join(_word_key(word) for word in _WORD.findall(normalise_text(text).lower()))[:_KEY_LENGTH].rstrip()


def person_sort_key(full_name: str) -> str:
    """Return the key of a person's name: given name first, then family name, then middle names."""
    return person_keys(normalise_text(full_name))[0]


def person_keys(full_name: str) -> tuple[str, str]:
    """Return the sort key (as `person_sort_key`) and the search key of a name in normal form.

    The search key is what `fold_text` gives, of at most 300 characters.
    """
    keys = [_person_word_keys(word) for word in full_name.split(" ")]
    in_order = " ".join(sort for sort, _search in (keys[-1], *keys[:-1]) if sort)
    return in_order[:_KEY_LENGTH].rstrip(), " ".join([search for _sort, search in keys])[:_SEARCH_LENGTH]


@lru_cache(maxsize=65536)
def _person_word_keys(word: str) -> tuple[str, str]:
    return sort_key(word), fold_text(word)


# What a unit's name begins with: the Vietnamese form, and the English word that follows (or leads a number).
_UNIT_WORDS = (
    ("Thành phố", "City"),
    ("Thị trấn", "Township"),
    ("Thị xã", "Town"),
    ("Đặc khu", "Special Zone"),
    ("Tỉnh", "Province"),
    ("Huyện", "District"),
    ("Quận", "District"),
    ("Phường", "Ward"),
    ("Xã", "Commune"),
)


def split_unit_name(name_vi: str) -> tuple[str, str]:
    """Return the kind words of a unit's name, as Vietnamese spells them, and the rest; ("", name) when it has none."""
    name = normalise_text(name_vi)
    for word, _english in _UNIT_WORDS:
        if name.lower().startswith(word.lower() + " "):
            return word, name[len(word) + 1 :]
    return "", name


def english_unit_name(name_vi: str) -> str:
    """Return the English name of a unit: "Thành phố Hà Nội" is "Ha Noi City", "Phường 12" is "Ward 12"."""
    word, rest = split_unit_name(name_vi)
    plain = strip_diacritics(rest)
    if not word:
        return plain
    english = dict(_UNIT_WORDS)[word]
    return f"{english} {plain}" if plain.isdecimal() else f"{plain} {english}"
