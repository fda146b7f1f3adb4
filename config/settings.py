"""All settings. Everything that differs between machines is read from the environment.

Secure by default: DEBUG is off unless set, and a production portal's protections are on unless
PORTAL_PROFILE is `private`: the cluster in the checkout that `make run` serves over http on this
machine alone. The file is long because it is the only one: docs/operate/settings.md is checked
against it.
"""

import hmac
import re
import sys
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import build, env, schedule

BASE_DIR = Path(__file__).resolve().parent.parent
USES_PRIVATE_CLUSTER = env.read_private_environment(BASE_DIR / ".local" / "env")

DEBUG = env.flag("DEBUG")
PROFILE = env.text("PORTAL_PROFILE", "production")
if PROFILE not in {"production", "private"}:
    raise ImproperlyConfigured(f"PORTAL_PROFILE must be production or private, not {PROFILE!r}.")
HTTPS = not DEBUG and PROFILE == "production"

# The public address, from which absolute links, canonical addresses and cookie paths are built.
# Without it absolute links follow the host of each request.
PORTAL = env.site("PORTAL_URL")
PORTAL_URL = PORTAL.origin + PORTAL.prefix
if HTTPS and PORTAL_URL.startswith("http://"):
    raise ImproperlyConfigured(
        f"PORTAL_URL must begin with https:// in production, not {PORTAL_URL!r}. "
        "Plain http is for DEBUG=1 and PORTAL_PROFILE=private."
    )
FORCE_SCRIPT_NAME = PORTAL.prefix  # "" at the root: a SCRIPT_NAME from outside never counts
COOKIE_PATH = f"{PORTAL.prefix}/"

