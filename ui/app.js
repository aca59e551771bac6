// ui/app.js — all the script there is. Everything works without it.
//
// Runs under `trusted-types 'none'`: what is shown is made with createElement and textContent, never from markup.
// It stores nothing in the browser.
(() => {
	'use strict';
	const byRole = (role, root = document) => root.querySelectorAll(`[data-role="${role}"]`);
	const make = (name, className, text) => {
		const e = document.createElement(name);
		if (className) e.className = className;
		if (text) e.textContent = text;
		return e;
	};

	// A page kept by the Back button may show what is locked by now.
	addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });

	// Errors first: the reader is taken to the summary, and its links to the fields.
	const summary = byRole('errors')[0];
	if (summary) {
		summary.focus();
		summary.addEventListener('click', (e) => {
			const link = e.target.closest('a[href^="#"]');
			const field = link && document.getElementById(link.hash.slice(1));
			if (!field) return;
			e.preventDefault();
			(field.closest('.f') || field).scrollIntoView({ block: 'center' });
			field.focus({ preventScroll: true });
		});
	} else if (location.hash === '#kvitto') {
		const receipt = document.getElementById('kvitto');
		if (receipt) receipt.focus();
	}

	// The menu closes on Escape and on a click beside it.
	const burger = document.querySelector('.burger');
	if (burger) {
		addEventListener('keydown', (e) => {
			if (e.key !== 'Escape' || !burger.open) return;
			burger.open = false;
			burger.querySelector('summary').focus();
		});
		addEventListener('click', (e) => { if (!burger.contains(e.target)) burger.open = false; });
	}

	// Printing: the server has logged it; the button only opens the dialog.
	for (const b of byRole('print')) b.addEventListener('click', () => print());

	// A name that was opened closes after its seconds.
	for (const shown of document.querySelectorAll('[data-seconds]'))
		setTimeout(() => shown.remove(), 1000 * Number(shown.dataset.seconds));

	// ---- a form on a lost connection: the page stays, the text stays ----
	const reach = async () => {
		const stop = new AbortController();
		const late = setTimeout(() => stop.abort(), 4000);
		try {
			await fetch('/healthz', { cache: 'no-store', signal: stop.signal });
			return true;
		} catch {
			return false;
		} finally {
			clearTimeout(late);
		}
	};
	let sending = false;
	const send = (form, submitter) => {
		if (submitter && submitter.name) {
			const carried = make('input');
			carried.type = 'hidden';
			carried.name = submitter.name;
			carried.value = submitter.value;
			form.append(carried);
		}
		HTMLFormElement.prototype.submit.call(form);
	};
	for (const form of byRole('resend')) {
		const note = make('p', 'em offline');
		note.setAttribute('role', 'alert');
		form.append(note);
		form.addEventListener('submit', async (e) => {
			e.preventDefault();
			if (sending) return;
			sending = true;
			note.textContent = '';
			if (await reach()) {
				send(form, e.submitter);
				return;
			}
			sending = false;
			note.textContent = 'Ingen anslutning. Texten finns kvar här. Försök igen.';
		});
	}

	// ---- the lock: a warning, a way to go on, and what was typed goes with it ----
	const lockForm = byRole('lock')[0];
	const lockAfter = Number(document.body.dataset.lock);
	const warnBefore = Number(document.body.dataset.warn);
	if (!lockForm || !lockAfter) return;

	const post = (url) => fetch(url, {
		method: 'POST', redirect: 'manual', cache: 'no-store',
		body: new URLSearchParams({ _csrf: lockForm.elements._csrf.value }),
	});
	const others = 'BroadcastChannel' in window ? new BroadcastChannel('aktiv') : null;
	let last = Date.now(), told = Date.now(), touched = false, locking = false;
	const typed = new Set();
	for (const form of byRole('resend')) form.addEventListener('input', () => typed.add(form));

	const bar = make('div', 'lockbar');
	bar.setAttribute('role', 'alert');
	const words = make('span'), count = make('span', 'vh'), goOn = make('button', 'b', 'Fortsätt');
	count.setAttribute('aria-hidden', 'true');
	count.className = 'kod';
	goOn.type = 'button';

	const stayed = (t) => {
		last = t;
		bar.remove();
	};
	const keepAlive = async () => {
		told = Date.now();
		touched = false;
		try {
			const answer = await post('/aktiv');
			if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 423) lock();
			else if (answer.ok) {
				stayed(told);
				if (others) others.postMessage(told);
			}
		} catch {
			// Not reached: the clock runs on, and the server decides.
		}
	};
	// Hide first. Then lock, and send a half-written form after it: the server answers with the locked page,
	// which carries the text until it is unlocked. Nothing is saved on the way.
	const lock = async () => {
		if (locking) return;
		locking = true;
		document.querySelector('main').hidden = true;
		for (const s of document.querySelectorAll('.id, .prot, .quick, .sub')) s.hidden = true;
		bar.remove();
		const form = [...typed].find((f) => f.isConnected);
		try {
			const answer = await post('/las');
			if (form && (answer.type === 'opaqueredirect' || answer.ok || answer.status === 423 || answer.status === 401)) send(form);
			else location.assign('/last');
		} catch {
			const gate = make('div', 'gate');
			const again = make('button', 'b', 'Försök igen');
			again.type = 'button';
			gate.append(make('h1', '', 'Skärmen är låst'), make('p', '', 'Ingen anslutning. Texten finns kvar här. Försök igen.'), again);
			const main = document.querySelector('main');
			main.after(gate);
			again.focus();
			again.addEventListener('click', () => { gate.remove(); locking = false; lock(); });
		}
	};
	goOn.addEventListener('click', keepAlive);
	if (others) others.addEventListener('message', (e) => { if (e.data > last) stayed(e.data); });
	for (const kind of ['keydown', 'pointerdown', 'input'])
		addEventListener(kind, () => { touched = true; }, { passive: true, capture: true });

	setInterval(() => {
		if (locking) return;
		const now = Date.now(), left = Math.ceil(lockAfter - (now - last) / 1000);
		if (touched && now - told > 45000 && !bar.isConnected) keepAlive();
		if (left <= 0) lock();
		else if (left <= warnBefore) {
			if (!bar.isConnected) {
				words.textContent = `Skärmen låses om ${left} sekunder.`;
				bar.replaceChildren(words, count, goOn);
				document.body.append(bar);
			}
			count.textContent = `${left} s`;
		}
	}, 1000);
})();
