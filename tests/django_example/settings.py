"""Settings of the example project: a CRM of customers on SQLite."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent

SECRET_KEY = "an example"  # noqa: S105
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_example.urls"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "interactionlog.contrib.django",
    "django_example.crm",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "example.db",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}

INTERACTIONLOG_TENANT = "CRONUS"
INTERACTIONLOG_CONTACTS = "django_example.crm.contacts.CUSTOMERS"
INTERACTIONLOG_SALESPEOPLE = "django_example.crm.contacts.AGENTS"
