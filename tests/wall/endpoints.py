"""Every address of the portal, by the name of its route: where it stands, for whom, and what is
sent there.

A test fails for a route that is not here, so a new page or endpoint has to say for whom it is.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from config.http import cookieless

KEY = "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00"  # of nothing
HASH = "0123456789abcdef0123"
NEW = "nine dusky groupers"


class Who(Enum):
    EVERYBODY = "everybody"
    PEOPLE = "who is logged in"
    MODERATORS = "who may decide requests"


class Endpoint(NamedTuple):
    """`get` and `anonymous` are the statuses that GET gets whoever may ask, and a stranger's, of a
    page for all.
    """

    address: str
    get: int = 200
    who: Who = Who.EVERYBODY
    anonymous: int | None = None
    form: dict[str, Any] | None = None  # what POST sends; None: it takes none
    patch: dict[str, Any] | None = None
    deletes: bool = False

    @property
    def is_cookieless(self) -> bool:
        """Whether it is the same for everybody."""
        return self.address.startswith(cookieless.PREFIXES) and not self.is_personal_api

    @property
    def is_personal_api(self) -> bool:
        return self.address.startswith(cookieless.PERSONAL)


AUTH = "/api/v1/auth/"
PEOPLE, MODERATORS = Who.PEOPLE, Who.MODERATORS
PASSWORDS = {"password1": NEW, "password2": NEW}
# {name} is filled in with what the world of the tests holds: a record, its taxon and dataset, and
# what is Ada's own.
TABLE = {
    # What everybody may read, without cookies and in one language.
    "atlas:observation-tile": Endpoint("/tiles/observations/0/0/0.mvt"),
    "api:observation-list": Endpoint("/api/v1/observations/"),
    "api:observation-count": Endpoint("/api/v1/observations/count/"),
    "api:observation-histogram": Endpoint("/api/v1/observations/histogram/"),
    "api:observation-summary": Endpoint("/api/v1/observations/summary/"),
    "api:observation-detail": Endpoint("/api/v1/observations/{record}/"),
    "api:dataset-list": Endpoint("/api/v1/datasets/"),
    "api:dataset-detail": Endpoint("/api/v1/datasets/{dataset}/"),
    "api:taxon-list": Endpoint("/api/v1/taxa/"),
    "api:taxon-detail": Endpoint("/api/v1/taxa/{taxon}/"),
    "api:taxon-tree": Endpoint("/api/v1/taxa/tree/"),
    "api:taxon-branches": Endpoint("/api/v1/taxa/{taxon}/tree/"),
    "api:taxon-suggest": Endpoint("/api/v1/taxa/suggest/?q=gadus"),
    "api:run-list": Endpoint("/api/v1/refresh-runs/"),
    "api:run-detail": Endpoint("/api/v1/refresh-runs/999999/", 404),
    "api:statistics": Endpoint("/api/v1/statistics/"),
    "api:selection": Endpoint("/api/v1/selections/{selection}/"),
    "api:schema": Endpoint("/api/v1/schema/"),
    "api:docs": Endpoint("/api/v1/docs/"),
    "api:-": Endpoint("/api/v1/nowhere/", 404),
    "ogc": Endpoint("/ogc"),
    "ogc:landing": Endpoint("/ogc/"),
    "ogc:conformance": Endpoint("/ogc/conformance"),
    "ogc:api": Endpoint("/ogc/api"),
    "ogc:collections": Endpoint("/ogc/collections"),
    "ogc:collection": Endpoint("/ogc/collections/observations"),
    "ogc:queryables": Endpoint("/ogc/collections/observations/queryables"),
    "ogc:schema": Endpoint("/ogc/collections/observations/schema"),
    "ogc:feature-schema": Endpoint("/ogc/collections/observations/feature-schema"),
    "ogc:items": Endpoint("/ogc/collections/observations/items"),
    "ogc:item": Endpoint("/ogc/collections/observations/items/{record}"),
    "ogc:tilesets": Endpoint("/ogc/collections/observations/tiles"),
    "ogc:tileset": Endpoint("/ogc/collections/observations/tiles/WebMercatorQuad"),
    "ogc:tile": Endpoint("/ogc/collections/observations/tiles/WebMercatorQuad/0/0/0"),
    "ogc:matrix-sets": Endpoint("/ogc/tileMatrixSets"),
    "ogc:matrix-set": Endpoint("/ogc/tileMatrixSets/WebMercatorQuad"),
    "ogc:-": Endpoint("/ogc/nowhere", 404),
    "species:words": Endpoint("/words/de.js"),
    "species:robots": Endpoint("/robots.txt"),
    "species:sitemap": Endpoint("/sitemap.xml"),
    "species:sitemap-part": Endpoint("/sitemap-pages.xml"),
    "species:favicon": Endpoint("/favicon.ico", 302),
    "species:touch-icon": Endpoint("/apple-touch-icon.png", 302),
    "species:change-password": Endpoint("/.well-known/change-password", 302),
    "healthz": Endpoint("/healthz"),
    "readyz": Endpoint("/readyz"),
    # Pages for everybody.
    "species:observation-map": Endpoint("/"),
    "species:observation-list": Endpoint("/observations/"),
    "species:observation-detail": Endpoint("/observations/{record}/"),
    "species:observation-card": Endpoint("/observations/{record}/card/"),
    "species:selection-save": Endpoint("/q/", 405, form={"query": "depth=0,50", "name": "Shallow"}),
    "species:selection-open": Endpoint("/q/{selection}/", 302),
    "species:selection-name": Endpoint("/q/{selection}/name/", 405, form={"name": "Deep"}),
    "species:selection-delete": Endpoint("/q/{selection}/delete/", 405, form={}),
    "species:summary": Endpoint("/summary/"),
    "species:suggest": Endpoint("/suggest/?q=gadus"),
    "species:absence-list": Endpoint("/absences/"),
    "species:taxon-tree": Endpoint("/species/"),
    "species:taxon-by-id": Endpoint("/species/{taxon}/", 301),
    "species:taxon-branches": Endpoint("/species/{taxon}/below/", 302),
    "species:taxon-detail": Endpoint("/species/{taxon}-gadus-morhua/"),
    "species:dataset-list": Endpoint("/datasets/"),
    "species:dataset-detail": Endpoint("/datasets/{dataset}/"),
    "species:holdings": Endpoint("/data/"),
    "species:developers": Endpoint("/developers/"),
    "species:rules": Endpoint("/data/rules/"),
    # nobody's profile is public unless wished
    "users:person-detail": Endpoint("/people/ada/", 404),
    "set-language": Endpoint("/language/", 302, form={"language": "de", "next": "/"}),
    # Logging in, and what is for those who have not.
    "users:sign-up": Endpoint(
        "/accounts/signup/",
        302,
        anonymous=200,
        form={"email": "n@example.org", "username": "n-n", "password1": NEW},
    ),
    "account_signup": Endpoint("/accounts/signup/", 302, anonymous=200),
    "account_login": Endpoint(
        "/accounts/login/",
        302,
        anonymous=200,
        form={"login": "ada@example.org", "password": "wrong"},
    ),
    "account_logout": Endpoint("/accounts/logout/", 200, anonymous=302, form={}),
    "account_inactive": Endpoint("/accounts/inactive/"),
    "account_email_verification_sent": Endpoint("/accounts/confirm-email/"),
    "account_confirm_email": Endpoint("/accounts/confirm-email/MTIz:forged/", form={}),
    "account_confirm_login_code": Endpoint(
        "/accounts/login/code/confirm/", 302, form={"code": "1"}
    ),
    "account_reset_password": Endpoint(
        "/accounts/password/reset/", form={"email": "ada@example.org"}
    ),
    "account_reset_password_done": Endpoint("/accounts/password/reset/done/"),
    "account_reset_password_from_key": Endpoint(
        "/accounts/password/reset/key/1-forged/", form=PASSWORDS
    ),
    "account_reset_password_from_key_done": Endpoint("/accounts/password/reset/key/done/"),
    "mfa_authenticate": Endpoint("/accounts/2fa/authenticate/", 302, form={"code": "123456"}),
    "mfa_login_webauthn": Endpoint("/accounts/2fa/webauthn/login/", 302, form={"credential": "{}"}),
    # The account's own pages.
    "users:me": Endpoint(
        "/accounts/me/", who=PEOPLE, form={"units": "metric", "display_name": "Somebody"}
    ),
    "users:own-data": Endpoint("/accounts/me/data/", who=PEOPLE),
    "users:token-list": Endpoint(
        "/accounts/me/tokens/",
        who=PEOPLE,
        form={"name": "x", "scopes": ["profile:read"], "days": "30"},
    ),
    "users:token-revoke": Endpoint("/accounts/me/tokens/{token}/revoke/", 405, PEOPLE, form={}),
    "users:account-delete": Endpoint(
        "/accounts/me/delete/", who=PEOPLE, form={"password": "not the password", "sure": "on"}
    ),
    "users:sessions-end": Endpoint("/accounts/sessions/end/", 405, PEOPLE, form={}),
    "users:role-request": Endpoint(
        "/accounts/role/",
        who=PEOPLE,
        form={"institution": "NIOZ", "orcid": "0000-0002-1825-0097", "reason": "whelks"},
    ),
    "users:role-request-withdraw": Endpoint("/accounts/role/withdraw/", 405, PEOPLE, form={}),
    "usersessions_list": Endpoint("/accounts/sessions/", who=PEOPLE, form={}),
    "account_reauthenticate": Endpoint(
        "/accounts/reauthenticate/", who=PEOPLE, form={"password": "wrong"}
    ),
    "account_email": Endpoint(
        "/accounts/email/", who=PEOPLE, form={"action_add": "", "email": "x@example.org"}
    ),
    "account_change_password": Endpoint(
        "/accounts/password/change/", who=PEOPLE, form={"oldpassword": "wrong"} | PASSWORDS
    ),
    "account_set_password": Endpoint("/accounts/password/set/", 302, PEOPLE, form=PASSWORDS),
    "mfa_index": Endpoint("/accounts/2fa/", who=PEOPLE),
    "mfa_reauthenticate": Endpoint(
        "/accounts/2fa/reauthenticate/", 302, PEOPLE, form={"code": "1"}
    ),
    "mfa_activate_totp": Endpoint("/accounts/2fa/totp/activate/", 302, PEOPLE, form={"code": "1"}),
    "mfa_deactivate_totp": Endpoint("/accounts/2fa/totp/deactivate/", 404, PEOPLE, form={}),
    "mfa_view_recovery_codes": Endpoint("/accounts/2fa/recovery-codes/", 404, PEOPLE),
    "mfa_generate_recovery_codes": Endpoint(
        "/accounts/2fa/recovery-codes/generate/", 302, PEOPLE, form={}
    ),
    "mfa_download_recovery_codes": Endpoint("/accounts/2fa/recovery-codes/download/", 404, PEOPLE),
    "mfa_list_webauthn": Endpoint("/accounts/2fa/webauthn/", 200, PEOPLE),
    "mfa_add_webauthn": Endpoint(
        "/accounts/2fa/webauthn/add/", 302, PEOPLE, form={"credential": "{}"}
    ),
    "mfa_reauthenticate_webauthn": Endpoint(
        "/accounts/2fa/webauthn/reauthenticate/", 302, PEOPLE, form={"credential": "{}"}
    ),
    "mfa_remove_webauthn": Endpoint(
        "/accounts/2fa/webauthn/keys/{factor}/remove/", 302, PEOPLE, form={}
    ),
    "mfa_edit_webauthn": Endpoint(
        "/accounts/2fa/webauthn/keys/{factor}/edit/", 302, PEOPLE, form={"name": "x"}
    ),
    "users:request-list": Endpoint("/moderation/requests/", who=MODERATORS),
    "users:request-detail": Endpoint(
        "/moderation/requests/{request}/",
        who=MODERATORS,
        form={"decision": "granted", "note": "Welcome."},
    ),
    # The accounts' API.
    "auth:csrf": Endpoint(f"{AUTH}csrf/"),
    "auth:register": Endpoint(
        f"{AUTH}register/", 405, form={"email": "n@example.org", "username": "n-n", "password": NEW}
    ),
    "auth:login": Endpoint(
        f"{AUTH}login/", 405, form={"email": "ada@example.org", "password": "wrong"}
    ),
    "auth:logout": Endpoint(f"{AUTH}logout/", 405, form={}),
    "auth:refresh": Endpoint(f"{AUTH}refresh/", 405, form={}),
    "auth:profile": Endpoint(f"{AUTH}profiles/me/", who=PEOPLE, patch={"displayName": "Somebody"}),
    "auth:password-change": Endpoint(
        f"{AUTH}password/change/",
        405,
        PEOPLE,
        form={"currentPassword": "wrong", "newPassword": NEW},
    ),
    "auth:password-reset": Endpoint(
        f"{AUTH}password/reset/", 405, form={"email": "ada@example.org"}
    ),
    "auth:password-reset-confirm": Endpoint(
        f"{AUTH}password/reset/confirm/", 405, form={"key": "1-forged", "newPassword": NEW}
    ),
    "auth:verify-email": Endpoint(f"{AUTH}verify-email/", 405, form={"key": "MTIz:forged"}),
    "auth:verify-email-resend": Endpoint(
        f"{AUTH}verify-email/resend/", 405, form={"email": "ada@example.org"}
    ),
    "auth:tokens": Endpoint(
        f"{AUTH}tokens/", who=PEOPLE, form={"name": "x", "scopes": ["profile:read"]}
    ),
    "auth:token": Endpoint(f"{AUTH}tokens/{{token}}/", 405, PEOPLE, deletes=True),
}


def routes() -> dict[str, str]:
    """Name (with its namespace; "-" for none) and pattern of every route but the admin's."""
    return {
        name: pattern for name, pattern in walk(get_resolver()) if not pattern.startswith("admin/")
    }


def admin_patterns() -> list[str]:
    return [pattern for _, pattern in walk(get_resolver()) if pattern.startswith("admin/")]


def walk(resolver: URLResolver, before: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    for part in resolver.url_patterns:
        pattern = before + str(part.pattern)
        if isinstance(part, URLPattern):
            yield f"{namespace}{part.name or '-'}", pattern
        else:
            yield from walk(
                part, pattern, namespace + (f"{part.namespace}:" if part.namespace else "")
            )
