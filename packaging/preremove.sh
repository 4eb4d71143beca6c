#!/bin/sh
# The data stay: /var/lib/hedui and /etc/hedui are the centre's, not the package's.
set -e
if [ -d /run/systemd/system ] && [ "$1" = remove ]; then
	systemctl stop hedui.service || true
	systemctl disable hedui.service || true
fi
