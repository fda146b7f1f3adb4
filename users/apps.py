"""The app that holds the accounts."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"
