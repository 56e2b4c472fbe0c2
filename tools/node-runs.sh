#!/bin/sh
# After "npm ci": the Node that comes with it must run here, or nothing else will. npm has put it first on the path.
if why=$(node -e 0 2>&1); then exit 0; fi
{
  echo
  echo "The Node 26 that was just installed (node_modules/.bin/node) does not run on this machine:"
  echo "  $why"
  case $why in
    *libatomic*) echo "Install the library that it needs. Debian and Ubuntu: apt-get install libatomic1. Fedora: dnf install libatomic" ;;
  esac
  echo
} >&2
exit 1
