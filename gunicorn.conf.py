"""What gunicorn reads by itself wherever it serves the portal, on this machine or in a container."""

# A map's address holds a drawn area and every filter. Longer ones than gunicorn can take are refused by the portal,
# which says why; what is longer still gets gunicorn's own 414.
limit_request_line = 8190
