# syntax=docker/dockerfile:1
# build -> production (slim, the default), build -> dev (the tests' packages and Poetry; what docker-compose.yml runs).

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
    && install -d -o app -g app -m 0700 /var/lib/portal /run/portal \
    && install -d -o app -g app /var/log/portal
WORKDIR /app

FROM base AS build
RUN python -m venv /opt/poetry \
    && /opt/poetry/bin/pip install --no-cache-dir poetry==2.5.1 poetry-plugin-pypi-mirror==0.6.5 \
    && python -m venv --without-pip /opt/venv
COPY pyproject.toml poetry.lock ./
RUN poetry install --only main --no-interaction --no-cache
COPY . .
# The key serves this one command and is forgotten; no database is opened.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=postgis://build@localhost/build \
    python manage.py collectstatic --noinput

FROM build AS dev
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium libatomic1 \
    && rm -rf /var/lib/apt/lists/*
RUN poetry install --no-interaction --no-cache && chown -R app:app /opt/venv /opt/static
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["python", "config/docker/healthcheck.py"]
ENTRYPOINT ["sh", "config/docker/entrypoint.sh"]
CMD ["serve"]

FROM base AS production
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/static /opt/static
COPY --from=build /app /app
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["python", "config/docker/healthcheck.py"]
ENTRYPOINT ["sh", "config/docker/entrypoint.sh"]
CMD ["serve"]
