"""Sign-up by django-allauth, repeated if someone has just taken the address or the name."""

from allauth.account.views import signup
from django.http import HttpRequest, HttpResponse

from users.forms import again_when_taken


def sign_up(request: HttpRequest) -> HttpResponse:
    return again_when_taken(signup, request)
