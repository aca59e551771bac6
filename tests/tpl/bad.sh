#!/bin/sh
# tests/tpl/bad.sh TPLC — every template of bad/ is refused with exactly the sentence beside it, and leaves no C behind.
set -u
tplc=$(realpath "$1") || exit 1
cd "$(dirname "$0")/bad" || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
count=0
wrong=0
for page in *.html; do
	count=$((count + 1))
	if "$tplc" "$scratch/out.h" "$scratch/out.c" "$page" 2>"$scratch/said"; then
		echo "$page: was compiled"
		wrong=$((wrong + 1))
	elif ! cmp -s "$scratch/said" "${page%.html}.txt"; then
		echo "$page: said '$(cat "$scratch/said")'"
		echo "$page: not   '$(cat "${page%.html}.txt")'"
		wrong=$((wrong + 1))
	elif [ -e "$scratch/out.c" ]; then
		echo "$page: left C behind"
		wrong=$((wrong + 1))
	fi
done
# The control: a template that differs from a refused one in one sign only is compiled.
printf '@page fine\n@param str x\n<p title="{{x}}">y</p>\n' >"$scratch/fine.html"
if ! "$tplc" "$scratch/out.h" "$scratch/out.c" "$scratch/fine.html" || [ ! -s "$scratch/out.c" ]; then
	echo "the good template was refused"
	wrong=$((wrong + 1))
fi
echo "$count templates, $wrong wrong"
[ "$count" -gt 90 ] && [ "$wrong" -eq 0 ]
