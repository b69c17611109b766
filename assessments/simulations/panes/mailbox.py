"""An office mailbox: every message that has arrived is listed, opened ones show their text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..expressions import Expression
from ..reader import Cursor, Scope, no_repeats
from ..variables import Variable
from ..wording import LocaleText, paragraphs
from .base import Choice, Scene, read_variable_name

FIXTURE = "mailboxes"
REQUIRED: tuple[str, ...] = ("opened",)
OPTIONAL: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    sender: LocaleText
    subject: LocaleText
    time: str
    body: LocaleText
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Mailbox:
    messages: tuple[Message, ...]

    def choices(self) -> list[Choice]:
        return [Choice(message.id, message.subject, message.when) for message in self.messages]


@dataclass(frozen=True, slots=True)
class MailboxPane:
    mailbox: Mailbox
    opened: str


def read_fixture(cursor: Cursor, scope: Scope) -> Mailbox:
    """A mailbox is a list of messages; `when` holds back one that arrives later."""
    messages = []
    for item in cursor.items():
        fields = item.fields(("id", "from", "subject", "time", "body"), ("when",))
        if len(fields) < 5:
            continue
        when = fields["when"].condition(scope) if "when" in fields else None
        messages.append(
            Message(
                fields["id"].name(),
                fields["from"].text(),
                fields["subject"].text(),
                fields["time"].string(20),
                fields["body"].text(),
                when,
            )
        )
    no_repeats(cursor, [message.id for message in messages], "message")
    return Mailbox(tuple(messages))


def read(fields: Mapping[str, Cursor], fixture: Mailbox, variables: Mapping[str, Variable]) -> MailboxPane:
    """`opened` names the set variable that holds the ids of opened messages."""
    return MailboxPane(fixture, read_variable_name(fields, "opened", variables, "set"))


def render(pane: MailboxPane, scene: Scene) -> dict[str, Any]:
    opened = scene.names[pane.opened]
    return {
        "messages": [
            {
                "id": message.id,
                "from": scene.say(message.sender),
                "subject": scene.say(message.subject),
                "time": message.time,
                "opened": message.id in opened,
                "body": paragraphs(scene.say(message.body)) if message.id in opened else None,
            }
            for message in pane.mailbox.messages
            if scene.shows(message.when)
        ]
    }


def keyboard() -> str:
    return "list of messages; the opening action is a button or a choice"
