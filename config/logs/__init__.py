"""The log on the console and the mails about faults."""
