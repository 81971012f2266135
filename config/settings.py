"""Settings: safe defaults, changed by environment variables only. `docs/operating.md` lists them."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from archive.storage.s3_options import s3_options
from config.env import SettingError, environment
from config.secret_key import kept_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

# -- the archive's own -----------------------------------------------------------

ARCHIVE_DATA_DIR = Path(environment.text("ARCHIVE_DATA_DIR", str(BASE_DIR / "data"))).resolve()
#: Where `manage.py fetch_viewer` puts the viewer.
ARCHIVE_VIEWER_DIR = Path(environment.text("ARCHIVE_VIEWER_DIR", str(BASE_DIR / ".viewer"))).resolve()
ARCHIVE_HOST = environment.text("ARCHIVE_HOST", "127.0.0.1")
ARCHIVE_PORT = environment.integer("ARCHIVE_PORT", 8000, minimum=1, maximum=65535)
#: Scheme, host and path under which the outside reaches this archive; empty: taken from each request.
ARCHIVE_PUBLIC_URL = environment.url("ARCHIVE_PUBLIC_URL")
ARCHIVE_TRUSTED_PROXIES = environment.networks("ARCHIVE_TRUSTED_PROXIES")
ARCHIVE_ANONYMOUS_ACCESS = environment.choice("ARCHIVE_ANONYMOUS_ACCESS", "none", ("none", "read", "write"))
#: Origins whose pages may use the DICOMweb resources, with a token; `*` for all (OTH-07).
ARCHIVE_CORS_ORIGINS = environment.origins("ARCHIVE_CORS_ORIGINS")
if "*" in ARCHIVE_CORS_ORIGINS and ARCHIVE_ANONYMOUS_ACCESS == "write":
    raise SettingError(
        "ARCHIVE_CORS_ORIGINS is *: with ARCHIVE_ANONYMOUS_ACCESS=write any web page could delete studies."
    )
#: What to do with other bytes under a SOP Instance UID that is already stored (STOW-81).
ARCHIVE_ON_DUPLICATE = environment.choice("ARCHIVE_ON_DUPLICATE", "refuse", ("refuse", "replace"))
#: Requests served at once; uploads and pictures have half as many threads of their own each.
ARCHIVE_THREADS = environment.integer("ARCHIVE_THREADS", 16, minimum=2, maximum=512)
#: Blobs written or read ahead at once.
ARCHIVE_IO_THREADS = environment.integer("ARCHIVE_IO_THREADS", 8, minimum=1, maximum=128)
#: Seconds without a byte after which an upload or a download is given up, so that slow clients cannot hold threads.
ARCHIVE_STALL_SECONDS = environment.integer("ARCHIVE_STALL_SECONDS", 60, minimum=1, maximum=3600)
#: Background tasks done at once by a worker.
ARCHIVE_WORKER_PROCESSES = environment.integer("ARCHIVE_WORKER_PROCESSES", 2, minimum=1, maximum=64)
#: What to do with an instance whose patient or study attributes contradict those of its stored study (STOW-85).
ARCHIVE_ON_CONFLICT = environment.choice("ARCHIVE_ON_CONFLICT", "keep", ("keep", "coerce"))
#: Who asks for changes of the worklist where the request does not say it.
ARCHIVE_AE_TITLE = environment.ae_title("ARCHIVE_AE_TITLE", "ARCHIVE")
#: The SOP classes whose instances are stored; empty: every one (STOW-55).
ARCHIVE_SOP_CLASSES = environment.uids("ARCHIVE_SOP_CLASSES")

ARCHIVE_MAX_REQUEST_SIZE = environment.size("ARCHIVE_MAX_REQUEST_SIZE", 64 << 30)
ARCHIVE_MAX_INSTANCE_SIZE = environment.size("ARCHIVE_MAX_INSTANCE_SIZE", 16 << 30)
#: DICOM JSON or XML of one store request. It is read into memory, where it takes several times the room.
ARCHIVE_MAX_METADATA_SIZE = environment.size("ARCHIVE_MAX_METADATA_SIZE", 64 << 20)
#: A workitem, in DICOM JSON or XML.
ARCHIVE_MAX_WORKITEM_SIZE = environment.size("ARCHIVE_MAX_WORKITEM_SIZE", 8 << 20)
ARCHIVE_MAX_PARTS = environment.integer("ARCHIVE_MAX_PARTS", 20_000, minimum=1, maximum=1_000_000)
#: A part up to this size is held in memory while it is stored; a larger one goes through a file.
ARCHIVE_SPOOL_SIZE = environment.size("ARCHIVE_SPOOL_SIZE", 2 << 20)
#: A frame larger than this, compressed or not, is given as it is stored only: each one being transcoded is in memory.
ARCHIVE_MAX_TRANSCODED_FRAME = environment.size("ARCHIVE_MAX_TRANSCODED_FRAME", 256 << 20)
#: Codecs run in so many processes beside each that serves or works; what one frame may take there.
ARCHIVE_DECODERS = environment.integer("ARCHIVE_DECODERS", os.cpu_count() or 1, minimum=1, maximum=256)
ARCHIVE_DECODE_SECONDS = environment.integer("ARCHIVE_DECODE_SECONDS", 30, minimum=1, maximum=3600)
ARCHIVE_DECODE_MEMORY = environment.size("ARCHIVE_DECODE_MEMORY", 4 << 30)
#: What has been made, such as decoded frames, is kept in memory for who asks again: so many bytes in each process.
ARCHIVE_CACHE_SIZE = environment.size("ARCHIVE_CACHE_SIZE", 128 << 20)
#: The most results one search answers with.
ARCHIVE_MAX_RESULTS = environment.integer("ARCHIVE_MAX_RESULTS", 5000, minimum=1, maximum=1_000_000)
#: The most studies, series or instances whose stored metadata one search looks at, for keys that have no column.
ARCHIVE_MAX_SCANNED = environment.integer("ARCHIVE_MAX_SCANNED", 10_000, minimum=1, maximum=10_000_000)

#: The Worklist Label of new workitems that have none.
ARCHIVE_WORKLIST_LABEL = environment.long_string("ARCHIVE_WORKLIST_LABEL", "Default")
#: Refuse workitems that lack attributes which may be empty, rather than to add them (PS3.4 Table CC.2.5-3).
ARCHIVE_UPS_STRICT = environment.boolean("ARCHIVE_UPS_STRICT", False)
#: What to do with a request to cancel a workitem in progress that nobody is subscribed to (PS3.4 Section CC.2.2.3).
ARCHIVE_UPS_CANCEL_UNHEARD = environment.choice("ARCHIVE_UPS_CANCEL_UNHEARD", "accept", ("accept", "refuse"))
#: Whether subscribers get the deletion locks that they ask for (PS3.4 Section CC.2.3.1).
ARCHIVE_UPS_DELETION_LOCKS = environment.choice("ARCHIVE_UPS_DELETION_LOCKS", "grant", ("grant", "refuse"))
#: Whether AEs may subscribe to the workitems that match a filter (PS3.4 Section CC.2.3.1).
ARCHIVE_UPS_FILTERED_SUBSCRIPTIONS = environment.choice(
    "ARCHIVE_UPS_FILTERED_SUBSCRIPTIONS", "grant", ("grant", "refuse")
)
#: The AE titles that may subscribe; empty: every one.
ARCHIVE_UPS_AE_TITLES = environment.ae_titles("ARCHIVE_UPS_AE_TITLES")
#: AE titles that are told when the archive starts and stops, subscribed or not.
ARCHIVE_UPS_FALLBACK_AES = environment.ae_titles("ARCHIVE_UPS_FALLBACK_AES")
#: Whether event reports are kept for subscribers that are not connected: for so many days, and so many of each AE.
ARCHIVE_UPS_KEEP_EVENTS = environment.boolean("ARCHIVE_UPS_KEEP_EVENTS", True)
ARCHIVE_UPS_EVENT_DAYS = environment.integer("ARCHIVE_UPS_EVENT_DAYS", 14, minimum=1, maximum=3650)
ARCHIVE_UPS_EVENTS_KEPT = environment.integer("ARCHIVE_UPS_EVENTS_KEPT", 10_000, minimum=1, maximum=10_000_000)
#: Days for which workitems are kept after they were completed or canceled.
ARCHIVE_UPS_COMPLETED_DAYS = environment.integer("ARCHIVE_UPS_COMPLETED_DAYS", 30, minimum=0, maximum=36_500)
ARCHIVE_UPS_CANCELED_DAYS = environment.integer("ARCHIVE_UPS_CANCELED_DAYS", 30, minimum=0, maximum=36_500)
#: Days after which a deletion lock no longer keeps a finished workitem; 0: it always does.
ARCHIVE_UPS_LOCK_DAYS = environment.integer("ARCHIVE_UPS_LOCK_DAYS", 0, minimum=0, maximum=36_500)
#: How much is kept of what is derived from objects, thumbnails and native frames; 0: nothing is derived.
ARCHIVE_DERIVED_SIZE = environment.size("ARCHIVE_DERIVED_SIZE", 10 << 30, minimum=0)
#: Days for which receipts of uploads are kept.
ARCHIVE_RECEIPT_DAYS = environment.integer("ARCHIVE_RECEIPT_DAYS", 90, minimum=1, maximum=36_500)
#: Orders to send studies that are carried out at once by all workers; a worker is busy for as long as a request takes.
ARCHIVE_SENDERS = environment.integer("ARCHIVE_SENDERS", 1, minimum=1, maximum=64)
#: Days for which is kept what has been sent to whom.
ARCHIVE_SENT_DAYS = environment.integer("ARCHIVE_SENT_DAYS", 365, minimum=1, maximum=36_500)
#: The proxy by which destinations are reached; empty: none, whatever the environment says to others.
ARCHIVE_SENDING_PROXY = environment.url("ARCHIVE_SENDING_PROXY")
#: Days for which the audit trail is kept; 0: for ever.
ARCHIVE_AUDIT_DAYS = environment.integer("ARCHIVE_AUDIT_DAYS", 0, minimum=0, maximum=36_500)
#: Whether studies can be shared by links, which open without a sign-in.
ARCHIVE_SHARE_LINKS = environment.boolean("ARCHIVE_SHARE_LINKS", False)
#: Minutes after which the session of somebody ends who does nothing.
ARCHIVE_SESSION_MINUTES = environment.integer("ARCHIVE_SESSION_MINUTES", 720, minimum=5, maximum=43_200)

try:
    ARCHIVE_DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o750)
    (ARCHIVE_DATA_DIR / "incoming").mkdir(exist_ok=True, mode=0o750)
except OSError as error:
    raise SettingError(f"ARCHIVE_DATA_DIR cannot be used as a folder ({error.strerror}).") from None

# -- Django ----------------------------------------------------------------------

SECRET_KEY = environment.text("ARCHIVE_SECRET_KEY") or kept_secret_key(ARCHIVE_DATA_DIR / "secret-key")
DEBUG = False
_public = urlsplit(ARCHIVE_PUBLIC_URL)
ALLOWED_HOSTS = [
    *environment.words("ARCHIVE_ALLOWED_HOSTS"),
    "127.0.0.1",
    "localhost",
    "[::1]",
    *([_public.hostname] if _public.hostname else []),
]

INSTALLED_APPS = [
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "archive",
    "workflow",
    "dicomweb",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",  # first, so that every error has its headers too
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.sessions.PresenceMiddleware",
    "config.auditing.middleware.AuditMiddleware",
]

ROOT_URLCONF = "config.urls"
FORCE_SCRIPT_NAME = _public.path or None  # every link of a page begins with the path of the public URL
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False  # a redirect would lose the body of a POST (WADO-124)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- database --------------------------------------------------------------------


def _database() -> dict[str, Any]:
    try:
        database: dict[str, Any] = dict(
            dj_database_url.parse(environment.text("DATABASE_URL", f"sqlite:///{ARCHIVE_DATA_DIR / 'archive.sqlite3'}"))
        )
    except ValueError:
        raise SettingError("DATABASE_URL is not a database URL such as postgres://user:password@host/name.") from None
    # Every thread keeps its connection: opening one costs more than most requests.
    database |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["CONN_HEALTH_CHECKS"] = False
        database["OPTIONS"] = {
            # 200 means durable: FULL syncs the log at every commit. Every thread has a cache of its own, so they are
            # small; the system keeps the file's pages for all of them.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4000; "
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
            # Taking the write lock at once is what lets writers wait for each other instead of failing.
            "transaction_mode": "IMMEDIATE",
            "timeout": 60,
        }
    return database


DATABASES = {"default": _database()}

# -- blobs -----------------------------------------------------------------------

_bucket = environment.text("ARCHIVE_S3_BUCKET")


def _blobs(folder: str, in_bucket: str = "") -> dict[str, Any]:
    if _bucket:
        options = s3_options(_bucket, environment.url("ARCHIVE_S3_ENDPOINT_URL"), in_bucket)
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    location = str(ARCHIVE_DATA_DIR / folder)
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": location}}


STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.PrefixedStaticFiles"},
    "blobs": _blobs("blobs"),
    "derived": _blobs("derived", "derived"),
}

# -- Redis -----------------------------------------------------------------------

REDIS_URL = environment.url("REDIS_URL", schemes=("redis", "rediss"))
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The layer asks Redis to answer when there is a message, within 5 seconds; the client by itself gives up just
        # then. With any timeout it can forget, before Python 3.12, that a task was cancelled while it was sending.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_keepalive": True}]},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

# -- people ----------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["config.sign_in.PasswordBackend"]
LOGIN_URL = LOGOUT_REDIRECT_URL = "login"
LOGIN_REDIRECT_URL = "archive:study_list"
CSRF_FAILURE_VIEW = "config.error_pages.forged"
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 60 * ARCHIVE_SESSION_MINUTES
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.netloc else []
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy that ends TLS redirects; a redirect from here would lose the body of a POST
    "security.W005",  # what other hosts of the domain do is not for an archive to decide,
    "security.W021",  # nor whether browsers have it built in
]

#: Pages show and run what comes from this archive, and nothing that is written into them: neither scripts nor styles.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/dicom-web",),  # each resource says what it needs
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dicomweb.authentication.BasicAuthentication",
        "dicomweb.authentication.TokenAuthentication",
        "dicomweb.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["dicomweb.permissions.TransactionPermission"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "dicomweb.negotiation.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["dicomweb.negotiation.Unread"],
    "DEFAULT_SCHEMA_CLASS": "dicomweb.openapi.schema.TableSchema",
    "EXCEPTION_HANDLER": "dicomweb.exceptions.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DICOMweb archive",
    "DESCRIPTION": "The DICOMweb resources of PS3.18, and what the archive has besides.",
    "VERSION": "1",
    "OAS_VERSION": "3.0.3",
    "SORT_OPERATIONS": False,
    "PREPROCESSING_HOOKS": ["dicomweb.openapi.schema.one_spelling"],
    "POSTPROCESSING_HOOKS": [],
}
# Browsers hide answers to pages of other origins unless these say otherwise. Such pages sign in with a token: what a
# browser sends by itself, cookies and remembered passwords, is never accepted from them.
CORS_URLS_REGEX = r"^/dicom-web(/|$)"
CORS_ALLOW_ALL_ORIGINS = ARCHIVE_CORS_ORIGINS == ("*",)
CORS_ALLOWED_ORIGINS = [] if CORS_ALLOW_ALL_ORIGINS else list(ARCHIVE_CORS_ORIGINS)
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
CORS_ALLOW_HEADERS = (
    *("accept", "accept-charset", "authorization", "cache-control", "content-type"),
    *("if-none-match", "if-range", "range", "x-requested-with"),
)
CORS_EXPOSE_HEADERS = (
    *("Content-Location", "Content-Range", "Warning", "ETag", "Location"),
    *("Accept-Ranges", "Allow", "Link"),
)

REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token", "TOKEN_LIMIT_PER_USER": None}

# -- the rest --------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # no collectstatic step between a clone and a running archive
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

_log_level = environment.choice("ARCHIVE_LOG_LEVEL", "info", ("debug", "info", "warning", "error"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"refusals": {"()": "config.refusals.WithoutTraceback"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": _log_level.upper()},
    # pydicom's warnings repeat values of the data set: they may name a patient.
    # Celery has several lines for every task, and channels_redis one for every event while a process does not listen.
    "loggers": {
        "pydicom": {"level": "CRITICAL", "propagate": False},
        "celery": {"level": "WARNING"},
        "channels_redis": {"level": "WARNING"},
    },
}
