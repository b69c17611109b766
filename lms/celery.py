"""The Celery application: `celery -A lms worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.prod")

app = Celery("thang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
