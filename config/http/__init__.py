"""Requests and responses: middleware, problem documents, throttles, bounds on work."""
