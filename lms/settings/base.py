"""What every installation shares."""

import os

import dj_database_url
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from lms.settings.service_urls import BASE_DIR, STATE_DIR, service_url

SECRET_KEY = os.environ.get("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "organisation",
    "competencies",
    "assessments",
    "courses",
    "reports",
    "frontend",
    "lms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "frontend.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "frontend.middleware.PlainRequestMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "frontend.middleware.AuditRefusalMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("frontend.folding.Loader", ["django.template.loaders.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "frontend.context.navigation",
                "frontend.kept.token_to_come",
            ],
        },
    },
]

# --- services -------------------------------------------------------------------------------------------------------
DATABASES = {
    # The application's role: no superuser, owns no table, cannot step round a trigger or a policy.
    "default": dj_database_url.parse(
        service_url("DATABASE_URL"), engine="lms.postgresql", conn_max_age=60, conn_health_checks=True
    ),
    # The schema's owner: migrations alone use it.
    "owner": dj_database_url.parse(service_url("DATABASE_OWNER_URL")),
}
CACHES = {
    "default": {
        "BACKEND": "lms.cache.ValkeyCache",
        "LOCATION": service_url("CACHE_URL"),
        "KEY_PREFIX": "thang",
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = service_url("BROKER_URL")
CELERY_TASK_IGNORE_RESULT = True
# Only chords keep results, for as long as their last part needs to see that the others are done.
CELERY_RESULT_BACKEND = service_url("CACHE_URL")
CELERY_RESULT_EXPIRES = 3600
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message whose worker died comes back at once instead of after kombu's slow restore.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "unacked_restore_throttle": 1}
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_BEAT_SCHEDULE = {
    # Celery only wakes workers; the tables are the truth, and the sweep finds what a lost message left behind.
    "worker-heartbeat": {"task": "lms.tasks.record_heartbeat", "schedule": 10.0},
    "fold-changed-people": {"task": "reports.tasks.fold_changed_people", "schedule": 5.0},
    "keep-snapshots": {"task": "reports.tasks.keep_snapshots", "schedule": 60.0, "options": {"expires": 55.0}},
    # At the end of the day, for the first fold of a new one makes all cells anew.
    "check-cells": {"task": "reports.tasks.check_cells", "schedule": crontab(hour=23, minute=40)},
    # After the first fold of a day has made all cells anew.
    "publish-figures": {"task": "reports.tasks.publish_figures", "schedule": crontab(hour=1, minute=30)},
    "measure-effects": {"task": "courses.tasks.measure_effects", "schedule": crontab(hour=2, minute=30)},
    "sweep-exports": {"task": "reports.tasks.sweep_exports", "schedule": 60.0},
    # In office hours; a mail that could not be sent is tried again.
    "send-due-mails": {"task": "reports.tasks.send_due_mails", "schedule": crontab(minute="*/10", hour="7-17")},
    "apply-due-reorganisations": {"task": "organisation.tasks.apply_due_reorganisations", "schedule": 300.0},
    "drop-expired-imports": {"task": "organisation.tasks.drop_expired_imports", "schedule": 600.0},
    "wake-stalled-imports": {"task": "organisation.tasks.wake_stalled_imports", "schedule": 60.0},
    "sweep-question-imports": {"task": "assessments.tasks.sweep_question_imports", "schedule": 60.0},
    "close-expired-attempts": {"task": "assessments.tasks.close_expired_attempts", "schedule": 60.0},
    "make-response-partitions": {
        "task": "assessments.tasks.make_response_partitions",
        "schedule": crontab(hour=3, minute=10),
    },
    "forget-content-changes": {"task": "courses.tasks.forget_content_changes", "schedule": crontab(minute=7)},
    "sweep-regrades": {"task": "assessments.measurement_tasks.sweep_regrades", "schedule": 60.0},
    "wake-stalled-calibrations": {"task": "assessments.calibration_tasks.wake_stalled_calibrations", "schedule": 60.0},
    "refresh-aged-estimates": {
        "task": "assessments.measurement_tasks.refresh_aged_estimates",
        "schedule": crontab(hour=1, minute=30),
    },
    "refresh-correlations": {
        "task": "assessments.measurement_tasks.refresh_correlations",
        "schedule": crontab(hour=2, minute=30, day_of_week="sunday"),
    },
}

# --- people and sign-in ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisation.User"
# Pages that are only read change nothing that has a history: their statements need not carry who asks.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
AUTHENTICATION_BACKENDS = ["organisation.backends.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "frontend.account.adapter.ClosedSignupAdapter"
ACCOUNT_FORMS = {"login": "frontend.account.sign_in.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
# A whole office signs in from one address at eight o'clock: the address is counted loosely, the account strictly.
ACCOUNT_RATE_LIMITS = {"login": "1200/m/ip", "login_failed": "120/m/ip,5/300s/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# --- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [
    BASE_DIR / "frontend" / journey / "locale"
    for journey in ("design", "learn", "author", "author/measurement", "hr", "account")
]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
FORMAT_MODULE_PATH = ["frontend.formats"]

# --- static files and mail ------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31536000
# What people hand in and the pictures of questions; no address leads there, views serve them.
MEDIA_ROOT = os.environ.get("MEDIA_ROOT", str(STATE_DIR / "media"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# Where people reach the site, for addresses in mails.
SITE_URL = os.environ.get("SITE_URL", f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS else "http://127.0.0.1:8000")
REPORT_MAIL_ADDRESS = f"{SITE_URL.rstrip('/')}/hr/mails/{{key}}/"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "thang@localhost")

# --- security -------------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- REST -----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "organisation.rest.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["organisation.rest.permissions.DenyUnlessAllowed"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["organisation.rest.parsers.NestedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Thang",
    "DESCRIPTION": "Competencies, assessments and gaps by unit.",
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Fields called `status` mean different things; each gets a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "AttemptStatusEnum": [("open", "open"), ("submitted", "submitted")],
        "AnswerStatusEnum": [("accepted", "accepted"), ("superseded", "superseded"), ("late", "late")],
    },
}

# How many days a workbook of a whole subtree is kept for its maker.
EXPORT_DAYS = int(os.environ.get("EXPORT_DAYS", "7"))

# What signed publications are signed with: `manage.py publishing_key make`.
PUBLISHING_KEY = os.environ.get("PUBLISHING_KEY", "")

# How often one HR system may ask over SCIM.
SCIM_REQUESTS_PER_MINUTE = int(os.environ.get("SCIM_REQUESTS_PER_MINUTE", "1200"))

# The ground in law on which HR may list people by gender, in words that the list shows; empty: it is not offered.
HR_GENDER_LEGAL_GROUND = os.environ.get("HR_GENDER_LEGAL_GROUND", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
