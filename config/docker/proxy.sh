#!/bin/sh
# Runs nginx in front of the backend with config/nginx/portal.conf. Proxies further out, named in TRUSTED_PROXIES, say
# who the visitor is and whether TLS was used; anybody else's word about that is dropped.
set -eu

mkdir -p /tmp/proxy
proxies=$(printf %s "${TRUSTED_PROXIES:-}" | tr ',' ' ')
case "$proxies" in
    *[!0-9a-fA-F.:/\ ]*)
        echo "TRUSTED_PROXIES must be addresses and networks with commas between, not '$TRUSTED_PROXIES'." >&2
        exit 1
        ;;
esac

{
    echo 'real_ip_header X-Forwarded-For;'
    echo 'real_ip_recursive on;'
    for proxy in $proxies; do echo "set_real_ip_from $proxy;"; done
    echo 'geo $realip_remote_addr $from_proxy {'
    echo '    default no;'
    for proxy in $proxies; do echo "    $proxy yes;"; done
    echo '}'
    echo 'map "$from_proxy $http_x_forwarded_proto" $visitor_scheme {'
    echo '    default $scheme;'
    echo '    "yes https" https;'
    echo '    "yes http" http;'
    echo '}'
    echo "map '' \$backend { default ${BACKEND:-backend:8000}; }"
} >/tmp/proxy/visitors.conf

sed -e 's|listen 80;|listen 8080;|' \
    -e '/listen \[::\]:80;/d' \
    -e 's|proxy_pass http://portal;|proxy_pass http://$backend;|' \
    -e 's|X-Forwarded-Proto $scheme;|X-Forwarded-Proto $visitor_scheme;|' \
    /etc/nginx/portal/portal.conf >/tmp/proxy/portal.conf

exec nginx -e stderr -c /etc/nginx/portal/nginx.conf -g 'daemon off;'
