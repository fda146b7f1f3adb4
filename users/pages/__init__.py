"""The pages about people: sign-up and log-in are django-allauth's, the rest stands here."""
