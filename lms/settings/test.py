"""Tests: real PostgreSQL and Valkey, quick password hashing, plain static storage."""

import os

import dj_database_url

from lms.settings.base import *
from lms.settings.base import CACHES, STORAGES, service_url

SECRET_KEY = "only-for-tests"  # noqa: S105 - signs nothing outside a test
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Test databases are made, flushed and dropped by the schema's owner; a test of its own watches the application's role.
DATABASES = {"default": dj_database_url.parse(service_url("DATABASE_OWNER_URL"))}
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DATABASE_NAME", "test_thang")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CACHES = {"default": {**CACHES["default"], "KEY_PREFIX": f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"}}
