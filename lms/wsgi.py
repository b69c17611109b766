"""WSGI entry point for granian or any other server."""

import gc
import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.prod")

_house = get_wsgi_application()

from assessments.rest.answer_lane import AnswerLane  # noqa: E402 - it needs the models, which are there only now

application = AnswerLane(_house)

# What is loaded by now stays: there is no use in looking through it for what may be thrown away, nor in looking often.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

if getattr(settings, "REFUSE_SUPERUSER_DATABASE_ROLE", False):
    from lms.checks import role_errors

    for error in role_errors():
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")
