// What every browser judge needs: a demo of its own, a browser, the letters, and a tally.

import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, existsSync, readFileSync, rmSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BINARY = process.env.GUILDHALL_BIN || join(REPOSITORY, 'target/debug/guildhall');

export const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

// ---- the tally

/** In which part one is: parts may run side by side. */
const where = new AsyncLocalStorage();
const path = () => where.getStore() ?? [];

/** Counts what was found. A failure is printed at once; the closing line counts. */
export class Tally {
  passed = 0;
  failed = 0;

  /** One finding. `detail` is printed only if it is not so. */
  ok(so, what, detail = '') {
    if (so) {
      this.passed += 1;
    } else {
      this.failed += 1;
      const more = detail === '' ? '' : `\n      ${String(detail).replaceAll('\n', '\n      ')}`;
      console.log(`FAILED ${[...path(), what].join(' > ')}${more}`);
    }
    return Boolean(so);
  }

  same(got, wanted, what) {
    const [a, b] = [got, wanted].map((v) => JSON.stringify(v));
    return this.ok(a === b, what, `wanted ${b}\nfound  ${a}`);
  }

  /** A part with a name; if it breaks off, that is a failure and the judge goes on with the next. */
  async part(name, body) {
    const start = Date.now();
    await where.run([...path(), name], async () => {
      await Promise.resolve().then(body).catch((error) => this.ok(false, 'broke off', brief(error)));
      console.log(`${path().join(' > ')}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
    });
  }
}

/** Does the tasks in their order, two at a time. */
export async function inTwoLanes(tasks) {
  const waiting = [...tasks];
  const lane = async () => { while (waiting.length) await waiting.shift()(); };
  await Promise.all([lane(), lane()]);
}

function brief(error) {
  const lines = String(error?.stack ?? error).split('\n');
  return lines.filter((line) => !line.includes('node_modules') && !line.includes('node:internal')).slice(0, 14).join('\n');
}

/** Runs a judge, prints the closing line and leaves with the right code, whatever happened. */
export async function run(body, { minutes = 5 } = {}) {
  const tally = new Tally();
  const closing = () => {
    console.log(`${tally.passed} passed, ${tally.failed} failed`);
    return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
  };
  const watch = setTimeout(() => {
    tally.ok(false, `not done after ${minutes} minutes`);
    process.exit(closing());
  }, minutes * 60_000);
  try {
    await body(tally);
  } catch (error) {
    tally.ok(false, 'the judge itself broke off', brief(error));
  }
  await Promise.all([...houses].map((house) => house.close()));
  clearTimeout(watch);
  process.exit(closing());
}

// ---- the house

const houses = new Set();
process.on('exit', () => { for (const house of houses) house.stop(); });
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => process.exit(code));
}

class House {
  #child;
  #folder = mkdtempSync(join(tmpdir(), 'guildhall-judge-'));
  #said = '';

  /** Waits until the binary has written `file`, which it does when it is ready. */
  async #start(args, file) {
    houses.add(this);
    this.#child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (piece) => { this.#said = (this.#said + piece).slice(-8_000); });
    }
    let broken = '';
    this.#child.on('error', (error) => { broken = String(error); });
    for (const end = Date.now() + 60_000; !existsSync(file) || readFileSync(file, 'utf8') === '';) {
      if (broken || this.#child.exitCode !== null || Date.now() > end) {
        throw new Error(`the house did not open: ${broken || this.#said || 'silence for a minute'}`);
      }
      await wait(30);
    }
    return readFileSync(file, 'utf8');
  }

  async openDemo() {
    const file = join(this.#folder, 'manifest.json');
    this.manifest = JSON.parse(await this.#start(['demo', '--port', '0', '--manifest', file], file));
    this.pages = this.manifest.pages;
    this.people = this.manifest.people;
    return this;
  }

  /** A house that nobody administers yet, as `serve` opens it for the first time. */
  async openFresh() {
    const [pages, operations] = await Promise.all([freePort(), freePort()]);
    this.pages = `http://127.0.0.1:${pages}`;
    const settings = {
      'data.folder': join(this.#folder, 'data'), 'site.public_url': this.pages,
      'listen.pages': `127.0.0.1:${pages}`, 'listen.operations': `127.0.0.1:${operations}`,
    };
    const args = ['serve', ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])];
    this.setupLink = (await this.#start(args, join(settings['data.folder'], 'setup-link.txt'))).trim();
    for (const end = Date.now() + 20_000; !(await fetch(this.pages).catch(() => null));) {
      if (Date.now() > end) throw new Error(`the house does not answer: ${this.#said}`);
      await wait(30);
    }
    return this;
  }

  stop(signal = 'SIGTERM') {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
  }

  async close() {
    const child = this.#child;
    this.stop();
    for (const end = Date.now() + 10_000; child && child.exitCode === null && child.signalCode === null;) {
      if (Date.now() > end) this.stop('SIGKILL');
      await wait(20);
    }
    houses.delete(this);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The letters to somebody, newest first. */
  async letters(to) {
    const answer = await fetch(`${this.pages}/demo/mailbox.json?to=${encodeURIComponent(to)}`);
    if (answer.status !== 200) throw new Error(`the mailbox answered ${answer.status}`);
    return (await answer.json()).letters;
  }

  /** Waits for the newest letter of a kind that is none of those already `seen`. */
  async letter(to, template, seen = []) {
    const known = new Set(seen.map((letter) => letter.id));
    for (const end = Date.now() + 10_000; ;) {
      const found = (await this.letters(to)).find((l) => l.template === template && !known.has(l.id));
      if (found) return found;
      if (Date.now() > end) throw new Error(`no letter "${template}" came to ${to}`);
      await wait(50);
    }
  }
}

export const openHouse = () => new House().openDemo();
export const openFreshHouse = () => new House().openFresh();

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// ---- the browser

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--force-color-profile=srgb',
];

export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: FLAGS });

/** A browser window of its own. Whatever goes wrong in it, unasked, is a failure of `tally`. */
export async function openWindow(browser, house, tally, options = {}) {
  const { width = 1280, height = 900, strict = true, ...rest } = options;
  const context = await browser.newContext({
    baseURL: house.pages, viewport: { width, height }, locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce', ...rest,
  });
  context.setDefaultTimeout(15_000);
  const trouble = [];
  const note = (what) => { if (strict && !trouble.includes(what)) trouble.push(what); };
  await context.exposeBinding('__violated', (_, what) => note(what));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => {
      globalThis.__violated?.(`CSP ${e.effectiveDirective} refused ${e.blockedURI} on ${location.pathname}`);
    });
  });
  context.on('request', (request) => {
    const url = request.url();
    const home = url.startsWith(`${house.pages}/`) || url.startsWith('data:') || url.startsWith('blob:') || url === 'about:blank';
    if (!home) note(`a request left the house: ${url}`);
  });
  context.on('requestfailed', (request) => {
    // Whoever goes on to the next page leaves behind what the last one was still loading.
    if (request.failure()?.errorText === 'net::ERR_ABORTED') return;
    note(`a request failed: ${request.method()} ${request.url()} (${request.failure()?.errorText})`);
  });
  context.on('response', (response) => {
    const status = response.status();
    // The status of a page is asserted where it is asked for; what a page loads must simply be there.
    if (status >= 500 || (status >= 400 && !response.request().isNavigationRequest())) note(`${status} for ${response.url()}`);
  });
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) return;
    note(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => note(`script: ${error.error()}`));
  const page = await context.newPage();
  return {
    context,
    page,
    trouble,
    async close() {
      tally.same(trouble, [], 'nothing went wrong in the browser unasked');
      await context.close();
    },
  };
}

/** Does something that leads to another page; gives the last response. */
export async function leads(page, act) {
  const [response] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), act()]);
  return response;
}

export const pathOf = (page) => new URL(page.url()).pathname;

/** Where pictures go, if anybody wants them. */
export async function shoot(page, name, options = {}) {
  const folder = process.env.GUILDHALL_SHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', ...options });
}
