"""The Django project: settings, urls, the Celery application, the embedded services, health."""

from lms.celery import app as celery_app

__all__ = ["celery_app"]
