"""More than one machine, HTTPS in front. Refuses to start half-configured."""

import os

from django.core.exceptions import ImproperlyConfigured

from lms.settings.base import *
from lms.settings.base import ALLOWED_HOSTS, SECRET_KEY

_REQUIRED = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "BROKER_URL", "CACHE_URL", "PROXY_COUNT")
_missing = [name for name in _REQUIRED if not os.environ.get(name)]
if _missing:
    raise ImproperlyConfigured(f"Set these environment variables before starting: {', '.join(_missing)}")
if os.environ.get("DEBUG", "0") not in ("", "0"):
    raise ImproperlyConfigured("DEBUG is not possible in production; unset it.")
if len(SECRET_KEY) < 40:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 40 characters.")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name hosts, not '*'.")

SECURE_SSL_REDIRECT = os.environ.get("SECURE_SSL_REDIRECT", "1") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# How many proxies of ours stand in front: whom the limits of sign-in count and the audit trail names.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ["PROXY_COUNT"])
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
# The check that the database role is no superuser needs a connection: see lms/checks.py.
REFUSE_SUPERUSER_DATABASE_ROLE = True
