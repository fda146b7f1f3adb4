"""Pages about users; django-allauth provides those for sign-up and log-in."""
