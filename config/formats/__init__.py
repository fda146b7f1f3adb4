"""Date formats where the portal's differ from Django's."""
