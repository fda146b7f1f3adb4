"""The public profile of somebody who wished to have one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from users.models import User


@require_safe
def person_detail(request: HttpRequest, username: str) -> HttpResponse:
    """Name, role and year; 404 for everybody else, whether or not there is an account."""
    person = get_object_or_404(User.objects.with_public_profile(username))
    return render(request, "users/person_detail.html", {"person": person})
