"""The portal's django-allauth adapter: enumeration, throttles, mails and the audit log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from config.http.addresses import client_address
from config.http.portal_url import mail_link
from users import mails
from users.audit import Action, record
from users.models import User
from users.names import check_username, is_reserved
from users.normalization import normalize_name
from users.standing import settle
from users.throttles import admit, count_failure

# What a person is told of by mail stands in the audit log too, under this name.
NOTICES = {
    "account/email/password_changed": Action.PASSWORD_CHANGED,
    "account/email/password_reset": Action.PASSWORD_CHANGED,
    "account/email/password_set": Action.PASSWORD_CHANGED,
    "account/email/email_changed": Action.EMAIL_CHANGED,
    "mfa/email/totp_activated": Action.TWO_FACTOR_ADDED,
    "mfa/email/webauthn_added": Action.TWO_FACTOR_ADDED,
    "mfa/email/recovery_codes_generated": Action.TWO_FACTOR_ADDED,
    "mfa/email/totp_deactivated": Action.TWO_FACTOR_REMOVED,
    "mfa/email/webauthn_removed": Action.TWO_FACTOR_REMOVED,
}


class AccountAdapter(DefaultAccountAdapter):
    """The adapter for pages, admin and API alike."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP_OPEN

    def clean_email(self, email: str) -> str:
        """Return the address. Raises ValidationError if it is too long for its column."""
        User._meta.get_field("email").run_validators(email)
        return email

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return the normalized name.

        Raises ValidationError for a taken, reserved or misleading name.
        """
        name = normalize_name(username)
        check_username(name)
        if is_reserved(name):
            raise self.validation_error("username_blacklisted")
        if not shallow and User.objects.with_username(name).exists():
            raise self.validation_error("username_taken")
        return name

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the account with this password, if its address is verified.

        An unverified account gets the same response as a missing one. Otherwise signing up and then
        logging in would reveal whether the address had an account before. The links in mails still
        let its owner in.
        """
        attempt = admit(request, "wrong_password", login_of(credentials))
        user = super().authenticate(request, **credentials)
        if user is None:
            return None
        if not isinstance(user, User) or not user.has_verified_email:
            self.authentication_failed(request, **credentials)
            return None
        attempt.succeeded()
        # not where this browser's log-in rests on the present hash
        if not request.user.is_authenticated:
            user.upgrade_password(credentials.get("password", ""))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        login = login_of(credentials)
        count_failure(login)
        record(
            Action.LOG_IN_FAILED,
            request=request,
            target=User.objects.with_email(login).first() or "",
        )

    def set_password(self, user: User, password: str) -> None:
        """Set the password and end other log-ins; django-allauth then renews this session."""
        super().set_password(user, password)
        settle(user, ["password"])

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        record(Action.LOG_IN, request=request, actor=user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if user.language:
            set_language(response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        record(Action.LOG_OUT, request=request)
        super().logout(request)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Return whether the address is confirmed; False if another account has taken it meanwhile."""
        try:
            with transaction.atomic():
                confirmed = super().confirm_email(request, email_address)
        except IntegrityError:
            messages.error(request, _("Another account already uses this email."))
            return False
        if confirmed:
            record(Action.EMAIL_CONFIRMED, request=request, actor=email_address.user)
        return confirmed

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        action = NOTICES.get(template_prefix)
        if action:
            record(
                action, request=self.request, actor=user, mail=template_prefix.rpartition("/")[2]
            )
        context = (context or {}) | {"user": user}
        if action == Action.PASSWORD_CHANGED:
            context |= tokens_after_new_password(user)
        super().send_notification_mail(template_prefix, user, context, email)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict | None = None,
    ) -> EmailMessage:
        """Return the mail with an HTML part that repeats its text in the portal's frame."""
        context |= {"site_name": settings.SITE_NAME}
        mail = super().render_mail(template_prefix, email, context, headers)
        if isinstance(mail, EmailMultiAlternatives) and not mail.alternatives:
            html = render_to_string(
                "email/frame.html", {"text": mail.body, "subject": mail.subject, **context}
            )
            mail.attach_alternative(html, "text/html")
        return mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the mail, or keep it for later if the mail server is down."""
        request = context.get("request") or self.request
        links = {
            name: mail_link(request, url) for name, url in context.items() if name.endswith("_url")
        }
        context = {"request": request, "email": email, **context, **links}
        mails.send_or_keep(
            self.render_mail(template_prefix, email, context),
            template_prefix,
            email,
            context,
            request,
        )


def tokens_after_new_password(user: User) -> dict[str, Any]:
    """Return the personal access tokens that a new password revoked, and those that remain."""
    return {
        "tokens_revoked": [token.summary for token in user.revoked_tokens],
        "tokens_kept": [token.summary for token in user.access_tokens.live().newest_first()],
    }


def login_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").lower()


def set_language(response: HttpResponse, user: User) -> None:
    """Set the language cookie to the account's choice, or delete it."""
    same_site: Any = settings.LANGUAGE_COOKIE_SAMESITE
    if user.language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite=same_site,
        )
    else:
        response.delete_cookie(
            settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH, samesite=same_site
        )
