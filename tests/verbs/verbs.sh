#!/bin/sh
# tests/verbs/verbs.sh AVSTAMP TOTP [MANUAL [CLOCKS [ASK_SOCKET]]] — every verb as an operator uses it, and as an operator gets it wrong.
set -u
# A process behind its walls cannot be looked through for leaks when it ends.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
# The test works in a folder of its own, so the programs' paths must not depend on where it began.
whole() { [ -z "$1" ] || echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
avstamp=$(whole "$1") totp=$(whole "$2") manual=$(whole "${3:-}") clocks=$(whole "${4:-}") ask=$(whole "${5:-}")
work=$(mktemp -d /tmp/avstamp-verbs-XXXXXX)
served=
stop() { [ -z "$served" ] || { kill "$served" 2>/dev/null; wait "$served" 2>/dev/null; }; served=; }
trap 'stop; rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

# expect CODE 'words of the output' command ... : both must fit. What it said stands in $work/said afterwards.
expect() {
	code=$1 words=$2
	shift 2
	"$@" >said 2>&1 </dev/null
	check "$?" "$code" "$words" "$*"
}
# The same with lines of input.
expect_with() {
	input=$1 code=$2 words=$3
	shift 3
	printf "$input" | "$@" >said 2>&1
	check "$?" "$code" "$words" "$*"
}
check() {
	if [ "$1" = "$2" ] && grep -q -- "$3" said; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $4: code $1, expected $2 and '$3'; it said:"
		sed 's/^/    /' said
	fi
}
true_that() {
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $*"; fi
}
wait_for() { # FILE WORDS
	i=0
	while [ $i -lt 600 ] && ! grep -qs "$2" "$1"; do sleep 0.1; i=$((i + 1)); done
	grep -q "$2" "$1"
}
child_of() { # PARENT WORD: the child whose command line begins with a program of this name
	for stat in /proc/[0-9]*/stat; do
		child=${stat#/proc/} child=${child%/stat}
		[ "$(sed 's/^.*) [A-Z] \([0-9]*\) .*/\1/' "$stat" 2>/dev/null)" = "$1" ] || continue
		case $(tr '\0' ' ' <"/proc/$child/cmdline" 2>/dev/null) in *"$2"*) echo "$child" ;; esac
	done
}
mode() { stat -c %a "$1"; }

# ---- help and wrong use
expect 0 'avstamp VERB' "$avstamp" help
expect 0 'Läser hela loggen' "$avstamp" verify --help
expect 0 '--answers FIL' "$avstamp" help init
expect 2 'inget verb' "$avstamp" dance
expect 2 'VERB' "$avstamp"
expect 2 '--dir KATALOG saknas' "$avstamp" serve
expect 2 'inget val för serve' "$avstamp" serve --colour red
expect 64 '--dir KATALOG saknas' "$avstamp" verify
expect 64 'hör ihop' "$avstamp" verify --dir . --deep
expect 2 'startas av avstamp serve' "$avstamp" web-process --dir . --listen x
expect 1 'finns inte' "$avstamp" serve --dir nowhere
mkdir strange && echo x >strange/file
expect 1 'inte tom' "$avstamp" simulate --dir strange --cases 1
expect 1 'ingen demo' "$avstamp" demo --dir strange

# ---- the manual pages are the help
if [ -n "$manual" ]; then
	mkdir pages && "$manual/make" "$avstamp" pages
	for page in pages/*; do true_that cmp -s "$page" "$manual/${page#pages/}"; done
fi

# ---- init
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
expect 2 'behöver en terminal' "$avstamp" init --dir d
true_that [ ! -e d ]
expect 1 'rad 1' "$avstamp" init --dir d --answers usb/../strange/file
expect 1 'inte tom' "$avstamp" init --dir strange --answers answers
expect 0 'Fingeravtryck' "$avstamp" init --dir d --answers answers
cp said init.out
begun=$(date +%s)
fingerprint=$(sed -n 's/^Fingeravtryck: //p' init.out)
secret=$(awk '/ anna / { print $NF }' init.out)
true_that [ "$(mode d)$(mode d/keys)$(mode d/shred)$(mode d/log)$(mode d/run)" = 700700700700700 ]
true_that [ "$(mode d/avstamp.db)$(mode d/keys/vault.key)$(mode usb/custodian-1-1.avk)" = 600600600 ]
true_that [ "$(ls usb | wc -l)" = 3 ]
expect 0 'Allt stämmer' "$avstamp" verify --dir d --trust "$fingerprint"
wrong=$(echo "$fingerprint" | tr 0-9a-f 1-9a-f0)
"$avstamp" verify --dir d --trust "$wrong" >said 2>&1 && echo "Allt stämmer" >>said
true_that grep -q 'annat fingeravtryck' said
expect 64 'fingeravtrycket' "$avstamp" verify --dir d --trust 12
expect 1 'riktig datakatalog' "$avstamp" demo --dir d --listen 127.0.0.1:18471

# ---- serve
expect 1 'kräver TLS' "$avstamp" serve --dir d --listen 0.0.0.0:18471
expect 1 'kräver TLS' "$avstamp" serve --dir d --listen 192.0.2.7:18471
cp d/avstamp.conf conf.before
echo 'colour = red' >>d/avstamp.conf
expect 1 'colour finns inte' "$avstamp" serve --dir d
cp conf.before d/avstamp.conf
: >served.out # what the last one said is no sign of this one
"$avstamp" serve --dir d --listen 127.0.0.1:18471 >served.out 2>&1 &
served=$!
true_that wait_for served.out 'svarar på 127.0.0.1:18471'
expect 1 'körs redan' "$avstamp" serve --dir d --listen 127.0.0.1:18472
expect 0 'Allt stämmer' "$avstamp" verify --dir d --trust "$fingerprint"
true_that [ "$(mode d/run/admin.sock)" = 600 ]

# ---- metrics: on the socket alone, and nothing in them that tells of anyone
metrics() { "$ask" d/run/metrics.sock "$1" >said 2>&1; }
metric() { sed -n "s/^avstamp_$1 \([0-9]*\)\r*$/\1/p" said; }
if [ -n "$ask" ]; then
	true_that [ "$(mode d/run/metrics.sock)" = 660 ]
	metrics 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'
	check $? 0 '^HTTP/1.1 200 OK' 'metrics'
	true_that [ "$(metric vault_up) $(metric vault_restarts_total) $(metric sessions_open)" = '1 0 0' ]
	true_that [ "$(metric log_entries)" -gt 0 ]
	entries=$(metric log_entries)
	# Every line is a comment or a name of the closed list with a number: no room for a name, an id or an address.
	true_that [ "$(sed '1,/^\r*$/d' said | grep -vcE '^# (HELP|TYPE) avstamp_|^avstamp_[a-z_]+(\{class="[1-5]xx"\})? [0-9]+$')" = 0 ]
	# Asking leaves no entry in the log.
	for i in 1 2 3 4 5; do metrics 'GET /metrics HTTP/1.0\n\n'; done
	true_that [ "$(metric log_entries)" -le $((entries + 1)) ]
	metrics 'GET /metrics?x HTTP/1.1\r\n\r\n'
	check $? 0 '^HTTP/1.1 404' 'metrics with a query'
	metrics 'GET / HTTP/1.1\r\n\r\n'
	check $? 0 '^HTTP/1.1 404' 'another page on the socket'
	metrics 'GET /min-dag HTTP/1.1\r\n\r\n'
	check $? 0 '^HTTP/1.1 404' 'a page of the service on the socket'
	metrics 'POST /metrics HTTP/1.1\r\n\r\n'
	check $? 0 '^HTTP/1.1 405' 'a post on the socket'
	metrics 'GET /metrics\r\n\r\n'
	check $? 0 '^HTTP/1.1 400' 'no version on the socket'
	metrics '\n\n'
	check $? 0 '^HTTP/1.1 400' 'nothing on the socket'
	head -c 6000 /dev/zero | tr '\0' x | "$ask" d/run/metrics.sock >said 2>&1
	check $? 0 '^HTTP/1.1 400' 'too much on the socket'
	# Whoever says nothing is left after two seconds, and does not stand in the next one's way.
	"$ask" d/run/metrics.sock 'GET' >said 2>&1
	true_that [ $? = 1 ]
	metrics 'GET /metrics HTTP/1.1\r\n\r\n'
	check $? 0 '^HTTP/1.1 200' 'metrics after a silent one'
	# A vault that dies is started again, and counted.
	kill -9 "$(child_of "$served" avstamp-vault)"
	i=0
	while metrics 'GET /metrics HTTP/1.1\r\n\r\n'; [ $i -lt 100 ] && [ "$(metric vault_restarts_total)$(metric vault_up)" != 11 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	true_that [ "$(metric vault_restarts_total)$(metric vault_up)" = 11 ]
fi

# ---- backup while it runs
expect 2 'Vart ska kopian' "$avstamp" backup --dir d
expect 1 'ligger i varandra' "$avstamp" backup d/copy --dir d
expect 1 'ligger i varandra' "$avstamp" backup --shred d/shred/copy --dir d
expect 0 'Spara raderna' "$avstamp" backup copy --dir d --shred copy.shred --keys copy.keys
sed -n '/^avstamp\//,$p' said >since
expect 1 'finns redan\|den finns' "$avstamp" backup copy --dir d
expect 0 'Allt stämmer' "$avstamp" verify --dir d --since since
true_that [ ! -e copy/keys ]
true_that [ ! -e copy/shred ]
expect 1 'Stoppa den' "$avstamp" restore copy --dir d
expect_with "en lång lösenfras ett\n000000\n" 1 'stämmer inte' "$avstamp" user list --dir d --as anna
kill "$served"
wait "$served"
true_that [ $? = 0 ]
served=
true_that [ ! -e d/run/admin.sock ]
true_that [ ! -e d/run/metrics.sock ]

# ---- user, with a vault of its own
# The codes of the founding and the one after them are spent (DECISIONS 52).
while [ $(($(date +%s) - begun)) -lt 65 ]; do sleep 1; done
expect_with "en lång lösenfras ett\n$("$totp" "$secret")\n" 0 'Anna Exempel' "$avstamp" user list --dir d --as anna --format csv
expect 2 'Ange list' "$avstamp" user dance --dir d --as anna
expect 2 'vem är du' "$avstamp" user list --dir d

# ---- restore: each part missing has its sentence
expect 1 'gallringsnycklarna saknas' "$avstamp" restore copy --dir r
expect 1 'valvets nycklar saknas' "$avstamp" restore copy --dir r --shred copy.shred
expect 1 'nyckelfil saknas' "$avstamp" restore copy --dir r --shred copy.shred --keys copy.keys
expect 1 'ingen hel säkerhetskopia' "$avstamp" restore usb --dir r --shred copy.shred
true_that [ ! -e r ]
expect_with "fel fras\n" 1 'öppnar inte' "$avstamp" restore copy --dir r --shred copy.shred --keys copy.keys --custodian usb/custodian-1-2.avk
rm -rf r
expect_with "lösenfrasen till filen\n" 0 'Kontrollärendet går att öppna' "$avstamp" restore copy --dir r --shred copy.shred --keys copy.keys --custodian usb/custodian-1-2.avk
expect 0 'återställdes' "$avstamp" verify --dir r --trust "$fingerprint"
expect 1 'redan en databas' "$avstamp" restore copy --dir r
# An old database put back without a word is found; restored by the verb it is not.
cp copy/avstamp.db d/avstamp.db && rm -f d/avstamp.db-wal d/avstamp.db-shm
"$avstamp" verify --dir d >said 2>&1
true_that [ $? = 6 ]
expect 0 'logg är nyare' "$avstamp" restore copy --dir d --replace
expect 0 'Allt stämmer' "$avstamp" verify --dir d --trust "$fingerprint"
# Shred keys of another directory open nothing.
mkdir usb2 && sed 's/usb/usb2/' answers >answers2
expect 0 'Fingeravtryck' "$avstamp" init --dir other --answers answers2
expect 0 'gallring' "$avstamp" backup --shred other.shred --dir other
rm -rf r
expect_with "lösenfrasen till filen\n" 1 'Valvet startade inte\|går inte att öppna' "$avstamp" restore copy --dir r --shred other.shred --keys copy.keys --custodian usb/custodian-1-2.avk

# ---- tampering
rm -rf t && cp -r d t
size=$(stat -c %s copy/log/000001.avl)
printf '\377' | dd of=t/log/000001.avl bs=1 seek=400 conv=notrunc 2>/dev/null
"$avstamp" verify --dir t >said 2>&1
code=$?
true_that [ "$code" -ge 1 ]
true_that grep -q 'post' said
rm -rf t && cp -r d t && rm t/log/checkpoint t/log/checkpoints
"$avstamp" verify --dir t >said 2>&1
true_that [ $? -ge 1 ]
true_that [ "$size" -gt 0 ]

# ---- doctor
chmod 755 d/keys
expect 1 'keys kan läsas' "$avstamp" doctor --dir d
chmod 700 d/keys
expect 1 'TLS' "$avstamp" doctor --dir d --format json
"$avstamp" doctor --dir d >said 2>&1
true_that [ "$(grep -c 'keys kan' said)" = 0 ]

# ---- demo and simulate
expect 0 'Akut boende i 10' "$avstamp" simulate --dir s --cases 20 --notes 2 --seed 3
expect 0 'Allt stämmer' "$avstamp" verify --dir s
expect 1 'påhittade uppgifter' "$avstamp" serve --dir s
if [ -n "$clocks" ]; then
	# Two clocks at once: the second finds the first one's rungs fired, and the log says the same as the rows.
	mkdir bin && cp "$clocks" bin/clocks && ln -s "$(dirname "$avstamp")/avstamp-vault" bin/avstamp-vault
	expect 0 ' 0 left' bin/clocks s
	expect 0 'Allt stämmer' "$avstamp" verify --dir s
fi
expect 1 'bara på den egna datorn' "$avstamp" demo --dir m --listen 0.0.0.0:18473
true_that [ ! -e m ]
: >served.out # what the last one said is no sign of this one
"$avstamp" demo --dir m --listen 127.0.0.1:18473 --accounts accounts.json >served.out 2>&1 &
served=$!
true_that wait_for served.out 'Ctrl-C'
true_that grep -q '"totp":null' accounts.json
true_that [ ! -e m.filling ]
demo_user() { "$avstamp" user "$@" --dir m --no-code; }
expect_with "olof-visar-avstamp\n" 0 'Maria Exempel' demo_user list --as olof
expect_with "maria-visar-avstamp\n" 1 '' demo_user add --as maria --login vera --name Vera --title samordnare --roles coordinator
expect_with "olof-visar-avstamp\n" 1 'Rollerna' demo_user add --as olof --login vera --name Vera --title samordnare --roles king
expect_with "olof-visar-avstamp\n" 1 'används redan' demo_user add --as olof --login maria --name Vera --title samordnare --roles coordinator
expect_with "olof-visar-avstamp\n" 0 'code' demo_user add --as olof --login vera --name 'Vera Ny' --title samordnare --roles coordinator
invitation=$(tail -n 1 said)
expect_with "AAAA-AAAA-AAAA-AAAA\nveras nya lösenfras\nveras nya lösenfras\n" 1 'stämmer inte' "$avstamp" user enrol --dir m --login vera
expect_with "$invitation\nveras nya lösenfras\nnågot annat här\n" 1 'inte lika' "$avstamp" user enrol --dir m --login vera
expect_with "$invitation\nveras nya lösenfras\nveras nya lösenfras\n" 0 'totp' "$avstamp" user enrol --dir m --login vera
expect_with "$invitation\nveras nya lösenfras\nveras nya lösenfras\n" 1 '' "$avstamp" user enrol --dir m --login vera
expect_with "olof-visar-avstamp\n" 0 'andra behörighetsansvariga' demo_user certify 'Vera Ny' --as olof
expect_with "olof-visar-avstamp\n" 1 '' demo_user certify 'Vera Ny' --as olof
expect_with "petra-visar-avstamp\n" 0 'av båda' demo_user certify 'Vera Ny' --as petra
expect_with "maria-visar-avstamp\n" 0 'nycklar lämnade' demo_user grant 'Vera Ny' --as maria
expect_with "olof-visar-avstamp\n" 0 'Vera Ny.*klart' demo_user list --as olof
expect_with "olof-visar-avstamp\n" 1 'ensamt om nycklarna' demo_user disable 'Gunnel Sagolik' --as olof
expect_with "olof-visar-avstamp\n" 1 'hittades inte' demo_user disable 'Ingen Alls' --as olof
expect_with "olof-visar-avstamp\n" 0 'stängt' demo_user disable 'Vera Ny' --as olof
stop
expect_with "maria-visar-avstamp\n\n" 0 ' 0 stämmer inte' "$avstamp" verify --dir m --deep --as maria
expect 0 'Allt stämmer' "$avstamp" verify --dir m
: >served.out # what the last one said is no sign of this one
"$avstamp" demo --dir m --listen 127.0.0.1:18473 >served.out 2>&1 &
served=$!
true_that wait_for served.out 'Ctrl-C'
true_that [ "$(grep -c 'fylldes' served.out)" = 0 ]
stop

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
