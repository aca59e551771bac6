#!/bin/sh
# tests/golden/ldd.sh — the libraries a program needs must be exactly those of its golden file.
#
#   tests/golden/ldd.sh PROGRAM GOLDEN
set -eu
found=$(ldd "$1" | sed -n 's/^[[:space:]]*\([a-z0-9_+-]*\.so[.0-9]*\) .*/\1/p' | grep -v '^linux-vdso' | sort)
wanted=$(grep -v '^#' "$2" | sort)
[ "$found" = "$wanted" ] && exit 0
echo "$1 needs these libraries:"
echo "$found"
echo "but $2 allows only these:"
echo "$wanted"
exit 1
