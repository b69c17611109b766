"""One published question of every kind, and two forms that hold them, made in the installation by its own rooms."""

import json
import subprocess
import sys

from django.conf import settings

from assessments.items.registry import ITEM_TYPES
from competencies.api import current_framework
from competencies.models import Competency
from organisation.models import Person
from tests.e2e.stack import environment
from tests.factories.forms import make_form
from tests.frontend.learn.test_questions import publish_sample

COMPETENCY = "5.3"
"""No post of the demo requires it: no quiz draws these questions, and no cell of HR's moves."""
ONE_BY_ONE, ONE_PAGE = "every-kind", "every-kind-one-page"


def forms_for(*usernames: str) -> dict[str, dict[str, int]]:
    """Make the forms, which are for these people alone, and return by code the versions that each holds, by kind.

    One page takes every kind but a file.
    """
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", f"import {__name__} as at; at.make{usernames}"],
        cwd=settings.BASE_DIR,
        env=environment(),
        check=True,
        stdout=subprocess.PIPE,
    )
    forms: dict[str, dict[str, int]] = json.loads(made.stdout)
    return forms


def make(*usernames: str) -> None:
    """Make the forms in the database of this process and print what `forms_for` returns."""
    competency = Competency.objects.get(domain__framework=current_framework(), code=COMPETENCY)
    people = Person.objects.filter(user__username__in=usernames)
    versions = {kind: publish_sample(kind, competency) for kind in ITEM_TYPES}
    made = {}
    for code, left_out in ((ONE_BY_ONE, ""), (ONE_PAGE, "file_upload")):
        held = {kind: version for kind, version in versions.items() if kind != left_out}
        form = make_form(
            list(held.values()), code=code, one_page=bool(left_out), max_items=len(held), for_everybody=False
        )
        form.audience_people.set(people)
        made[code] = {kind: version.pk for kind, version in held.items()}
    print(json.dumps(made))
