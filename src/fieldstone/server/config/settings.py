"""Settings: every one is an environment variable with a working default. docs/settings.md lists them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF

PACKAGE = Path(__file__).resolve().parents[1]


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes"}


DATA = Path(os.environ.get("FIELDSTONE_DATA", ".data")).resolve()
DEMO = _flag("FIELDSTONE_DEMO") or (DATA / "demo").exists()
DEBUG = _flag("FIELDSTONE_DEBUG")
BASE_URL = os.environ.get("FIELDSTONE_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
_host = urlsplit(BASE_URL).hostname or "127.0.0.1"
PUBLIC_HTTPS = BASE_URL.startswith("https://") and not _flag("FIELDSTONE_CLOSED_NETWORK")
"""With a public https name issuers are did:web; otherwise (demo, closed network) did:key."""
SITE_NAME = os.environ.get("FIELDSTONE_SITE_NAME", "Fieldstone")
HELP_PHONE = os.environ.get("FIELDSTONE_HELP_PHONE", "").strip()
"""The number that people may call or text for help; the pages promise none where it is empty."""
"""What this installation calls itself to other software and in the footer."""
PRIVACY_URL = os.environ.get("FIELDSTONE_PRIVACY_URL", f"{BASE_URL}/privacy/")
TERMS_URL = os.environ.get("FIELDSTONE_TERMS_URL", f"{BASE_URL}/terms/")
"""Where people and apps read what is kept and what the rules are: our own plain pages, or the operator's."""


def _secret(name: str) -> str:
    """A secret from the environment, else from DATA/NAME, made once with mode 600."""
    given = os.environ.get(f"FIELDSTONE_{name.upper()}")
    if given:
        return given
    path = DATA / name
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


SECRET_KEY = _secret("secret_key")
KEY_ENCRYPTION_SECRET = _secret("signing_secret")
"""Seals the issuers' private keys at rest. Losing it means new keys; back it up apart from the database."""
KEYS = [place.strip() for place in os.environ.get("FIELDSTONE_KEYS", "sealed").split(",") if place.strip()]
"""Where private keys are kept; new ones go to the first. See fieldstone.server.awards.keys."""
KEY_KIND = os.environ.get("FIELDSTONE_KEY_KIND", "Ed25519")


def KEY_PASSWORD() -> str:
    """The password of keys in files, read each time: it is not kept among the settings."""
    path = os.environ.get("FIELDSTONE_KEY_PASSWORD_FILE")
    return Path(path).read_text().strip() if path else os.environ.get("FIELDSTONE_KEY_PASSWORD", "")


ALLOWED_HOSTS = [h for h in os.environ.get("FIELDSTONE_HOSTS", "").split(",") if h] or [
    _host,
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "fieldstone.server.web.shared.views_account.form_not_taken"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "fieldstone.server",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "fieldstone.server.web.shared.middleware.refusals",
]
ROOT_URLCONF = "fieldstone.server.config.urls"
WSGI_APPLICATION = "fieldstone.server.config.wsgi.application"
_AUDIENCES = ("shared", "public", "learner", "author", "assessor", "issuer", "employer", "lead", "coach", "admin")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / name / "templates" for name in _AUDIENCES],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {
                "fieldstone": "fieldstone.server.web.shared.templatetags.fieldstone",
                "learner": "fieldstone.server.web.learner.templatetags.learner",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "fieldstone.server.web.shared.context.page",
            ],
        },
    }
]


def _database() -> dict[str, object]:
    url = os.environ.get("FIELDSTONE_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "fieldstone.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                " PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
            },
            "TEST": {"NAME": os.environ.get("FIELDSTONE_TEST_SQLITE", str(DATA / "test.sqlite3"))},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("FIELDSTONE_DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
AUTH_USER_MODEL = "fieldstone.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "fieldstone.server.web.shared.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
ACCOUNT_PREVENT_ENUMERATION = True
MFA_ADAPTER = "fieldstone.server.web.shared.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith("https://")
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/home/"
LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [PACKAGE / "locale", *(PACKAGE / "web" / name / "locale" for name in _AUDIENCES)]
TIME_ZONE = os.environ.get("FIELDSTONE_TIME_ZONE", "America/New_York")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    PACKAGE / "web" / name / "static" for name in _AUDIENCES if (PACKAGE / "web" / name / "static").is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86400
MEDIA_ROOT = DATA / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if os.environ.get("FIELDSTONE_S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["FIELDSTONE_S3_BUCKET"],
            "endpoint_url": os.environ.get("FIELDSTONE_S3_ENDPOINT") or None,
            "default_acl": None,
            "querystring_auth": True,
        },
    }

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
BEHIND_PROXY = _flag("FIELDSTONE_BEHIND_PROXY")
"""A proxy speaks https and says whom it speaks for; its word is believed."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "media-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000  # the largest definition that is allowed fits in one form
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = [
    "fieldstone.server.web.shared.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
EVIDENCE_MAX_BYTES = 25_000_000
"""The largest file of evidence, in bytes."""
CHECKS_PER_MINUTE = int(os.environ.get("FIELDSTONE_CHECKS_PER_MINUTE", "30"))
"""How many credentials one address may check in a minute."""

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "fieldstone_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # few would let anybody push out what others' tries are counted in
    }
}

_smtp = urlsplit(os.environ.get("FIELDSTONE_SMTP_URL", ""))
if _smtp.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _smtp.hostname, _smtp.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
    EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
    EMAIL_USE_SSL = _smtp.scheme == "smtps"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("FIELDSTONE_FROM", f"Fieldstone <no-reply@{_host}>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
