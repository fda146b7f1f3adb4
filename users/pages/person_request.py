"""The request of a logged-in user, for type checkers."""

from django.http import HttpRequest

from users.models import User


class PersonRequest(HttpRequest):
    user: User
