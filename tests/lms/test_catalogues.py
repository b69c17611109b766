"""The check of message catalogues."""

from pathlib import Path

import pytest

from lms.catalogues import check_catalogues


def write(base: Path, room: str, text: str) -> None:
    folder = base / room / "locale" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n{text}', encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ('msgid "Draft"\nmsgstr "Dự thảo"\n', ["translated in another way elsewhere: 'Draft'"]),
        ('msgid "Draft"\nmsgstr "Bản nháp"\n', []),
        ('msgctxt "reorganisation"\nmsgid "Draft"\nmsgstr "Dự thảo"\n', []),
    ],
)
def test_a_message_is_translated_in_one_way_in_all_rooms(tmp_path, second, found):
    write(tmp_path, "organisation", 'msgid "Draft"\nmsgstr "Bản nháp"\n')
    write(tmp_path, "reports", second)
    assert [each.split(": ", 1)[1] for each in check_catalogues(tmp_path)] == found
