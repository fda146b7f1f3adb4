"""The request of somebody who is logged in, for type checkers."""

from django.http import HttpRequest

from users.models import User


class PersonRequest(HttpRequest):
    user: User
