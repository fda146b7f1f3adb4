"""URLs of the pages about users, beside django-allauth's below /accounts/."""

from django.urls import path

from users.pages import joining, leaving, moderation, people, profile, tokens

app_name = "users"
urlpatterns = [
    path("accounts/signup/", joining.sign_up, name="sign-up"),
    path("accounts/me/", profile.me, name="me"),
    path("accounts/me/data/", profile.own_data, name="own-data"),
    path("accounts/me/tokens/", tokens.token_list, name="token-list"),
    path("accounts/me/tokens/<uuid:key>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("accounts/me/delete/", leaving.account_delete, name="account-delete"),
    path("accounts/sessions/end/", leaving.sessions_end, name="sessions-end"),
    path("accounts/role/", profile.role_request, name="role-request"),
    path("accounts/role/withdraw/", profile.role_request_withdraw, name="role-request-withdraw"),
    path("people/<str:username>/", people.person_detail, name="person-detail"),
    path("moderation/requests/", moderation.request_list, name="request-list"),
    path("moderation/requests/<int:pk>/", moderation.request_detail, name="request-detail"),
]