SECRET_KEY = env.secret("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
# earlier ones: sessions and second factors outlive them
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
if PORTAL_URL:
    ALLOWED_HOSTS = list(dict.fromkeys([*ALLOWED_HOSTS, PORTAL.host]))
    CSRF_TRUSTED_ORIGINS = list(dict.fromkeys([*CSRF_TRUSTED_ORIGINS, PORTAL.origin]))
# front ends elsewhere that may log people in
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS")
SITE_NAME = env.text("SITE_NAME", "Marine Species Tracker")
# now, since the files may change under a process that has read them
BUILD = build.name_of(BASE_DIR)

INSTALLED_APPS = [
    "users.apps.PortalAdminConfig",  # Django's admin behind the portal's own log-in
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # Django's own server of files does not know path prefixes
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "corsheaders",
    "django_htmx",
    "template_partials",
    "leaflet",
    "rest_framework",
    "rest_framework_gis",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "users",  # behind allauth, whose pages it takes out of the admin
    "species",  # before django_crontab, whose command it makes safe to repeat
    "django_crontab",
]

MIDDLEWARE = [
    "config.http.proxies.drop_untrusted_headers",
    "config.http.portal_url.serve_at_portal_url",
    "django.middleware.security.SecurityMiddleware",
    "config.http.permissions_policy.add_permissions_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.http.throttles.throttle_programs",
    "config.http.encodings.compress_responses",
    "config.http.cookieless.drop_cookies",
    "config.http.nul.refuse_nul_bytes",
    "config.http.tracking.remove_tracking",
    "config.http.private_pages.forbid_storing",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.http.late_bodies.refuse_late_bodies",
    "config.http.long_addresses.refuse_long_addresses",
    "config.http.lanes.limit_concurrency",
    "config.http.database.limit_query_time",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "users.middleware.authenticate_by_token",
    "users.middleware.apply_own_units",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # behind what a page needs that says that there were too many
    "species.pages.throttles.throttle_visitors",
    "config.http.empty_refusals.explain_empty_refusals",
    "config.http.unavailable.UnavailableMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "species.pages.context.portal",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
DATABASES["default"]["TEST"] = {"NAME": env.text("TEST_DATABASE_NAME", "") or None}
DATABASES["default"]["CONN_MAX_AGE"] = env.number("CONN_MAX_AGE", 60, int)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_OPTIONS_GIVEN = frozenset(DATABASES["default"]["OPTIONS"])
DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 10)
# Of web requests alone (config/http/database.py): commands, migrations, refreshes and jobs are not
# bounded. 0: no timeout.
STATEMENT_TIMEOUT_MS = env.number("STATEMENT_TIMEOUT_MS", 10_000, int)
# How many downloads and demanding queries one server works on at once, and where it keeps count
# (config/http/lanes.py).
LANES = {
    "downloads": env.number("DOWNLOADS_AT_ONCE", 10, int, low=1),
    "queries": env.number("QUERIES_AT_ONCE", 8, int, low=1),
    "readers": 2,  # in addition, for programs that read a collection page by page
}
LANE_FOLDER = Path(env.text("LANE_FOLDER", str(BASE_DIR / ".local" / "lanes")))
if not DEBUG and PROFILE == "production" and DATABASES["default"]["PASSWORD"] == "postgres":  # noqa: S105
    raise ImproperlyConfigured(
        "The development password of the database is refused while DEBUG is off."
    )
# The check of places is written in PostGIS's own terms; the database, not a form, enforces it.
# HSTS does not cover subdomains, and is not preloaded, unless the operator says so.
SILENCED_SYSTEM_CHECKS = ["models.W045", "security.W005", "security.W021"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# GeoDjango's libraries: from the environment, else from the wheels (no system package), else the
# system's.
GDAL_LIBRARY_PATH = env.library("GDAL_LIBRARY_PATH", "pyogrio", "libgdal*")
GEOS_LIBRARY_PATH = env.library("GEOS_LIBRARY_PATH", "shapely", "libgeos_c*")

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "users.passwords.SimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
    {"NAME": "users.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "users.passwords.LeakedPasswordValidator"},
    {"NAME": "users.passwords.OwnDataValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["users.backends.RoleBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "species:observation-map"
PASSWORD_RESET_TIMEOUT = 4 * 3600
SIGNUP_OPEN = env.flag("SIGNUP_OPEN", True)
STAFF_NEEDS_TWO_FACTOR = env.flag("STAFF_NEEDS_TWO_FACTOR", HTTPS)
AUDIT_KEEP_DAYS = env.number("AUDIT_KEEP_DAYS", 365, int)  # 0: for ever
# longer than the link in the mail is good
UNVERIFIED_KEEP_DAYS = env.number("UNVERIFIED_KEEP_DAYS", 14, int, low=4)
# The proxies in front of us, as addresses or networks: only they are believed about the client's
# address and scheme.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

# django-allauth: its flows, our adapter where the portal is stricter.
ACCOUNT_ADAPTER = "users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True  # one address each; a new one counts once it is verified
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_USER_DISPLAY = "users.models.user.shown_name"
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_BLACKLIST = [
    "admin", "administrator", "anonymous", "deleted", "me", "moderator", "obis", "portal", "root", "staff", "worms",
]  # fmt: skip
ACCOUNT_FORMS = {
    "login": "users.pages.forms.LogInForm",
    "signup": "users.pages.forms.SignUpForm",
    "change_password": "users.pages.forms.ChangePasswordForm",
    "reset_password": "users.pages.forms.ResetPasswordForm",
    "reset_password_from_key": "users.pages.forms.NewPasswordForm",
}
# By address, and by account *and* address (`users.throttles`): nobody can use up another person's
# tries.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": None,  # allauth's own count of codes is by account alone; these are ours
    "wrong_here": "20/m/ip,100/h/ip",
    "wrong_password": "5/5m/key",
    "wrong_code": "5/5m/key,10/d/key",
    "signup": "10/m/ip,100/d/ip",
    "reset_password": "20/h/ip",
    "reset_mail": "3/h/key",  # more are not sent; those that were still lead in
    "confirm_email": "1/3m/key",
}
MFA_FORMS = {
    "authenticate": "users.codes.CodeForm",
    "reauthenticate": "users.codes.CodeAgainForm",
    "activate_totp": "users.codes.FirstCodeForm",
}
MFA_ADAPTER = "users.second_factors.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow http on localhost only
# Counts of throttles and one-time codes, seen by every worker process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # those that the pages are translated to
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_PATH = COOKIE_PATH
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files ---------------------------------------------------------------------------------------------------
STATIC_URL = f"{PORTAL.prefix}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.static_files.HashedFiles"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
# Kept by browsers for ever: names with a hash, and the basemap's folder, whose name changes with
# its contents.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+\.[0-9a-f]{12}\..+$|/basemap/[^/]+/"
WHITENOISE_MIMETYPES = {".mvt": "application/vnd.mapbox-vector-tile"}
# Somebody's raster tiles in place of the portal's own basemap, and whom to name for them.
BASEMAP_TILE_URL = env.tile_url("BASEMAP_TILE_URL")
BASEMAP_ATTRIBUTION = env.text("BASEMAP_ATTRIBUTION", "")

# --- The wall -------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(f'{PORTAL.prefix}/'.lstrip('/'))}(healthz|readyz)$"]
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000, int) if HTTPS else 0
# Only on request: other services below the host's name may have no https, and browsers remember it
# for a year.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.flag("HSTS_INCLUDE_SUBDOMAINS")
SECURE_HSTS_PRELOAD = HTTPS and env.flag("HSTS_PRELOAD")
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured(
        "HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS: browsers preload no host without it."
    )
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# dropped unless it comes from TRUSTED_PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
BEHIND_PROXY = env.flag("BEHIND_PROXY")  # replaced by TRUSTED_PROXIES; a system check says so
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = COOKIE_PATH
# Browsers take such cookies over https from this host alone: no subdomain and no plain page can
# plant one. The language is no secret and decides nothing, so its cookie keeps its name; the API's
# cookies are a public contract.
COOKIE_PREFIX = ("__Secure-" if PORTAL.prefix else "__Host-") if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "config.http.message_storage.Messages"
CSRF_FAILURE_VIEW = "config.http.csrf.explain_failure"
SESSION_COOKIE_SAMESITE = "Lax"
# The API's log-in. "None" is for a front end at another site; its CSRF cookie then has to travel
# there too.
AUTH_COOKIE_SECURE = env.flag("AUTH_COOKIE_SECURE", HTTPS)
AUTH_COOKIE_SAMESITE = env.choice("AUTH_COOKIE_SAMESITE", "Strict", "Lax", "None")
CSRF_COOKIE_SAMESITE = "None" if AUTH_COOKIE_SAMESITE == "None" else "Lax"
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    # A key for this purpose alone, so that nothing else signed by the portal is ever taken for a
    # token.
    "SIGNING_KEY": hmac.new(SECRET_KEY.encode(), b"tokens of the API", "sha256").hexdigest(),
    "ISSUER": "marine-species-tracker",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
}
# Only where people log in: public reads may be read from any page, without credentials.
CORS_URLS_REGEX = r"^/api/v1/auth/"
CORS_ALLOW_CREDENTIALS = True
CORS_EXPOSE_HEADERS = ["Retry-After"]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["config.http.uploads.SmallUploads"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *env.origins(BASEMAP_TILE_URL)],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- E-mail and log -------------------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.number("EMAIL_PORT", 25, int)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
# seconds: a request waits for the server
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10.0, float, low=0.1)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "portal@localhost")
ADMINS = [(address, address) for address in env.words("ADMINS")]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_debug": {"()": "django.utils.log.RequireDebugFalse"}},
    "handlers": {
        "console": {"class": "config.logs.console.Console", "formatter": "line"},
        "mail_admins": {
            "class": "config.logs.error_mails.ErrorMails",
            "level": "ERROR",
            "filters": ["without_debug"],
        },
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    # Anybody can send a forged host or too large a body: that is for the log, and no mail to
    # ADMINS.
    "loggers": {
        "django": {"handlers": ["mail_admins"], "level": "INFO"},
        "django.security": {"handlers": ["console"], "propagate": False},
    },
}

