#!/bin/sh
# tests/verbs/package.sh PACKAGING — the package's own scripts, run by dpkg in a root of their own with a systemctl that is ours:
# an upgrade leaves the service running when it ran, and nothing takes the data directory away. Skipped (77) without dpkg.
set -u
scripts=$(cd "$1" && pwd)/debian
command -v dpkg >/dev/null && command -v dpkg-deb >/dev/null || { echo "no dpkg here"; exit 77; }
work=$(mktemp -d /tmp/avstamp-package-XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0
true_that() { if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $*"; fi; }
not_that() { if "$@"; then failed=$((failed + 1)); echo "FAILED: this was possible: $*"; else passed=$((passed + 1)); fi; }

mkdir -p bin root/var/lib/dpkg/info root/var/lib/dpkg/updates root/run/systemd/system
: >root/var/lib/dpkg/status
# The service is `active` or not; what is asked is kept in `asked`.
cat >bin/systemctl <<'END'
#!/bin/sh
cd "$(dirname "$0")/.." || exit 1
echo "$1" >>asked
case $1 in
start) : >active ;;
stop) rm -f active ;;
is-active) [ -e active ] ;;
esac
END
printf '#!/bin/sh\necho "sysusers $*" >>"$(dirname "$0")/../asked"\n' >bin/systemd-sysusers
chmod 755 bin/*
make_package() { # VERSION
	mkdir -p "p$1/DEBIAN" "p$1/usr/bin"
	echo "version $1" >"p$1/usr/bin/avstamp"
	cp "$scripts/postinst" "$scripts/prerm" "$scripts/postrm" "p$1/DEBIAN"
	chmod 755 "p$1/DEBIAN"/p*
	printf 'Package: avstamp\nVersion: %s\nArchitecture: all\nMaintainer: none\nDescription: none\n' "$1" >"p$1/DEBIAN/control"
	dpkg-deb --root-owner-group --build "p$1" "$1.deb" >/dev/null
}
# The scripts run here, not in a chroot, and see where their root is.
package() { : >asked; PATH=$work/bin:$PATH dpkg --root="$work/root" --force-script-chrootless --force-not-root --log=/dev/null "$@" >said 2>&1 || { cat said; false; }; }
asked() { [ "$(paste -sd' ' asked)" = "$1" ] || { echo "asked: $(paste -sd' ' asked)"; false; }; }
keep="root/var/lib/avstamp/keys/vault.key root/etc/systemd/system/multi-user.target.wants/avstamp.service"
enabled() { mkdir -p root/var/lib/avstamp/keys root/etc/systemd/system/multi-user.target.wants; for f in $keep; do echo kept >"$f"; done; }

make_package 1
make_package 2
true_that package -i 1.deb
true_that asked "sysusers --root=$work/root avstamp.conf daemon-reload"
not_that [ -e active ]
enabled

# Over itself and upwards: stopped meanwhile, and running again only when it ran.
true_that package -i 2.deb
not_that [ -e active ]
: >active
true_that package -i 2.deb
true_that [ -e active ]
true_that package -i 1.deb
true_that [ -e active ]
true_that asked "is-active stop daemon-reload sysusers --root=$work/root avstamp.conf daemon-reload start"
true_that grep -q 'version 1' root/usr/bin/avstamp
# An upgrade that is given up in the middle.
printf '#!/bin/sh\nexit 1\n' >p2/DEBIAN/preinst && chmod 755 p2/DEBIAN/preinst && dpkg-deb --root-owner-group --build p2 bad.deb >/dev/null
not_that package -i bad.deb
true_that [ -e active ]
true_that grep -q 'version 1' root/usr/bin/avstamp

# Taken away: the data stays, and with purge only the link that started it goes.
true_that package -r avstamp
not_that [ -e active ]
true_that asked 'stop daemon-reload'
not_that [ -e root/usr/bin/avstamp ]
for f in $keep; do true_that [ -e "$f" ]; done
true_that package -P avstamp
true_that [ -e root/var/lib/avstamp/keys/vault.key ]
not_that [ -e root/etc/systemd/system/multi-user.target.wants/avstamp.service ]
true_that package -i 2.deb
not_that [ -e active ]
true_that [ "$(cat root/var/lib/avstamp/keys/vault.key)" = kept ]
not_that [ -e root/run/avstamp.runs-again ]

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
