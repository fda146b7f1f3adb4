"""Ending all sessions, and deleting the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from users import deletion, sessions
from users.audit import Action, record
from users.pages.forms import DeletionForm
from users.pages.person_request import PersonRequest


@login_required
@require_POST
def sessions_end(request: PersonRequest) -> HttpResponse:
    """Log the user out everywhere, including here."""
    record(Action.LOG_OUT_EVERYWHERE, request=request)
    user = request.user
    logout(request)
    sessions.end_all(user)
    messages.success(request, _("You are logged out everywhere."))
    return redirect("account_login")


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_delete(request: PersonRequest) -> HttpResponse:
    """Explain what is deleted, and delete the account with its password."""
    form = DeletionForm(request.user, request.POST or None)
    if deletion.is_last_superuser(request.user):
        form.fields.clear()
        return render(
            request, "users/account_delete.html", {"form": form, "is_last_superuser": True}
        )
    if request.method == "POST" and form.is_valid():
        user = request.user
        deletion.delete_account(user, request=request)
        logout(request)
        messages.success(
            request,
            _(
                "Your account was deleted. Your published sightings and decisions "
                "remain, anonymously."
            ),
        )
        return redirect("species:observation-map")
    return render(request, "users/account_delete.html", {"form": form})
