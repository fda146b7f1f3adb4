"""The account's address and whether its owner has proved it; django-allauth keeps the proof in
`EmailAddress`.
"""

from allauth.account.models import EmailAddress

from users.models import User


def is_verified(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def mark_verified(user: User) -> None:
    """The owner, or whoever runs the portal, vouches for the account's address."""
    proof = {"verified": True, "primary": True}
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=proof)


def forget_proof(user: User) -> None:
    """Somebody else wrote a new address into the account: its owner has yet to prove it."""
    EmailAddress.objects.filter(user=user).delete()
