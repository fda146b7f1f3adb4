"""Pages where moderators decide role requests of others."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from users import roles
from users.models import RoleRequest
from users.pages.forms import DecisionForm
from users.pages.person_request import PersonRequest

PER_PAGE = 50


def for_moderators(view):
    """Return the view for moderators: others log in first, or get 403."""
    return login_required(
        permission_required("users.decide_rolerequest", raise_exception=True)(view)
    )


@for_moderators
@require_safe
def request_list(request: PersonRequest) -> HttpResponse:
    """List open requests, oldest first, then decided ones, newest first."""
    asked = RoleRequest.objects.decidable_by(request.user).select_related("user", "decided_by")
    decided = Paginator(asked.decided().newest_first(), PER_PAGE)
    page = decided.get_page(request.GET.get("page"))
    context = {"waiting": asked.open().oldest_first()[:PER_PAGE], "page": page}
    return render(request, "users/request_list.html", context)


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def request_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a request with the form to decide it while it is open."""
    theirs = RoleRequest.objects.decidable_by(request.user).select_related("user", "decided_by")
    asked = get_object_or_404(theirs, pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            roles.decide(
                request, request.user, pk, form.cleaned_data["decision"], form.cleaned_data["note"]
            )
        except ValidationError as error:
            form.add_error(None, error)
            asked.refresh_from_db()
        else:
            messages.success(
                request, _("Decision sent to %(name)s.") % {"name": asked.user.shown_name}
            )
            return redirect("users:request-list")
    return render(request, "users/request_detail.html", {"asked": asked, "form": form})
