"""Every kind of question: written by a trainer, played by keyboard on a phone, scored and reviewed, in vi and en."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from assessments.items.registry import ITEM_TYPES, item_type, needs_marking
from frontend.author.forms.rows import anchor
from tests.e2e.conftest import opening, wait_until
from tests.e2e.every_kind import ONE_BY_ONE, ONE_PAGE, forms_for
from tests.e2e.keyboard import Keyboard
from tests.e2e.pages import faults_of_page
from tests.e2e.stack import Stack
from tests.frontend.author.test_every_form import content_of, png, typed_fields
from tests.frontend.forms import fields_of_answer
from tests.frontend.learn.test_questions import SHEET

KINDS = sorted(ITEM_TYPES)
SCORED = [kind for kind in KINDS if not needs_marking(kind)]
MOST_KEYS = 40
"""That an answer may take, from the top of the page to the button that sends it."""
LEARNERS = {"vi": "kinds-vi", "en": "kinds-en"}
RIGHT, WRONG = {"vi": "Đúng", "en": "Right"}, {"vi": "Chưa đúng", "en": "Not right"}
MARKED = {"vi": "Do người chấm", "en": "Marked by people"}
WAITING = {"vi": "Chờ chấm", "en": "Waiting for marking"}
STILL_MARKED = {
    "vi": "Còn {} câu đang được người chấm.",
    "en": "{} answers are still being marked by people.",
}


@pytest.fixture(scope="module", params=["vi", "en"])
def trainer(request: pytest.FixtureRequest, stack: Stack, browser: Browser) -> Iterator[Page]:
    """A trainer's phone, in each language in turn."""
    with opening(stack, browser) as open_as:
        yield open_as("trainer", width=360, language=request.param)


@pytest.fixture(scope="module")
def forms(stack: Stack) -> dict[str, dict[str, int]]:
    """The forms of every kind, for two people whom no other test knows: who has seen the answers waits to sit again."""
    for username in LEARNERS.values():
        stack.add_learner(username)
    return forms_for(*LEARNERS.values())


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A spreadsheet to hand in."""
    path = tmp_path / "bai-lam.xlsx"
    path.write_bytes(SHEET)
    return path


FILL = """fields => {
  for (const [place, [name, values]] of fields.entries()) {
    for (const value of values) {
      const all = [...document.getElementsByName(name)], ticks = ["radio", "checkbox"].includes(all[0]?.type);
      const control = ticks ? all.find(each => each.value === value) : all[0];
      if (!control) return place;
      if (!control.checkVisibility() || control.disabled) throw new Error(`${name} cannot be used`);
      if (ticks && !control.checked) control.click();
      if (!ticks) control.value = value;
      if (control.value !== value) throw new Error(`${name} does not take ${value}`);
      control.dispatchEvent(new Event("change", {bubbles: true}));
    }
  }
  return fields.length;
}"""


def fill(page: Page, fields: list[tuple[str, list[str]]]) -> None:
    """Fill in fields of the author's form; one that is not there yet is asked for first."""
    while (done := page.evaluate(FILL, fields)) < len(fields):
        fields = fields[done:]
        name = fields[0][0]
        row = anchor(name[: name.rindex("]") + 1])
        asked = page.locator(f'#{row} button[value="refresh:{row}"]')
        reshape(page, asked, "name => document.getElementsByName(name).length > 0", name)


def reshape(page: Page, button: Locator, script: str, argument: object) -> None:
    """Press a button that draws the form anew, and see that the focus is still within it."""
    button.click()
    wait_until(page, script, argument)
    wait_until(page, "() => document.activeElement.closest('#item-form') !== null")


def fit_rows(page: Page, path: str, wanted: int) -> None:
    """Add and take away rows until there are as many as wanted."""
    count = page.locator(f'#item-form [name="{path}-count"]')
    while (rows := int(count.input_value())) != wanted:
        place = page.locator(f"#{anchor(path)}")
        remove = place.locator(f'button[value="remove:{path}:{rows - 1}"]')
        changed = "([name, rows]) => document.getElementsByName(name)[0].value != rows"
        reshape(page, place.locator("> p > button") if rows < wanted else remove, changed, [f"{path}-count", rows])


def type_sample(page: Page, kind: str, competency: str) -> None:
    """Write the sample of a kind in its form."""
    page.goto(f"/author/items/new/?kind={kind}&competency={competency}&level=4")
    named: dict[str, str] = {}  # what the sample calls a category, and what the form does
    typed: list[tuple[str, list[str]]] = []
    for name, values in typed_fields(kind).items():
        if name.endswith("-count"):
            fill(page, typed)
            typed.clear()
            fit_rows(page, name.removesuffix("-count"), int(values[0]))
        elif name.startswith("categories") and name.endswith(".name"):
            named[values[0]] = page.locator(f'#item-form [name="{name}"]').input_value()
        elif not name.startswith(("base", "image.file", "image.width", "image.height")):
            typed.append((name, [named.get(value, value) for value in values]))
    fill(page, typed)


def write(page: Page, language: str, kind: str, picture: Path) -> None:
    """Write the sample of a kind in its form, and go on to its preview."""
    type_sample(page, kind, "6.3")
    if kind == "hotspot":
        page.locator('#item-form [name="image.upload.vi"]').set_input_files(picture)
    preview(page, language)


def preview(page: Page, language: str) -> None:
    """Save the form, which is without fault, and go on to the preview of the draft."""
    # The bar of buttons lies over what has not been scrolled to.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert faults_of_page(page, language) == []
    with page.expect_navigation():
        page.locator("#item-form button[value=preview]").click()
    assert "/preview/" in page.url, page.locator(".error-summary").all_inner_texts()


