# Makefile — the builder's short commands; meson does the work. `make` lists them.

help:            ## this list
	@sed -n 's/^\([a-z-]*\): *[a-z -]*## */\1\t/p' Makefile | expand -t 15

build:           ## the program: build/avstamp and build/avstamp-vault
	@[ -f build/build.ninja ] || meson setup build
	ninja -C build

test: build      ## every test of the ordinary build (all of it: ./check)
	meson test -C build --print-errorlogs

bench: build     ## speed against the targets of docs/PERFORMANCE.md
	bench/run

# The tests of the vault start it again from a program that has a thread, which the sanitizer calls unsupported.
race:            ## all tests but the browser's under the thread sanitizer
	@[ -f build-race/build.ninja ] || CC=clang meson setup build-race -Dtest=true -Db_sanitize=thread -Db_lundef=false
	ninja -C build-race && TSAN_OPTIONS=die_after_fork=0 meson test -C build-race --no-suite browser --timeout-multiplier 6 --print-errorlogs

fuzz:            ## every fuzz target for SECONDS_EACH seconds (60)
	tests/fuzz/run $(or $(SECONDS_EACH),60)

power-cut:       ## IMAGES disk images as a power cut leaves them (2000)
	tests/power-cut $(or $(IMAGES),2000)

kill-loop:       ## KILLS kills of parent, web and vault under load (500)
	tests/kill-loop $(or $(KILLS),500)

two-worlds:      ## TRACES pairs of "no access" and "no such case" (200); TIMING=1 measures
	TIMING=$(TIMING) tests/two-worlds $(or $(TRACES),200)

flips:           ## FLIPS bytes flipped in database and log, each seen by verify or without effect (2000)
	tests/faults/run flips $(or $(FLIPS),2000)

coverage:        ## lines that the tests reach, into docs/COVERAGE.md
	tools/coverage

screens: build   ## a picture of every screen, into build/screens/
	tests/browser/screens

deb:             ## the Debian package of this machine, into build-deb/
	packaging/deb

lint:            ## the house's own rules and the arrows between rooms
	@[ -f build/build.ninja ] || meson setup build
	@ninja -C build --quiet tools/lint
	@build/tools/lint $$(find src tools tests bench -name '*.[ch]' 2>/dev/null | sort)
	@tools/arrows

format:          ## clang-format over what was changed since the last commit
	git diff --name-only --diff-filter=d HEAD -- '*.c' '*.h' | xargs -r clang-format -i

clean:           ## removes every build directory; demo-data stays
	rm -rf build build-*

.PHONY: help build test bench race fuzz power-cut kill-loop two-worlds flips coverage screens deb lint format clean
