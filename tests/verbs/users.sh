#!/bin/sh
# tests/verbs/users.sh AVSTAMP ASK_SOCKET — started as root, vault and web have a user each, and web's cannot read the keys
# (DECISIONS 2). The control: root, and the vault's own user, can. Skipped (77) where there is no root, or no way for another user.
set -u
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
whole() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
avstamp=$(whole "$1") ask=$(whole "$2")
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && id nobody >/dev/null 2>&1 && id daemon >/dev/null 2>&1 || exit 77
work=$(mktemp -d /tmp/avstamp-users-XXXXXX)
chmod 711 "$work"
served=
stop() { [ -z "$served" ] || { kill "$served" 2>/dev/null; wait "$served" 2>/dev/null; }; served=; }
trap 'stop; rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0
true_that() { if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $*"; fi; }
not_that() { if "$@" 2>/dev/null; then failed=$((failed + 1)); echo "FAILED: this was possible: $*"; else passed=$((passed + 1)); fi; }
says() { words=$1; shift; "$@" >said 2>&1; true_that grep -q -- "$words" said; }
wait_for() { i=0; while [ $i -lt 300 ] && ! grep -qs "$2" "$1"; do sleep 0.1; i=$((i + 1)); done; grep -q "$2" "$1"; }
child_of() { # PARENT WORD
	for stat in /proc/[0-9]*/stat; do
		child=${stat#/proc/} child=${child%/stat}
		[ "$(sed 's/^.*) [A-Z] \([0-9]*\) .*/\1/' "$stat" 2>/dev/null)" = "$1" ] || continue
		case $(tr '\0' ' ' <"/proc/$child/cmdline" 2>/dev/null) in *"$2"*) echo "$child" ;; esac
	done
}
ids() { awk '/^Uid:/ { printf "%s %s %s ", $2, $3, $4 } /^Groups:/ { $1 = ""; print }' "/proc/$1/status"; }
owner() { stat -c '%U %a' "$1"; }
as() { who=$1; shift; setpriv --reuid "$who" --regid "$(id -g "$who")" --groups "$(id -g "$who"),$(id -g nobody)" "$@"; }
# Where / or /tmp is root's alone no other user comes anywhere, and there is nothing to compare.
as nobody test -x "$work" 2>/dev/null || { echo "another user than root cannot come to $work"; exit 77; }

mkdir usb
cat >answers <<'END'
keys_folder = usb
controller = Socialnämnden i Exempelköping
kind = social
municipality = 9999
officer = anna | Anna Exempel | behörighetsansvarig | en lång lösenfras ett
officer = bo | Bo Exempel | behörighetsansvarig | en lång lösenfras två
reviewer = cilla | Cilla Exempel | granskare | en lång lösenfras tre
custodian = David Exempel | lösenfrasen till filen
custodian = Eva Exempel | lösenfrasen till filen
custodian = Frida Exempel | lösenfrasen till filen
END
true_that "$avstamp" init --dir d --answers answers >said
says 'samma användare' "$avstamp" doctor --dir d
sed -i 's/^web_user = .*/web_user = nobody/; s/^vault_user = .*/vault_user = daemon/' d/avstamp.conf

# With the capabilities of packaging/avstamp.service and no others.
begin() {
	: >served.out # what the last one said is no sign of this one
	( ulimit -l 6000
	exec setpriv --no-new-privs --bounding-set=-all,+setuid,+setgid,+kill,+chown,+fowner,+dac_override "$avstamp" serve --dir d --listen 127.0.0.1:18479 >served.out 2>&1 ) &
	served=$!
	true_that wait_for served.out 'svarar på 127.0.0.1:18479'
}
begin
vault=$(child_of "$served" avstamp-vault) web=$(child_of "$served" web-process)
n=$(id -u nobody) d=$(id -u daemon) way=$(id -g nobody)
true_that [ "$(ids "$vault" | tr -s ' ' | sed 's/ $//')" = "$d $d $d $way" ]
true_that [ "$(ids "$web" | cut -d' ' -f1-3)" = "$n $n $n" ]
true_that [ "$(owner d)$(owner d/run)$(owner d/keys)$(owner d/shred)$(owner d/log)" = "root 710root 710daemon 700daemon 700daemon 700" ]
true_that [ "$(owner d/avstamp.db)$(owner d/avstamp.db-wal)$(owner d/keys/vault.key)" = "nobody 600nobody 600daemon 600" ]
says 'avstamp_vault_up 1' "$ask" d/run/metrics.sock 'GET /metrics HTTP/1.1\r\n\r\n'

# What each user can reach without any wall: exactly its own.
for file in keys/vault.key keys/log.key shred/keys log/000001.avl; do
	true_that test -s "d/$file"
	not_that as nobody cat "d/$file" >/dev/null
	true_that as daemon cat "d/$file" >/dev/null
done
not_that as nobody ls d/keys >/dev/null
not_that as nobody ls d >/dev/null
not_that as daemon cat d/avstamp.db >/dev/null
true_that as nobody cat d/avstamp.db >/dev/null
not_that as nobody touch d/keys/x
not_that as nobody touch d/x
not_that as nobody cat d/avstamp.conf >/dev/null
# Somebody else of the machine does not even get through the door.
not_that setpriv --reuid www-data --regid www-data --clear-groups cat d/keys/trust >/dev/null
not_that setpriv --reuid www-data --regid www-data --clear-groups stat d/avstamp.db >/dev/null
not_that as nobody kill -0 "$vault"

# Operators are root: verify and backup beside the service.
says 'Allt stämmer' "$avstamp" verify --dir d
says 'Spara raderna' "$avstamp" backup copy --dir d --shred copy.shred --keys copy.keys
"$avstamp" doctor --dir d >said 2>&1
not_that grep -q 'samma användare\|keys kan\|d kan' said
true_that grep -q 'Bara 6000 KiB' said # the service's limit, not the shell's

# A vault that dies is started again as the same user, and dies with its parent.
kill -9 "$vault"
i=0
while vault=$(child_of "$served" avstamp-vault); [ -z "$vault" ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
true_that [ "$(ids "$vault" | cut -d' ' -f1)" = "$d" ]
sleep 1
kill -9 "$served"
wait "$served" 2>/dev/null
served=
i=0
while [ -d "/proc/$vault" ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
not_that [ -d "/proc/$vault" ]

# What root has made in the meantime is handed over at the next start.
says 'Allt stämmer' "$avstamp" verify --dir d
touch d/keys/late.of.root && rm -f d/avstamp.db-wal d/avstamp.db-shm
begin
true_that [ "$(owner d/avstamp.db-wal)" = 'nobody 600' ]
true_that [ "$(stat -c %U d/keys/late.of.root)" = daemon ]
rm d/keys/late.of.root
stop
says 'Allt stämmer' "$avstamp" verify --dir d

# Stopped, root can look at all of it; who owns only a part is told so, and changes nothing.
mkdir -m 755 bin && cp "$avstamp" "$(dirname "$avstamp")/avstamp-vault" bin # where every user comes
refused() { # USER VERB...: ends with 1 and says whom to be
	who=$1
	shift
	as "$who" bin/avstamp "$@" --dir d >said 2>&1
	true_that [ $? = 1 ]
	true_that grep -q 'som root' said
	not_that grep -q 'avstamp init' said
}
before=$(ls -lR d)
for who in nobody daemon; do
	refused "$who" verify
	true_that grep -q 'både databasen och loggen' said
	for verb in 'verify --deep --as anna' doctor 'backup copy2' 'backup --keys copy2.keys' 'user list --as anna' serve; do
		refused "$who" $verb
	done
done
# Without the group the way in is closed already.
setpriv --reuid daemon --regid daemon --clear-groups bin/avstamp verify --dir d >said 2>&1
true_that [ $? = 1 ]
true_that grep -q 'både databasen och loggen' said
true_that [ "$before" = "$(ls -lR d)" ]
says 'Allt stämmer' "$avstamp" verify --dir d

# A link in the vault's place leads nobody anywhere.
touch victim && ln -s "$work/victim" d/keys/link
begin
true_that [ "$(stat -c %U victim)" = root ]
stop
rm d/keys/link
# Two names for one user are none.
sed -i 's/^vault_user = .*/vault_user = nobody/' d/avstamp.conf
: >served.out # what the last one said is no sign of this one
"$avstamp" serve --dir d --listen 127.0.0.1:18479 >served.out 2>&1 &
served=$!
true_that wait_for served.out 'finns inte båda två'
stop

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
