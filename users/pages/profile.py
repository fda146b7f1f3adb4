"""A user's own pages: profile, role request and data export."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from users import roles
from users.adapter import set_language
from users.audit import Action, record
from users.models import Role, RoleRequest
from users.own_data import everything_about
from users.pages.forms import ProfileForm, RoleRequestForm
from users.pages.person_request import PersonRequest

SELECTIONS_PER_PAGE = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: PersonRequest) -> HttpResponse:
    """Show and save the user's profile."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        messages.success(request, _("Profile saved."))
        response = redirect("users:me")
        set_language(response, user)
        return response
    request.user.refresh_from_db()  # the frame shows the saved values
    saved = Paginator(request.user.saved_selections.newest_first(), SELECTIONS_PER_PAGE)
    return render(
        request,
        "users/me.html",
        {"form": form, "selections": saved.get_page(request.GET.get("page"))},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def role_request(request: PersonRequest) -> HttpResponse:
    """Request a role, and list earlier requests and the role's rights."""
    form = RoleRequestForm(request.POST or None, instance=RoleRequest(user=request.user))
    if request.method == "POST" and form.is_valid():
        try:
            roles.ask(request, form.instance)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _("Request sent. You'll get a reply by email."),
            )
            return redirect("users:role-request")
    asked = list(request.user.role_requests.newest_first().select_related("decided_by"))
    may_ask = request.user.role == Role.OBSERVER and not any(one.is_open for one in asked)
    told = Role.RESEARCHER if request.user.role == Role.OBSERVER else Role(request.user.role)
    context = {
        "form": form,
        "requests": asked,
        "may_ask": may_ask,
        "told": told.label,
        "rights": roles.rights_of(told),
    }
    return render(request, "users/role_request.html", context)


@login_required
@require_POST
def role_request_withdraw(request: PersonRequest) -> HttpResponse:
    roles.withdraw(request, request.user)
    messages.success(request, _("Request withdrawn."))
    return redirect("users:role-request")


@login_required
@require_safe
@never_cache
def own_data(request: PersonRequest) -> HttpResponse:
    """Return all data about the user as a JSON file."""
    record(Action.DATA_DOWNLOADED, request=request)
    text = json.dumps(everything_about(request.user), indent=2, ensure_ascii=False, default=str)
    name = f"{request.user.pk}-{timezone.now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="my-data-{name}"'}
    return HttpResponse(text, content_type="application/json", headers=headers)
