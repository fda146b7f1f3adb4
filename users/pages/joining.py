"""Signing up: django-allauth's page, asked again when two people take one address or name at once."""

from allauth.account.views import signup
from django.http import HttpRequest, HttpResponse

from users.forms import again_when_taken


def sign_up(request: HttpRequest) -> HttpResponse:
    return again_when_taken(signup, request)
