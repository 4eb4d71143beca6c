#!/bin/sh
# The account the service runs as, and the folders only it may read.
set -e
if ! getent passwd hedui >/dev/null; then
	useradd --system --home-dir /var/lib/hedui --no-create-home --shell /usr/sbin/nologin --user-group hedui
fi
install -d -m 0700 -o hedui -g hedui /var/lib/hedui
chown -R root:hedui /etc/hedui
chmod 0750 /etc/hedui
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
