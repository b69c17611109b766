"""A picture and a sound beside a question: added by a trainer on a phone, met by keyboard, and there in the review."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.assessments.items_more.media_bytes import mp3, png
from tests.e2e.conftest import wait_until
from tests.e2e.keyboard import Keyboard
from tests.e2e.media_form import form_of_draft
from tests.e2e.pages import faults_of_page
from tests.e2e.stack import Stack
from tests.e2e.test_kinds import RIGHT, play, press, preview, reshape, right_fields, type_sample

KIND = "single_choice"
WORDS = {"picture": ("Dấu của Ủy ban nhân dân", "The seal of the committee"), "sound": ("Alô, tôi nghe.", "Hello.")}
TRANSCRIPT = {"vi": "Đọc bằng chữ thay cho nghe, xem", "en": "Read it in words instead"}
PLAYED = "() => document.querySelector('audio').ended"


def add_medium(page: Page, place: int, file: Path, words: tuple[str, str]) -> None:
    """Add a row of media with its file and its words."""
    there = "place => document.getElementsByName(`media[${place}].words.vi`).length > 0"
    reshape(page, page.locator('button[value="add:media"]'), there, place)
    page.locator(f'[name="media[{place}].upload.vi"]').set_input_files(file)
    for locale, text in zip(("vi", "en"), words, strict=True):
        page.locator(f'[name="media[{place}].words.{locale}"]').fill(text)


def look(page: Page, language: str) -> None:
    """See the picture whole and in its width; find the sound not fetched yet; play it and read it, by keyboard."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/recordings/" in request.url else None)
    place = ["vi", "en"].index(language)
    picture = page.locator(".media__picture")
    assert picture.get_attribute("alt") == WORDS["picture"][place]
    wait_until(page, "() => document.querySelector('.media__picture').naturalWidth === 900")
    assert picture.evaluate("each => each.getBoundingClientRect().right <= innerWidth")
    assert page.locator("audio").evaluate("each => each.buffered.length") == 0
    assert fetched == []
    keyboard = Keyboard(page)
    keyboard.reach(page.locator("audio"))
    keyboard.press("Space")
    wait_until(page, PLAYED)
    assert len(fetched) >= 1
    keyboard.reach(page.locator("details summary", has_text=TRANSCRIPT[language]))
    keyboard.press("Enter")
    assert page.get_by_text(WORDS["sound"][place]).is_visible()
    assert faults_of_page(page, language) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_picture_and_sound_are_added_met_by_keyboard_and_reviewed(
    stack: Stack, open_as: Callable[..., Page], language: str, tmp_path: Path
) -> None:
    picture, sound = tmp_path / "con-dau.png", tmp_path / "cuoc-goi.mp3"
    picture.write_bytes(png(900, 300))
    sound.write_bytes(mp3(60))
    trainer = open_as("trainer", width=360, language=language)
    type_sample(trainer, KIND, "5.3")
    add_medium(trainer, 0, picture, WORDS["picture"])
    add_medium(trainer, 1, sound, WORDS["sound"])
    down = trainer.locator('button[value="down:media:0"]')
    reshape(trainer, down, "() => document.getElementsByName('media[0].type')[0].value === 'audio'", None)
    assert faults_of_page(trainer, language) == []
    preview(trainer, language)
    assert trainer.locator(".media > *").evaluate_all("all => all.map(each => each.tagName)") == ["FIGURE", "IMG"]
    look(trainer, language)
    play(trainer, KIND, right_fields(KIND, tmp_path))
    assert RIGHT[language] in trainer.locator("#result + .tag").inner_text()
    found = re.search(r"/author/items/([0-9.a-z-]+)/", trainer.url)
    assert found is not None

    username, code = f"media-{language}", f"media-{language}"
    stack.add_learner(username)
    form_of_draft(code, found[1], username)
    learner = open_as(username, width=360, language=language)
    learner.goto(f"/learn/assessments/{code}/")
    press(learner, "main form[method=post] button")
    look(learner, language)
    keyboard, form = Keyboard(learner), learner.locator("#answer")
    keyboard.answer_all(form, KIND, right_fields(KIND, tmp_path))
    keyboard.send(form)
    keyboard = Keyboard(learner)
    keyboard.reach(learner.locator(".disclosure--row > summary").first)
    keyboard.press("Enter")
    look(learner, language)
