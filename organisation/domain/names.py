"""Vietnamese names: normal form, order and search."""

import unicodedata

# f, j, w and z are no Vietnamese letters; they stand where the Latin alphabet puts them.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0301": 5, "\u0323": 6}
_RANK = {letter: f"{index + 10:02d}" for index, letter in enumerate(_ALPHABET)}


def normalise_text(text: str) -> str:
    """Return the text in NFC with runs of white space made one space and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold_text(text: str) -> str:
    """Return the text in lower case without diacritics, đ as d: what search compares."""
    decomposed = unicodedata.normalize("NFD", normalise_text(text).lower().replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _split_tone(char: str) -> tuple[str, int]:
    tone = 1
    kept = []
    for part in unicodedata.normalize("NFD", char):
        if part in _TONES:
            tone = _TONES[part]
        else:
            kept.append(part)
    return unicodedata.normalize("NFC", "".join(kept)), tone


def sort_key(text: str) -> str:
    """Return an ASCII key whose byte order is the Vietnamese order of the text.

    Syllables compare by letters first (a ă â b c d đ e ê …), then by tone
    (level, huyền, hỏi, ngã, sắc, nặng), syllable by syllable. Digits come before letters.
    """
    syllables = []
    for word in normalise_text(text).lower().split(" "):
        letters, tones = [], []
        for char in word:
            base, tone = _split_tone(char)
            if base in _RANK:
                letters.append(_RANK[base])
            elif base.isdigit():
                letters.append(f"0{base}")
            else:
                letters.append("00")
            if tone > 1:
                tones.append(str(tone))
        syllables.append("".join(letters) + "." + ("".join(tones) or "1"))
    return " ".join(syllables)


def person_sort_key(full_name: str) -> str:
    """Return the key of a person's name: given name first, then family name, then middle names."""
    words = normalise_text(full_name).split(" ")
    if len(words) == 1:
        return sort_key(words[0])
    return sort_key(" ".join([words[-1], words[0], *words[1:-1]]))
