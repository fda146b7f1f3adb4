"""Public profiles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from users.models import User


@require_safe
def person_detail(request: HttpRequest, username: str) -> HttpResponse:
    """Show name, role and year; 404 without a public profile, whether or not the account exists."""
    person = get_object_or_404(User.objects.with_public_profile(username))
    return render(request, "users/person_detail.html", {"person": person})
