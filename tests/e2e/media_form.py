"""A form that holds the question which a trainer has drafted, made in the installation by its own rooms."""

import subprocess
import sys

from django.conf import settings
from django.db.models import Q

from assessments.api import publish_draft
from assessments.models import ItemVersion
from organisation.models import Person, User
from tests.e2e.stack import environment
from tests.factories.forms import make_form


def form_of_draft(code: str, item: str, username: str) -> None:
    """Publish the item's draft, and make a form of it for one person."""
    subprocess.run(
        [
            *(sys.executable, "manage.py", "shell", "--no-imports"),
            *("-c", f"import {__name__} as at; at.make({code!r}, {item!r}, {username!r})"),
        ],
        cwd=settings.BASE_DIR,
        env=environment(),
        check=True,
    )


def make(code: str, item: str, username: str) -> None:
    """Do so in the database of this process; whoever did not write the draft has reviewed it."""
    draft = ItemVersion.objects.get(item__code=item, status="draft")
    reviewer = User.objects.filter(~Q(pk=draft.author_id)).order_by("pk")[0]
    form = make_form([publish_draft(draft.item, reviewer)], code=code, max_items=1, for_everybody=False)
    form.audience_people.set(Person.objects.filter(user__username=username))
