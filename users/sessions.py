"""Log-ins through the API, and ending all log-ins of a user."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from config.http.addresses import client_address
from users import audit
from users.audit import Action
from users.models import TokenFamily, User

# Two tabs that refresh at once use the same token twice; so does whoever lost the answer on the
# way.
GRACE = timedelta(seconds=10)


class Tokens(NamedTuple):
    """The tokens of a log-in or a refresh."""

    family: TokenFamily
    access: AccessToken
    refresh: RefreshToken

    @property
    def access_expires(self) -> datetime:
        return datetime.fromtimestamp(self.access["exp"], UTC)

    @property
    def refresh_expires(self) -> datetime:
        return datetime.fromtimestamp(self.refresh["exp"], UTC)


def start(request: HttpRequest, user: User) -> Tokens:
    """Start a log-in for an authenticated user, and return its tokens."""
    user.token_families.expired().delete()
    family = TokenFamily.objects.create(
        user=user,
        fingerprint=user.get_session_auth_hash(),
        address=client_address(request),
        user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:200],
    )
    return tokens_of(family)


def tokens_of(family: TokenFamily) -> Tokens:
    """Return the family's tokens; each generation has one refresh token, always the same."""
    access, refresh = AccessToken(), RefreshToken()
    refresh.set_iat(at_time=family.rotated_at)
    refresh.set_exp(from_time=family.rotated_at)
    refresh["jti"] = f"{family.key.hex}-{family.generation}"
    refresh["generation"] = family.generation
    refresh["sid"] = access["sid"] = family.key.hex
    return Tokens(family, access, refresh)


def read(kind: type[Token], text: str | None) -> Token | None:
    """Return the token if it is valid, of this kind and not expired."""
    try:
        return kind(text) if text else None  # type: ignore[arg-type]  # it takes what it is to decode
    except TokenError:
        return None


def family_of(kind: type[Token], text: str | None) -> TokenFamily | None:
    """Return the log-in of a token with its user, in one query; None if it has ended."""
    token = read(kind, text)
    if token is None:
        return None
    family = TokenFamily.objects.select_related("user").filter(key=token["sid"]).first()
    if family is not None and not family.stands:
        family.delete()  # so that a role that is given back brings no old log-in back
        return None
    return family


def refresh(request: HttpRequest, text: str | None) -> Tokens | None:
    """Return the next tokens, or None if the log-in has ended.

    A refresh token that is used again after the next one ends the log-in, since it may be stolen.
    """
    token = read(RefreshToken, text)
    if token is None:
        return None
    # of two at once the second waits here, and then finds itself one generation behind
    with transaction.atomic():
        held = TokenFamily.objects.select_for_update(of=("self",)).select_related("user")
        family = held.filter(key=token["sid"]).first()
        return successor(request, family, token["generation"]) if family else None


def successor(request: HttpRequest, family: TokenFamily, generation: int) -> Tokens | None:
    """Return the tokens after this generation; the caller has locked the family's row."""
    if not family.stands:
        family.delete()
        return None
    if generation == family.generation:
        family.rotate()
    elif generation != family.generation - 1 or timezone.now() - family.rotated_at > GRACE:
        audit.record(Action.TOKEN_REUSED, request=request, actor=family.user, target=family.user)
        family.delete()
        return None
    return tokens_of(family)


def end_all(user: User) -> None:
    """End all sessions and API log-ins of the user."""
    TokenFamily.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
