"""WSGI entry point for granian or any other server."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.prod")

_house = get_wsgi_application()

from assessments.rest.answer_lane import AnswerLane  # noqa: E402 - it needs the models, which are there only now

application = AnswerLane(_house)

if getattr(settings, "REFUSE_SUPERUSER_DATABASE_ROLE", False):
    from lms.checks import role_errors

    for error in role_errors():
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")
