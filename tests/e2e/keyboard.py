"""What somebody does who has a keyboard and no mouse: questions are answered by keys alone, which are counted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

_WAY = """target => {
  const now = document.activeElement;
  const alike = now.name === target.name && now.form === target.form;
  if (now === target || (target.type === 'radio' && now.type === 'radio' && alike)) return '';
  return now.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING ? 'Shift+Tab' : 'Tab';
}"""
_IS_SEEN = """() => {
  const now = document.activeElement, box = now.closest('label') || now.closest('[data-upload]') || now;
  const styles = [now, box, ...(now.labels || [])].map(each => getComputedStyle(each));
  return styles.some(style => style.outlineStyle !== 'none' || style.boxShadow !== 'none');
}"""


@dataclass
class Keyboard:
    """Keys pressed on a page. pressed: how many so far; a text typed counts as one."""

    page: Page
    pressed: int = 0

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)

    def press_until(self, key: Callable[[], str], most: int, goal: str) -> None:
        """Press the key that is called for, until none is."""
        for _press in range(most):
            if not (called_for := key()):
                return
            self.press(called_for)
        raise AssertionError(f"{most} keys do not reach {goal} on {self.page.url}")

    def reach(self, target: Locator) -> None:
        """Press Tab or Shift+Tab until the control, or a radio of its group, has a focus that can be seen."""
        handle = target.element_handle()
        self.press_until(lambda: self.page.evaluate(_WAY, handle), 80, str(target))
        assert self.page.evaluate(_IS_SEEN), f"no visible focus on {target}"

    def answer(self, form: Locator, name: str, value: str) -> None:
        """Give one field of an answer."""
        control = form.locator(f'[name="{name}"]')
        kind = control.first.evaluate("each => each.type")
        if kind in ("radio", "checkbox"):
            control = form.locator(f'[name="{name}"][value="{value}"]')
        self.reach(control)
        if kind == "select-one":
            self.press_until(lambda: "ArrowDown" if control.input_value() != value else "", 20, value)
        elif kind in ("radio", "checkbox"):
            has_focus = "each => each === document.activeElement"
            self.press_until(lambda: "" if control.evaluate(has_focus) else "ArrowDown", 20, value)
            if not control.is_checked():
                self.press("Space")
        else:
            self.pressed += 1
            self.page.keyboard.insert_text(value)  # as an input method writes Vietnamese

    def put_in_order(self, form: Locator, name: str, order: list[str]) -> None:
        """Move the steps up by their buttons until they stand in this order."""
        for place, step in enumerate(order):
            now = [each.input_value() for each in form.locator(f'[name="{name}"]').all()]
            for _move in range(now.index(step) - place):
                self.reach(form.locator(f'button[value="up:{step}"]'))
                self.press("Enter")

    def hand_in(self, form: Locator, name: str, file: Path) -> None:
        """Choose a file."""
        with self.page.expect_file_chooser() as chooser:
            self.reach(form.locator(f'[name="{name}"]'))
            self.press("Enter")
        chooser.value.set_files(file)

    def answer_all(self, form: Locator, kind: str, fields: dict[str, Any], prefix: str = "") -> None:
        """Give an answer as `fields_of_answer` names it; prefix: of the names of the fields."""
        for name, given in fields.items():
            if kind == "ordering":
                self.put_in_order(form, prefix + name, given)
            elif kind == "file_upload":
                self.hand_in(form, prefix + name, given)
            else:
                for value in given if isinstance(given, list) else [given]:
                    self.answer(form, prefix + name, str(value))

    def send(self, form: Locator) -> None:
        """Press the button that sends an answer, and be on the next page."""
        self.press_button(form.locator(".btn-row button").last)

    def press_button(self, button: Locator) -> None:
        """Press a button that leads to another page, and be there."""
        self.reach(button)
        with self.page.expect_navigation():
            self.press("Enter")
