"""Settings, all from the environment.

FMIS_DEMO=1      plain http on this machine; the sign-in page shows the demo passwords
FMIS_TESTING=1   set by ./run test: tasks run at once, plain http
DEBUG=1          Django's debug pages; never where others can reach it
none of them     production: servers need SECRET_KEY, cookies need https
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from finance_mis import env, mail
from finance_mis.beat import beat_schedule
from finance_mis.logging import LOGGING as LOGGING  # noqa: PLC0414  (a setting of Django)

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(env.text("FMIS_STATE", str(BASE_DIR / "var")))

# How this process runs
DEBUG = env.flag("DEBUG")
DEMO = env.flag("FMIS_DEMO")
# Shown at the sign-in page; given only where the demo listens to this machine alone.
DEMO_PASSWORD = env.text("FMIS_DEMO_PASSWORD") if DEMO else ""
TESTING = env.flag("FMIS_TESTING")
PRODUCTION = not (DEBUG or DEMO or TESTING)
VERSION = "0.1.0"
SECRET_KEY_FILE = STATE_DIR / "secret_key" if DEBUG or DEMO else None
SECRET_KEY = env.secret_key("SECRET_KEY", SECRET_KEY_FILE)
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
if DEMO and env.text("HOST"):
    _everywhere = env.text("HOST") in {"0.0.0.0", "::"}  # noqa: S104  (compared, not bound)
    ALLOWED_HOSTS += ["*" if _everywhere else env.text("HOST")]
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
ROOT_URLCONF = "finance_mis.urls"
WSGI_APPLICATION = "finance_mis.wsgi.application"
LOGGING_CONFIG = "finance_mis.logging.configure"

# Parts, bottom layer first
INSTALLED_APPS = [
    "apps.core",
    "apps.organizations",
    "apps.audit",
    "apps.events",
    "apps.fx",
    "apps.jobs",
    "apps.policies",
    "apps.credit",
    "apps.rollout",
    "apps.ledgers",
    "apps.budgets",
    "apps.statements",
    "apps.reconciliation",
    "apps.approvals",
    "apps.reports",
    "apps.portal",
    "apps.organizations.apps.SuperuserAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    # Before staticfiles, so that `runserver` serves static files the way production does.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "bootstrap",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "lucide",
    "simple_history",
    "waffle",
]
MIDDLEWARE = [
    "apps.core.middleware.TraceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apps.core.middleware.HostileInputMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.middleware.NoStoreMiddleware",
    "apps.core.middleware.FinanceErrorMiddleware",
    # Last: it turns a refused sign-in into its answer.
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.portal.context.shell",
            ]
        },
    }
]

# PostgreSQL is the only database
DATABASES = {
    "default": {
        **env.database(env.text("DATABASE_URL", "postgresql:///finance_mis")),
        # A connection lives as long as its thread, and is tried once in each request.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Services own their transactions.
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis: a cache and a doorbell, never a truth
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
REDIS_PREFIX = env.text("FMIS_REDIS_PREFIX", "fmis")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
    }
}
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", env.celery_broker(REDIS_URL))
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
_FOR_REDIS: dict[str, Any] = {
    "global_keyprefix": f"{REDIS_PREFIX}:",
    # A task that outlives this runs twice, so every time limit is below it.
    "visibility_timeout": 900,
    # What a dead worker held is looked for every interval x throttle seconds.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_TRANSPORT_OPTIONS = {} if CELERY_BROKER_URL.startswith("amqp") else _FOR_REDIS
CELERY_TASK_TIME_LIMIT = 840
CELERY_TASK_SOFT_TIME_LIMIT = 800
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_TASK_EAGER_PROPAGATES = TESTING
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = beat_schedule(watch_files=DEBUG or DEMO)

# The relay lives from task to task and a run takes seconds to minutes: each has workers of its
# own, so that nothing short waits for them.
CELERY_TASK_ROUTES = {
    "events.relay": {"queue": "events"},
    "reconciliation.run_reconciliation": {"queue": "reconciliation"},
    "reconciliation.run_partition": {"queue": "reconciliation"},
}

# Events: the first key signs, all verify; without any they follow from SECRET_KEY.
EVENT_KEYS = env.signing_keys("EVENT_KEYS", SECRET_KEY, *SECRET_KEY_FALLBACKS)
# Ring for the relay with a commit; tests call it by themselves.
EVENT_RINGS = not TESTING
EVENT_RELAYS = env.number("EVENT_RELAYS", 1)
EVENT_KEEP_DAYS = env.number("EVENT_KEEP_DAYS", 90)

# Exchange rates: through which currencies a pair without a rate of its own goes, in order.
FX_PIVOTS = tuple(env.items("FX_PIVOTS", "EUR,USD,CNY"))
# Where the ECB's rates are fetched from each weekday; empty: not at all.
ECB_RATES_URL = env.text("ECB_RATES_URL")
# One thread of each process hears of changes by PostgreSQL's NOTIFY; caches need it.
LISTEN_FOR_CHANGES = True

# Finance policies: files propose, people confirm
POLICY_FILES = Path(env.text("FMIS_POLICY_FILES", str(BASE_DIR / "policies")))
_ENVIRONMENT = "demo" if DEMO else "development" if DEBUG else "production"
POLICY_ENVIRONMENT = env.text("FMIS_ENVIRONMENT", _ENVIRONMENT)

# Rollouts: waffle asks our model, which asks departments
WAFFLE_FLAG_MODEL = "rollout.Flag"
WAFFLE_ENABLE_ADMIN_PAGES = WAFFLE_OVERRIDE = WAFFLE_CREATE_MISSING_FLAGS = False

# Credit checks
# Where the bureau is; empty: nobody is asked, and a person decides.
CREDIT_BUREAU_URL = env.text("CREDIT_BUREAU_URL")
CREDIT_BUREAU_TOKEN = env.text("CREDIT_BUREAU_TOKEN")
# All tries of one check together end by then.
CREDIT_DEADLINE_MS = env.number("CREDIT_DEADLINE_MS", 2000)
# From this score on a counterparty is good.
CREDIT_GOOD_SCORE = env.number("CREDIT_GOOD_SCORE", 550)
# Up to these amounts an older score may stand in; 0 for every other currency.
CREDIT_CACHED_LIMITS = env.amounts("CREDIT_CACHED_LIMITS", "CNY:50000,USD:7000,EUR:6500")

# Mail, and where its links lead
SITE_URL = mail.site_url(is_needed=PRODUCTION)
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "finance-mis@localhost")
MAIL = {} if TESTING else mail.connection(None if PRODUCTION else STATE_DIR / "mail")

# What Prometheus shows to be told figures; empty: nobody is told.
METRICS_TOKEN = env.text("METRICS_TOKEN")

# People
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
LOGIN_URL = "organizations:sign_in"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "organizations:sign_in"
AXES_HANDLER = "finance_mis.throttling.SignInThrottle"
AXES_LOCKOUT_PARAMETERS = ["username", ["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = AXES_ENABLE_ADMIN = False

# Browser: strict from day one, no inline script or style anywhere
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.flag("BEHIND_PROXY"):
    # Only behind a proxy that sets or removes this header itself.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Uploads: forms refuse what is larger, with a sentence at the field
LARGEST_REQUEST = 128 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# Matching: engine's memory, where it spills, rows of a partition, tasks rung for at once.
RECONCILIATION_MEMORY_MB = int(env.text("RECONCILIATION_MEMORY_MB", "208"))
RECONCILIATION_SCRATCH = env.text("RECONCILIATION_SCRATCH", str(STATE_DIR / "reconciliation"))
RECONCILIATION_PARTITION_ROWS = int(env.text("RECONCILIATION_PARTITION_ROWS", "4000000"))
RECONCILIATION_AT_ONCE = int(env.text("RECONCILIATION_AT_ONCE", "4"))
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(STATE_DIR / "media")))

# Static files: hashed names in production, straight from the sources elsewhere
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION
_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC if PRODUCTION else _PLAIN_STATIC},
}

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