def right_fields(kind: str, sheet: Path) -> dict[str, Any]:
    """The fields of an answer that earns the highest score."""
    module = item_type(kind)
    fields = fields_of_answer(kind, module.key(module.parse_content(module.SAMPLE)))
    fields.pop("notation", None)  # asked only of numbers that read two ways
    return {"files": sheet} if kind == "file_upload" else fields


def wrong_fields(form: Locator, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of an answer of which nothing is right."""
    if kind == "ordering":
        return {name: right[::-1] for name, right in fields.items()}
    values = """each => {
        const one_of = {"select-one": each.options, radio: each.form[each.name], checkbox: each.form[each.name]};
        return [...one_of[each.type] || [{value: "0"}]].map(one => one.value);
    }"""
    offered = {name: form.locator(f'[name="{name}"]').first.evaluate(values) for name in fields}
    rights = {name: right if isinstance(right, list) else [right] for name, right in fields.items()}
    return {name: next(one for one in offered[name] if one and one not in right) for name, right in rights.items()}


def play(page: Page, kind: str, fields: dict[str, Any]) -> None:
    """Answer the previewed question by keyboard alone."""
    keyboard, form = Keyboard(page), page.locator("form.question")
    keyboard.answer_all(form, kind, fields)
    keyboard.send(form)
    assert keyboard.pressed <= MOST_KEYS


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_written_played_by_keyboard_scored_and_reviewed(
    trainer: Page, kind: str, tmp_path: Path, sheet: Path
) -> None:
    language = trainer.locator("html").get_attribute("lang") or ""
    picture = tmp_path / "picture.png"
    picture.write_bytes(png())
    write(trainer, language, kind, picture)
    assert faults_of_page(trainer, language) == []
    play(trainer, kind, right_fields(kind, sheet))
    assert faults_of_page(trainer, language) == []
    assert content_of(kind)["rationale"][language] in trainer.locator(".rationale").last.inner_text()
    heading, verdicts = trainer.locator("#result"), trainer.locator("#result + .tag").all_inner_texts()
    if needs_marking(kind):
        assert (heading.inner_text(), verdicts) == (MARKED[language], [])
    else:
        assert verdicts == [RIGHT[language]]


@pytest.mark.parametrize("kind", SCORED)
def test_wrong_answer_by_keyboard_is_told(trainer: Page, kind: str, sheet: Path) -> None:
    """The control: the verdict follows the answer."""
    language = trainer.locator("html").get_attribute("lang") or ""
    trainer.goto(f"/author/gallery/{kind}/")
    play(trainer, kind, wrong_fields(trainer.locator("form.question"), kind, right_fields(kind, sheet)))
    assert trainer.locator("#result + .tag").all_inner_texts() == [WRONG[language]]
    assert RIGHT[language] not in trainer.locator("main .tag").all_inner_texts()


def press(page: Page, selector: str) -> None:
    """Press the button by keyboard, and be on the next page."""
    Keyboard(page).press_button(page.locator(selector))


def read_review(page: Page, language: str, kinds: list[str]) -> None:
    """Open every question of the result by keyboard, and see that each says what became of it and why."""
    rows, keyboard = page.locator(".disclosure--row"), Keyboard(page)
    for summary in page.locator(".disclosure--row > summary").all():
        keyboard.reach(summary)
        keyboard.press("Enter")
    verdicts = [WAITING[language] if needs_marking(kind) else RIGHT[language] for kind in kinds]
    assert rows.locator(".disclosure__head .tag").all_inner_texts() == verdicts
    said = rows.locator(".question > .rationale").all_inner_texts()
    assert [content_of(kind)["rationale"][language] in text for kind, text in zip(kinds, said, strict=True)] == [
        True for _kind in kinds
    ]
    assert STILL_MARKED[language].format(sum(needs_marking(kind) for kind in kinds)) in page.inner_text("main")
    assert faults_of_page(page, language) == []


def begin(open_as: Callable[..., Page], language: str, code: str) -> Page:
    """Begin a sitting on a phone, as the learner of a language."""
    page = open_as(LEARNERS[language], width=360, language=language)
    page.goto(f"/learn/assessments/{code}/")
    press(page, "main form[method=post] button")
    return page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_is_sat_on_one_page(
    forms: dict[str, dict[str, int]], open_as: Callable[..., Page], language: str, sheet: Path
) -> None:
    page = begin(open_as, language, ONE_PAGE)
    assert faults_of_page(page, language) == []
    keyboard, form = Keyboard(page), page.locator("#answer")
    for kind, version in forms[ONE_PAGE].items():
        keyboard.answer_all(form, kind, right_fields(kind, sheet), f"q{version}-")
    keyboard.send(form)
    assert page.url.endswith("/check/")
    assert faults_of_page(page, language) == []
    press(page, "form[data-hand-in] button")
    read_review(page, language, list(forms[ONE_PAGE]))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_is_sat_one_by_one(
    forms: dict[str, dict[str, int]], open_as: Callable[..., Page], language: str, sheet: Path
) -> None:
    page = begin(open_as, language, ONE_BY_ONE)
    for kind in forms[ONE_BY_ONE]:
        form = page.locator("#answer")
        assert form.locator("[name=kind]").input_value() == kind
        keyboard = Keyboard(page)
        keyboard.answer_all(form, kind, right_fields(kind, sheet))
        keyboard.send(form)
    read_review(page, language, list(forms[ONE_BY_ONE]))
