"""WSGI entry point for granian or any other server."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.prod")

application = get_wsgi_application()

if getattr(settings, "REFUSE_SUPERUSER_DATABASE_ROLE", False):
    from lms.checks import role_errors

    for error in role_errors():
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")
