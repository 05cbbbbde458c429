#!/bin/sh
# Install Chromium from Debian's archive where it is missing and that is possible.
if command -v chromium >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q >/dev/null
    exec apt-get install -q -y --no-install-recommends chromium >/dev/null
fi
echo "The tests of HTML pages need the program chromium; install it, as with: sudo apt install chromium" >&2
exit 1