# --- The refresh ----------------------------------------------------------------------------------------------------
OBIS_API_URL = env.text("OBIS_API_URL", "https://api.obis.org/v3/")
WORMS_API_URL = env.text("WORMS_API_URL", "https://www.marinespecies.org/rest/")
OBIS_PAGE_SIZE = env.number("OBIS_PAGE_SIZE", 5_000, int, low=1)
OBIS_PACE_SECONDS = env.number("OBIS_PACE_SECONDS", 0.0, float)  # least time between two requests
WORMS_PACE_SECONDS = env.number("WORMS_PACE_SECONDS", 1.0, float)
# an address for the User-Agent, so that OBIS can reach us
UPSTREAM_CONTACT = env.text("UPSTREAM_CONTACT", "")
UPSTREAM_RETRIES = env.number("UPSTREAM_RETRIES", 6, int)
ENRICH_BUDGET_SECONDS = env.number("ENRICH_BUDGET_SECONDS", 1_800, int)
# A standing scope makes a regional portal: only these taxa, datasets or this sea. Empty: all of
# OBIS.
REFRESH_SCOPE = {
    "taxonid": env.text("REFRESH_TAXON_IDS", ""),
    "datasetid": env.text("REFRESH_DATASET_IDS", ""),
    "geometry": env.text("REFRESH_GEOMETRY", ""),
}
MAX_UNCONFIRMED_RECORDS = env.number("MAX_UNCONFIRMED_RECORDS", 2_000_000, int)
WITHDRAWAL_SHARE_LIMIT = env.number("WITHDRAWAL_SHARE_LIMIT", 0.2, float)
WITHDRAWAL_COUNT_LIMIT = env.number("WITHDRAWAL_COUNT_LIMIT", 10, int)
KEEP_RECORDS_AS_RECEIVED = env.flag("KEEP_RECORDS_AS_RECEIVED", True)
# ISO 639-3, of `common_name` on the table
VERNACULAR_LANGUAGE = env.text("VERNACULAR_LANGUAGE", "eng")
LOCK_WAIT_SECONDS = env.number("LOCK_WAIT_SECONDS", 86_400, int)

