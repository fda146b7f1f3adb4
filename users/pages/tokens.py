"""A user's personal access tokens."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from users.audit import Action, record
from users.models import PersonalAccessToken
from users.models.tokens import TooManyTokens
from users.pages.forms import TokenForm
from users.pages.person_request import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)
@never_cache
def token_list(request: PersonRequest) -> HttpResponse:
    """List the tokens and create one, whose secret is shown once."""
    form = TokenForm(request.POST or None)
    context = {"form": form, "tokens": PersonalAccessToken.objects.of(request.user)}
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = PersonalAccessToken.issue(request.user, **form.cleaned_data)
        except TooManyTokens:
            form.add_error(
                None, _("You have reached the maximum number of tokens. Revoke one first.")
            )
        else:
            record(
                Action.TOKEN_MADE, request=request, target=f"token:{token.key}", scopes=token.scopes
            )
            context |= {"form": TokenForm(), "made": token, "secret": secret}
    return render(request, "users/token_list.html", context)


@login_required
@require_POST
def token_revoke(request: PersonRequest, key: UUID) -> HttpResponse:
    """Delete a token."""
    get_object_or_404(PersonalAccessToken, user=request.user, key=key).delete()
    record(Action.TOKEN_REVOKED, request=request, target=f"token:{key}")
    messages.success(request, _("Token revoked."))
    return redirect("users:token-list")
