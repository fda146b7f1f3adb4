#!/bin/sh
# Starts a container of the portal: `serve`, `cron`, or any other command with the portal's settings.
set -eu

# The daemon of cron needs root; whatever belongs to the portal runs as its own user.
as_app() {
    if [ "$(id -u)" = 0 ]; then
        HOME=/home/app setpriv --reuid=app --regid=app --init-groups "$@"
    else
        "$@"
    fi
}

# Two containers can start at once on the same volume: a link is made by one of them only.
make_secret_key() {
    [ -z "${SECRET_KEY:-}" ] && [ -n "${SECRET_KEY_FILE:-}" ] && [ ! -s "$SECRET_KEY_FILE" ] || return 0
    as_app sh -c '
        umask 077
        fresh=$(mktemp "$SECRET_KEY_FILE.XXXXXX")
        python -c "import secrets; print(secrets.token_urlsafe(50))" > "$fresh"
        ln "$fresh" "$SECRET_KEY_FILE" 2>/dev/null || true
        rm -f "$fresh"'
}

serve() {
    python manage.py migrate --noinput
    export LANE_FOLDER="${LANE_FOLDER:-/run/portal/lanes}"
    set -- --host 0.0.0.0 --port 8000 --access-log
    case "${DEBUG:-}" in
        1 | [Tt]rue | [Yy]es | [Oo]n) set -- "$@" --reload ;;
    esac
    exec python -m config.server "$@"
}

# Cron gives its jobs no environment: they read this container's from a file that only their user can read.
cron() {
    if [ "$(id -u)" != 0 ]; then
        echo "The schedule's daemon must be root: set \`user: root\` for this container." >&2
        exit 1
    fi
    install -o app -g app -m 0600 /dev/null "$CRON_ENV_FILE"
    as_app sh -c 'export -p > "$CRON_ENV_FILE"'
    # A volume of an earlier release is open to every user; mails in the log may hold links that log people in.
    as_app sh -c 'umask 077; : >> "$CRON_LOG"; chmod 0600 "$CRON_LOG"; chmod 0700 "${CRON_LOG%/*}" || true'
    as_app python manage.py crontab add
    tail -n 0 -F "$CRON_LOG" &
    exec /usr/sbin/cron -f
}

make_secret_key
case "${1:-serve}" in
    serve) serve ;;
    cron) cron ;;
    *) exec "$@" ;;
esac
