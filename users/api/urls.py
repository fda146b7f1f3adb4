"""URLs of the accounts' API."""

from django.urls import path

from users.api import views

app_name = "auth"
urlpatterns = [
    path("csrf/", views.Csrf.as_view(), name="csrf"),
    path("register/", views.Register.as_view(), name="register"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("refresh/", views.Refresh.as_view(), name="refresh"),
    path("profiles/me/", views.Profile.as_view(), name="profile"),
    path("password/change/", views.PasswordChange.as_view(), name="password-change"),
    path("password/reset/", views.PasswordReset.as_view(), name="password-reset"),
    path(
        "password/reset/confirm/",
        views.PasswordResetConfirm.as_view(),
        name="password-reset-confirm",
    ),
    path("verify-email/", views.VerifyEmail.as_view(), name="verify-email"),
    path("verify-email/resend/", views.VerifyEmailResend.as_view(), name="verify-email-resend"),
    path("tokens/", views.Tokens.as_view(), name="tokens"),
    path("tokens/<uuid:key>/", views.Token.as_view(), name="token"),
]
