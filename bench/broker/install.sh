#!/bin/sh
# Installs what a Kafka broker for the tests needs and is missing: Java, and Maven that
# fetches Kafka once. On Debian and what comes from it by apt-get; elsewhere it says what
# to install and fails. A broker that runs already needs none of it: KAFKA_BROKERS.
set -eu

if [ -n "${KAFKA_BROKERS:-}" ]; then
	echo "integration tests: the brokers of KAFKA_BROKERS"
	exit 0
fi
missing=
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
command -v mvn >/dev/null 2>&1 || missing="$missing maven"
if [ -z "$missing" ]; then
	echo "integration tests: everything is installed"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "integration tests: missing:$missing" >&2
	echo "This is no Debian. Install a Java runtime 17 or later and Maven with this system's tools, or name a running broker in KAFKA_BROKERS." >&2
	exit 1
fi
root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null 2>&1 || { echo "integration tests: missing:$missing; run as root: apt-get install$missing" >&2; exit 1; }
	root=sudo
fi
echo "integration tests: installing$missing"
$root apt-get update -q
# shellcheck disable=SC2086 # the names are a list
$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
