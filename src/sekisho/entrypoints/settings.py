"""Settings of one carrier: everything comes from SEKISHO_HOME and a handful of environment variables."""

import os
from pathlib import Path

from sekisho.entrypoints import home

HOME = home.directory()
BASE_DIR = Path(__file__).resolve().parents[1]
DEBUG = False
SECRET_KEY = home.secret_key(HOME)
ALLOWED_HOSTS = os.environ.get("SEKISHO_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
PUBLIC_URL = os.environ.get("SEKISHO_PUBLIC_URL", "").rstrip("/")  # where a proxy offers the API to callers
DATABASES = {"default": home.database(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "sekisho.evidence",
    "sekisho.web",
    "sekisho.registers.batch_jobs",
    "sekisho.registers.policies",
    "sekisho.registers.identities",
    "sekisho.registers.datamap",
    "sekisho.registers.consents",
    "sekisho.registers.recipients",
    "sekisho.registers.contractors",
    "sekisho.registers.people",
    "sekisho.registers.findings",
    "sekisho.registers.populations",
    "sekisho.registers.retention",
    "sekisho.registers.decisions",
    "sekisho.registers.enforcement",
    "sekisho.registers.projections",
    "sekisho.registers.lists",
    "sekisho.registers.backups",
    "sekisho.casework.subject_requests",
    "sekisho.assurance.promises",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sekisho.web.wire.HeadMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sekisho.web.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
COPIES_OF_STORES = [  # what erasure lets go of before it touches the stores
    "sekisho.registers.projections.actions",
    "sekisho.registers.lists.actions",
    "sekisho.registers.enforcement.actions",
    "sekisho.casework.subject_requests.actions",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "sekisho.web.refusals.signing_in_stopped"
CSRF_FAILURE_VIEW = "sekisho.web.refusals.form_expired"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:board"
LOGOUT_REDIRECT_URL = "console:login"

ROOT_URLCONF = "sekisho.entrypoints.urls"
WSGI_APPLICATION = "sekisho.entrypoints.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sekisho.web.context.carrier",
                "sekisho.entrypoints.following.banner",
            ],
        },
    },
]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # without any, browsers send Origin: null and every form is refused
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True
EMAIL_BACKEND = "sekisho.entrypoints.mailing.CarrierBackend"  # what carrier.yaml says under mail
EMAIL_TIMEOUT = 20
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
