"""The server: granian, and the gateway from its event loop to threads."""