# --- The atlas ------------------------------------------------------------------------------------------------------
# Speed only, never what is answered: a taxon or dataset with more records in a tile is kept there as cells.
DENSITY_THRESHOLD = env.number("DENSITY_THRESHOLD", 20_000, int, low=1)
# records that one public answer may read
RAW_ROW_BOUND = env.number("RAW_ROW_BOUND", 100_000, int, low=1)
# records in the sample for what nothing else answers
SAMPLE_SIZE = env.number("SAMPLE_SIZE", 50_000, int, low=1)
# records that one page of a list looks through
SEARCH_BOUND = env.number("SEARCH_BOUND", 20_000, int, low=1)
# records in one file; its Link leads to the next
EXPORT_BOUND = env.number("EXPORT_BOUND", 100_000, int, low=1)
DATA_VERSION_SECONDS = 1.0  # how long a worker may take the data's version for granted

# How often one client may ask, in how many seconds; each server process counts for itself.
THROTTLES = {
    "tiles": (env.number("TILES_A_MINUTE", 6_000, int, low=1), 60),
    "reads": (env.number("READS_A_MINUTE", 1_200, int, low=1), 60),
    "features": (env.number("FEATURES_A_MINUTE", 3_000_000, int, low=1), 60),
    "questions": (env.number("QUESTIONS_A_MINUTE", 600, int, low=1), 60),
    "pages": (env.number("PAGES_A_MINUTE", 600, int, low=1), 60),
    "exports": (env.number("EXPORTS_AN_HOUR", 120, int, low=1), 3_600),
}

# --- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.http.negotiation.QualityNegotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "species.api.problems.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": "Curated marine species observations as GeoJSON, with Darwin Core names.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "species.api.schema_types.type_nullable",
    ],
    "SERVERS": [{"url": PORTAL_URL}] if PORTAL_URL else [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Schedule (django-crontab) --------------------------------------------------------------------------------------
# Cron gives a job no environment: the prefix reads what `make schedule` or the cron container wrote down.
CRONJOBS = schedule.cronjobs()
CRON_ENV_FILE = Path(env.text("CRON_ENV_FILE", str(BASE_DIR / ".local" / "cron-env")))
CRON_LOG = Path(env.text("CRON_LOG", str(BASE_DIR / ".local" / "log" / "cron.log")))
CRONTAB_COMMENT = f"marine species tracker in {BASE_DIR}"
CRONTAB_COMMAND_PREFIX = (
    f"umask 077 && cd {BASE_DIR} && mkdir -p {CRON_LOG.parent} && "
    f"{{ [ ! -r {CRON_ENV_FILE} ] || . {CRON_ENV_FILE}; }} &&"
)
CRONTAB_PYTHON_EXECUTABLE = sys.executable
CRONTAB_DJANGO_MANAGE_PATH = str(BASE_DIR / "manage.py")
CRONTAB_DJANGO_SETTINGS_MODULE = "config.settings"
CRONTAB_COMMAND_SUFFIX = f">> {CRON_LOG} 2>&1"

# --- Tests ----------------------------------------------------------------------------------------------------------
TEST_RUNNER = "config.test_runner.PytestRunner"
