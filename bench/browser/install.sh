#!/bin/sh
# Installs what the browser tests need and is missing: Chromium, fonts in which Chinese
# can be read (rare characters too), and pdftotext. On Debian and what comes from it by
# apt-get; elsewhere it says what to install and fails.
set -eu

missing=
need() { # command or font pattern, package
	case "$missing " in *" $2 "*) ;; *) missing="$missing $2" ;; esac
}
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
	command -v google-chrome-stable >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || need chromium chromium
# Its own controls in Chinese, where it is Debian's or will be.
if command -v dpkg >/dev/null 2>&1 && ! command -v google-chrome >/dev/null 2>&1; then
	[ -e /usr/lib/chromium/locales/zh-CN.pak ] || need zh-CN chromium-l10n
fi
command -v pdftotext >/dev/null 2>&1 || need pdftotext poppler-utils
if command -v fc-list >/dev/null 2>&1; then
	fc-list 2>/dev/null | grep -qi 'noto.*cjk' || need noto fonts-noto-cjk
	fc-list 2>/dev/null | grep -qi 'wqy' || need wqy fonts-wqy-zenhei
	# Names are written with characters of the extensions B to H too. A font that lacks one
	# prints a box, and nothing can be copied out of the PDF.
	[ -n "$(fc-list ':charset=2a6a5' 2>/dev/null)" ] || need U+2A6A5 fonts-babelstone-han
else
	need fc-list fontconfig
	need noto fonts-noto-cjk
	need wqy fonts-wqy-zenhei
	need U+2A6A5 fonts-babelstone-han
fi

if [ -z "$missing" ]; then
	echo "browser tests: everything is installed"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "browser tests: missing:$missing" >&2
	echo "This is no Debian. Install Chromium, the fonts Noto Sans CJK, WenQuanYi Zen Hei and BabelStone Han, and pdftotext (poppler) with this system's tools." >&2
	exit 1
fi
root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null 2>&1 || { echo "browser tests: missing:$missing; run as root: apt-get install$missing" >&2; exit 1; }
	root=sudo
fi
echo "browser tests: installing$missing"
$root apt-get update -q
# shellcheck disable=SC2086 # the names are a list
$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
for c in pdftotext; do
	command -v $c >/dev/null 2>&1 || { echo "browser tests: $c is still missing" >&2; exit 1; }
done
