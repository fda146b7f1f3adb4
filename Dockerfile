# packages -> build -> production (slim, the default); packages -> dev (with Poetry and what tests need); proxy (nginx).

FROM python:3.11-slim-bookworm AS proxy
RUN apt-get update \
    && apt-get install -y --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/*
COPY config/nginx/portal.conf config/docker/nginx.conf /etc/nginx/portal/
COPY config/docker/proxy.sh /usr/local/bin/
USER www-data
EXPOSE 8080
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 8080), 4)"]
ENTRYPOINT ["sh", "/usr/local/bin/proxy.sh"]

FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TZ=UTC \
    VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:/opt/poetry/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin \
    STATIC_ROOT=/opt/static \
    CRON_ENV_FILE=/run/portal/cron-env \
    CRON_LOG=/var/log/portal/cron.log
ARG UID=1000
# cron serves the container that runs the schedule. A container has no login session for pam_loginuid to note.
RUN apt-get update \
    && apt-get install -y --no-install-recommends cron \
    && rm -rf /var/lib/apt/lists/* \
    && sed -i '/pam_loginuid/s/^/#/' /etc/pam.d/cron \
    && useradd --uid ${UID} --create-home --shell /bin/sh app \
    && install -d -o app -g app -m 0700 /var/lib/portal /run/portal /var/log/portal
WORKDIR /app

# Built as `app`, which in the dev image may install packages; production copies the result as root's, read-only to it.
FROM base AS packages
RUN python -m venv /opt/poetry \
    && /opt/poetry/bin/pip install --no-cache-dir poetry==2.5.1 poetry-plugin-pypi-mirror==0.6.5 \
    && install -d -o app -g app /opt/venv /opt/static /app
USER app
RUN python -m venv --without-pip /opt/venv
COPY --chown=app:app pyproject.toml poetry.lock ./
RUN poetry install --only main --no-interaction --no-cache

FROM packages AS build
COPY --chown=app:app . .
# The key serves this one command and is forgotten; no database is opened.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=postgis://build@localhost/build \
    python manage.py collectstatic --noinput

FROM packages AS dev
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium libatomic1 make \
    && rm -rf /var/lib/apt/lists/*
USER app
RUN poetry install --no-interaction --no-cache
COPY --from=build --chown=app:app /opt/static /opt/static
COPY --chown=app:app . .
# Tests marked `host` need a PostgreSQL server's programs; `make test` runs them on a machine that has these.
ENV PYTEST_ADDOPTS="-m 'not chaos and not host'"
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=6 CMD ["python", "config/docker/healthcheck.py"]
ENTRYPOINT ["sh", "config/docker/entrypoint.sh"]
CMD ["serve"]

FROM base AS production
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/static /opt/static
COPY --from=build /app /app
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=6 CMD ["python", "config/docker/healthcheck.py"]
ENTRYPOINT ["sh", "config/docker/entrypoint.sh"]
CMD ["serve"]
