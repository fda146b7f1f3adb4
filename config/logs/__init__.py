"""The log on the console, and mails about errors."""
