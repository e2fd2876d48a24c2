// Every page: for those who have it read aloud, in a narrow window, in longer words, within its budget.

import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { REPOSITORY, inTwoLanes, leads, openBrowser, openFreshHouse, openHouse, openWindow, pathOf, run, shoot } from './lib/house.mjs';
import { PASSWORD, Person, authenticatorCode, stepNow } from './lib/person.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// ---- the pages

// `route` as in the tables of the doors; `as` who looks; `at` the address, if it is not the route;
// `arrive` for pages that only a form leads to; `status` and `to` where they are not 200 and the address;
// `shot` for pages whose picture is kept.
const ROWS = [
  { route: '/', as: 'guest', shot: 'landing' },
  { route: '/', as: 'ana' },
  { route: '/agreements/api_use', as: 'guest', shot: 'agreement' },
  { route: '/agreements/api_use/{version}', as: 'guest', at: '/agreements/api_use/1' },
  { route: '/agreements/api_use/{version}', as: 'guest', at: '/agreements/api_use/99', status: 404 },

  { route: '/signup', as: 'guest', shot: 'sign-up' },
  { route: '/signup', as: 'guest', what: 'refused', arrive: sends('/signup', '/signup', { name: '', email: 'nobody' }), status: 422, shot: 'sign-up-refused' },
  { route: '/signup/sent', as: 'guest', shot: 'sign-up-sent' },
  { route: '/verify', as: 'guest', at: (links) => links.verify, shot: 'verify' },
  { route: '/verify', as: 'guest', what: 'refused', arrive: sends((links) => links.verify, '/verify', { password: 'short' }), status: 422 },
  { route: '/verify', as: 'guest', what: 'bad link', at: '/verify?t=nothing', status: 410, shot: 'bad-link' },
  { route: '/login', as: 'guest', shot: 'sign-in' },
  { route: '/login', as: 'guest', what: 'refused', arrive: sends('/login', '/login', { email: 'nobody@pages.example', password: 'whatever it was' }), status: 422, shot: 'sign-in-refused' },
  { route: '/login/code', as: 'half', shot: 'code' },
  { route: '/reset', as: 'guest' },
  { route: '/reset/sent', as: 'guest' },
  { route: '/reset/new', as: 'guest', at: (links) => links.reset },
  { route: '/setup', as: 'nobody-yet', at: (links) => links.setup, shot: 'setup' },
  { route: '/setup', as: 'nobody-yet', what: 'refused', arrive: sends((links) => links.setup, '/setup', { name: '', email: '', password: '' }), status: 422 },
  { route: '/setup', as: 'guest', what: 'bad link', at: '/setup?t=nothing', status: 410 },
  { route: '/invite', as: 'guest', at: (links) => links.invite, shot: 'invitation' },
  { route: '/invite', as: 'bo', what: 'for somebody else', at: (links) => links.invite, shot: 'invitation-other' },
  { route: '/account', as: 'ana', shot: 'profile' },
  { route: '/account/confirm', as: 'ana', shot: 'confirm' },
  { route: '/account/confirm', as: 'leo', what: 'with a code' },
  { route: '/account/security', as: 'ana', shot: 'security' },
  { route: '/account/security', as: 'leo', what: 'with a second factor' },
  { route: '/account/password', as: 'ana' },
  { route: '/account/email', as: 'ana' },
  { route: '/account/email/confirm', as: 'ana', at: (links) => links.email },
  { route: '/account/totp', as: 'ana', shot: 'authenticator' },
  { route: '/account/totp', as: 'leo', what: 'recovery codes', arrive: sends('/account/security', '/account/recovery', {}), shot: 'recovery' },

  { route: '/console', as: 'ana', shot: 'home' },
  { route: '/console', as: 'ana', what: 'with the menu of the account', at: '/console', menu: 'menu-account' },
  { route: '/console', as: 'ana', what: 'with the menu of languages and themes', at: '/console', menu: 'menu-view', shot: 'menu' },
  { route: '/console', as: 'ana', what: 'with the menu of developers', at: '/console', menu: 'menu-org' },
  { route: '/console', as: 'ana', what: 'with the navigation open', at: '/console', menu: 'nav', shot: 'navigation' },
  { route: '/console', as: 'ana', what: 'with a message', at: '/console?said=joined' },
  { route: '/console/start', as: 'chen', shot: 'start' },
  { route: '/console/start', as: 'chen', what: 'refused', arrive: sends('/console/start', '/console/start', {}), status: 422 },
  { route: '/console/start/information', as: 'eve', shot: 'information' },
  { route: '/console/start/information', as: 'eve', what: 'refused', arrive: sends('/console/start/information', '/console/start/information', {}), status: 422, shot: 'information-refused' },
  { route: '/console/apps', as: 'ana', shot: 'apps' },
  { route: '/console/developer', as: 'ana', shot: 'developer' },
  { route: '/console/developer', as: 'leo', what: 'read only' },
  { route: '/console/team', as: 'ana', shot: 'team' },
  { route: '/console/team', as: 'leo', what: 'as an engineer' },
  { route: '/console/team', as: 'ana', what: 'refused', arrive: sends('/console/team', '/console/team/invite', { email: 'nobody' }), status: 422 },
  { route: '/console/team/member', as: 'ana', at: (links) => links.member, shot: 'member' },
  { route: '/console/team/member', as: 'leo', what: 'not allowed', at: (links) => links.member, status: 403 },
  { route: '/console/activity', as: 'ana', shot: 'activity' },

  { route: '/desk', as: 'bo', shot: 'desk' },
  { route: '/desk', as: 'dee' },
  { route: '/desk', as: 'ana', what: 'not there for others', status: 404 },
  { route: '/desk/accounts', as: 'dee', shot: 'accounts' },
  { route: '/desk/accounts', as: 'dee', what: 'nothing found', at: '/desk/accounts?q=nobody-of-this-name' },
  { route: '/desk/audit', as: 'dee', shot: 'audit' },
  { route: '/desk/audit', as: 'dee', what: 'filtered', at: '/desk/audit?action=account.verified' },
  { route: '/desk/audit', as: 'dee', what: 'nothing found', at: '/desk/audit?action=nothing.of-this-name' },
  { route: '/desk/staff', as: 'dee', shot: 'staff' },
  { route: '/desk/staff', as: 'bo', what: 'not allowed', status: 403, shot: 'not-allowed' },
  { route: '/desk/staff', as: 'dee', what: 'refused', arrive: sends('/desk/staff', '/desk/staff', { email: 'nobody' }), status: 422 },
  { route: '/desk/mail', as: 'dee', shot: 'mail' },
  { route: '/desk/mail/edit', as: 'dee', at: '/desk/mail/edit?name=verify&language=en', shot: 'mail-edit' },
  { route: '/desk/mail/edit', as: 'dee', what: 'in Chinese', at: '/desk/mail/edit?name=invite&language=zh-CN' },
  { route: '/desk/mail/edit', as: 'dee', what: 'broken', arrive: sends('/desk/mail/edit?name=verify&language=en', '/desk/mail/edit', { body: '{{ broken' }), status: 422 },

  { route: '/demo', as: 'guest', shot: 'demo' },
  { route: '/demo', as: 'ana' },
  { route: '/demo/mailbox', as: 'guest', shot: 'mailbox' },
  { route: null, as: 'guest', at: '/nothing/here', status: 404, shot: 'not-found' },
  { route: null, as: 'ana', at: '/console/switch', what: 'not by this method', status: 405 },
];

// Routes of GET that are no pages.
const DATA = [
  { route: '/assets/{name}', at: '/assets/app.css', type: 'text/css' },
  { route: '/demo/mailbox.json', type: 'application/json' },
  { route: '/demo/openapi.json', type: 'application/json' },
];

// `pseudo`: in the longer pseudo-language. It is asked for by `?lang=`, so answers to forms are left out there.
const VIEWS = [
  { name: 'light', axe: true, strict: true },
  { name: 'dark', axe: true, colorScheme: 'dark' },
  { name: '320', axe: true, width: 320, height: 640 },
  { name: '320-longer', width: 320, height: 640, pseudo: true },
  { name: 'zh', shown: true, colorScheme: 'dark', lang: 'zh-CN', locale: 'zh-CN' },
  { name: '320-es', width: 320, height: 640, lang: 'es', locale: 'es-ES' },
];

function sends(from, action, values) {
  return async (person, links) => {
    await person.page.goto(typeof from === 'function' ? from(links) : from);
    await person.fill(values);
    const button = person.page.locator(`main form[action="${action}"] button:not([type="button"])`).first();
    return leads(person.page, () => button.click());
  };
}

const KB = 1_000;
const zipped = (body) => gzipSync(body, { level: 6 }).length;
const called = (row) => `${row.route ?? row.at} as ${row.as}${row.what ? `, ${row.what}` : ''}`;

// ---- the judge

await run(async (tally) => {
  const browser = await openBrowser();
  await tally.part('every route has a row', async () => routes(tally));
  await tally.part('this judge can hear', () => hearing(tally, browser));
  const house = await openHouse();
  const fresh = await openFreshHouse();
  let cast;
  await tally.part('the cast', async () => { cast = await prepare(tally, browser, house, fresh); });
  if (cast) {
    await tally.part('data', () => data(tally, house));
    const notes = new Map();
    // One after the other: the last two change the language of the accounts.
    for (const view of VIEWS) {
      await tally.part(view.name, () => walk(tally, browser, { house, fresh, cast, view, notes }));
    }
    for (const [note, where] of notes) console.log(`  note: ${note}, first on ${where[0]} (${where.length} times)`);
  }
  await browser.close();
}, { minutes: 8 });

/** What the doors' tables answer to GET, so that no page comes without a row here. */
function routes(tally) {
  const doors = join(REPOSITORY, 'doors');
  const files = readdirSync(doors, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[^/]+\/src\/.*\.rs$/.test(name));
  tally.ok(files.length > 10, 'the doors are found', files.length);
  const found = new Set();
  for (const file of files) {
    const text = readFileSync(join(doors, file), 'utf8');
    tally.ok(!/\.nest(_service)?\(/.test(text), `${file} nests no routes: this judge could not read them`);
    for (const match of text.matchAll(/\.route\(\s*"([^"]+)"\s*,/g)) {
      // The rest of the call, up to its closing bracket.
      let depth = 1;
      let at = match.index + match[0].length;
      const from = at;
      for (; depth > 0 && at < text.length; at += 1) {
        if (text[at] === '(') depth += 1;
        if (text[at] === ')') depth -= 1;
      }
      if (/\bget\(/.test(text.slice(from, at))) found.add(match[1]);
    }
  }
  const listed = new Set([...ROWS, ...DATA].map((row) => row.route).filter(Boolean));
  for (const route of found) tally.ok(listed.has(route), `${route} has a row in this judge`);
  for (const route of listed) tally.ok(found.has(route), `${route} is still a route of a door`);
}

/** Faults put in on purpose are told; otherwise silence would mean nothing. */
async function hearing(tally, browser) {
  const house = await openHouse();
  const window = await openWindow(browser, house, tally);
  const { page, trouble } = window;
  await page.goto('/');
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p><img src="/assets/nothing.png" alt="">');
    document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:9/x.png', alt: '' }));
    setTimeout(() => { throw new Error('thrown on purpose'); }, 0);
  });
  await page.waitForTimeout(700);
  const heard = trouble.join('\n');
  for (const what of ['style-src', 'img-src', '404 for', 'thrown on purpose']) {
    tally.ok(heard.includes(what), `it hears ${what}`, heard);
  }
  await page.evaluate(() => document.querySelector('h1').insertAdjacentHTML('afterend', '<input type="text"><button></button>'));
  tally.ok((await examine(page)).bad.length >= 2, 'axe finds a field without a label and a button without a name');
  await window.context.close();
  await house.close();
}

/** Brings everybody into the state that their pages need. Gives cookies and links. */
async function prepare(tally, browser, house, fresh) {
  const states = {};
  const links = { setup: fresh.setupLink };
  const person = async (lang = 'en', home = house) => {
    const window = await openWindow(browser, home, tally);
    return new Person(home, tally, window, { lang });
  };
  const keep = async (key, who) => {
    states[key] = await who.window.context.storageState();
    await who.window.close();
  };
  const become = async (key) => {
    const who = await person();
    await who.page.goto('/demo');
    await leads(who.page, () => who.page.locator(`nav.personas button[value="${key}"]`).click());
    return who;
  };

  const guest = await person();
  links.invite = (await house.letter('mei@lumen.example', 'invite')).links[0];
  await guest.open('/signup', 'sign up');
  await guest.send('/signup', { name: 'Vera', email: 'vera@pages.example' }, 'sign up sent');
  links.verify = (await house.letter('vera@pages.example', 'verify')).links[0];
  await guest.open('/reset', 'reset');
  await guest.send('/reset', { email: house.people.seller.email }, 'reset sent');
  links.reset = (await house.letter(house.people.seller.email, 'reset')).links[0];
  await guest.window.close();

  const eve = await person();
  await eve.signUp('Eve', 'eve@pages.example');
  await eve.send('/console/start', { agree: true }, 'information', { path: '/console/start/information' });
  await keep('eve', eve);

  const leo = await person();
  const invitation = (await house.letter('leo@lumen.example', 'invite')).links[0];
  await leo.signUp('Leo', 'leo@lumen.example');
  await leo.open(invitation, 'invitation');
  await leo.send('/invite', {}, 'home', { path: '/console' });
  await leo.open('/account/security', 'security');
  await leo.send('/account/totp/start', {}, 'authenticator');
  const secret = await leo.page.locator('#totp-secret').textContent();
  await leo.send('/account/totp', { code: authenticatorCode(secret, stepNow()) }, 'recovery codes');
  await keep('leo', leo);

  const half = await person();
  await half.signIn('leo@lumen.example', PASSWORD, 'code', { path: '/login/code' });
  await keep('half', half);

  const ana = await become('ana');
  await ana.open('/console/team', 'team');
  links.member = await ana.page.locator('a[href^="/console/team/member"]').getAttribute('href');
  await ana.open('/account/email', 'e-mail');
  await ana.send('/account/email', { email: 'ana@pages.example' }, 'security');
  links.email = (await house.letter('ana@pages.example', 'confirm-email')).links[0];
  await ana.send('/account/totp/start', {}, 'authenticator', { path: '/account/totp' });
  await keep('ana', ana);
  for (const key of ['bo', 'chen', 'dee']) await keep(key, await become(key));
  return { states, links };
}

async function data(tally, house) {
  for (const { route, at = route, type } of DATA) {
    const answer = await fetch(house.pages + at);
    tally.same(answer.status, 200, `${route}: status`);
    tally.ok(answer.headers.get('content-type')?.startsWith(type), `${route}: type`, answer.headers.get('content-type'));
    tally.same(answer.headers.get('x-content-type-options'), 'nosniff', `${route}: nosniff`);
    await answer.arrayBuffer();
  }
}

// ---- one view of all pages

async function walk(tally, browser, { house, fresh, cast, view, notes }) {
  const { name, axe, strict, pseudo, shown, lang = 'en', ...options } = view;
  const windows = new Map();
  const weights = new Map();
  const who = async (key) => {
    if (windows.has(key)) return windows.get(key);
    const home = key === 'nobody-yet' ? fresh : house;
    const window = await openWindow(browser, home, tally, { ...options, storageState: cast.states[key] });
    const person = new Person(home, tally, window, { lang: pseudo ? 'en-XA' : lang });
    const signedIn = cast.states[key] && key !== 'half';
    if (lang !== 'en' && signedIn) {
      // The account's own language goes before the browser's.
      await window.page.goto('/account');
      const menu = await person.menu('menu-view');
      await leads(window.page, () => menu.locator(`button[value="${lang}"]`).click());
    }
    windows.set(key, person);
    return person;
  };

  const look = async (row) => {
    const what = called(row);
    const person = await who(row.as);
    try {
      await visit(tally, { row, person, what, cast, view, weights, notes });
    } catch (error) {
      tally.ok(false, what, error.stack?.split('\n').slice(0, 6).join('\n'));
      await person.page.goto('about:blank').catch(() => {});
    }
  };
  // The wide view in Chinese is for the pictures; its widths are those of English or less.
  const rows = ROWS.filter((row) => !shown || row.shot).filter((row) => !pseudo || !row.arrive);
  // Everybody has one window, so who looks decides the lane.
  const lanes = [rows.filter((row) => ['ana', 'dee'].includes(row.as)), rows.filter((row) => !['ana', 'dee'].includes(row.as))];
  await inTwoLanes(lanes.map((lane) => async () => { for (const row of lane) await look(row); }));
  for (const person of windows.values()) await person.window.close();
}

async function visit(tally, { row, person, what, cast, view, weights, notes }) {
  const { page } = person;
  let response;
  if (row.arrive) {
    response = await row.arrive(person, cast.links);
  } else {
    const at = typeof row.at === 'function' ? row.at(cast.links) : (row.at ?? row.route);
    response = await page.goto(view.pseudo ? `${at}${at.includes('?') ? '&' : '?'}lang=en-XA` : at);
    const wanted = new URL(at, page.url()).pathname;
    tally.same(pathOf(page), wanted, `${what}: it opens and leads nowhere else`);
  }
  tally.same(response.status(), row.status ?? 200, `${what}: status`);

  if (row.menu) {
    const button = page.locator(`button[popovertarget="${row.menu}"]`).first();
    if (!(await page.locator(`#${row.menu}`).isVisible()) && (await button.isVisible())) await button.click();
  }
  await structure(tally, person, what);
  if (view.strict) await budget(tally, response, page, what, weights);
  if (view.axe) {
    const { bad, other } = await examine(page);
    tally.ok(bad.length === 0, `${what}: axe has nothing serious to say`, bad.join('\n'));
    for (const note of other) notes.set(note, [...(notes.get(note) ?? []), `${what} (${view.name})`]);
  }
  if (row.shot && ['light', 'dark', '320', 'zh'].includes(view.name)) {
    await shoot(page, `page-${row.shot}-${view.name}`, { fullPage: !row.menu });
  }
  if (view.width === 320) await spaced(tally, page, what);
}

async function structure(tally, person, what) {
  const found = await person.page.evaluate(() => {
    const over = [...document.querySelectorAll('body *')].filter((el) => {
      const box = el.getBoundingClientRect();
      return box.width > 0 && box.right > innerWidth + 1 && el.checkVisibility();
    });
    const shown = (el) => el.checkVisibility();
    const name = (el) => el.getAttribute('aria-label') || el.getAttribute('aria-labelledby') || '';
    const navs = [...document.querySelectorAll('nav')].filter(shown);
    const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(shown).map((h) => Number(h.tagName[1]));
    return {
      lang: document.documentElement.lang,
      title: document.title,
      heads: [...document.querySelectorAll('h1')].map((h) => h.textContent.trim()),
      mains: document.querySelectorAll('main').length,
      headers: document.querySelectorAll('body > header').length,
      footers: document.querySelectorAll('body > footer').length,
      first: document.querySelector('a, button, input')?.getAttribute('href'),
      navs: navs.length,
      named: new Set(navs.map(name).filter(Boolean)).size,
      skipped: levels.some((level, n) => level - (levels[n - 1] ?? 0) > 1 && n > 0),
      ids: [...document.querySelectorAll('[id]')].map((el) => el.id).filter((id, n, all) => all.indexOf(id) !== n),
      raw: /(?:^|\s)(?:\{\s*\$|undefined|NaN|\[object )/.test(document.body.innerText),
      wide: document.scrollingElement.scrollWidth - innerWidth,
      over: over.slice(0, 4).map((el) => `${el.tagName.toLowerCase()}.${el.className?.baseVal ?? el.className}`),
    };
  });
  tally.same(found.lang, person.lang, `${what}: language`);
  tally.ok(found.heads.length === 1 && found.heads[0].length > 0, `${what}: one heading of the first order`, found.heads.join(' | '));
  tally.ok(/.+ · .+/.test(found.title), `${what}: a title with the name of the house`, found.title);
  tally.same([found.mains, found.headers, found.footers], [1, 1, 1], `${what}: main, header and footer, each once`);
  tally.same(found.first, '#main', `${what}: the skip link comes first`);
  tally.same(found.named, found.navs, `${what}: each navigation has a name of its own`);
  tally.ok(!found.skipped, `${what}: no level of headings is skipped`);
  tally.same(found.ids, [], `${what}: no id twice`);
  tally.ok(!found.raw, `${what}: no innards of the program in the text`);
  tally.ok(found.wide <= 0, `${what}: nothing to scroll sideways`, `${found.wide} px too wide: ${found.over.join(', ')}`);
}

/** WCAG 1.4.12: with the reader's own spacing the page still fits. */
async function spaced(tally, page, what) {
  const wide = await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
      p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
    return document.scrollingElement.scrollWidth - innerWidth;
  });
  tally.ok(wide <= 0, `${what}: nothing to scroll sideways with wider spacing of text`, `${wide} px too wide`);
}

/** The findings of axe that must not be, and the others as notes. */
async function examine(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`),
    }));
  });
  const serious = (v) => v.impact === 'serious' || v.impact === 'critical';
  return {
    bad: found.filter(serious).map((v) => `${v.impact} ${v.id}: ${v.help}\n  ${v.nodes.slice(0, 5).join('\n  ')}`),
    other: found.filter((v) => !serious(v)).map((v) => `axe ${v.impact} ${v.id}: ${v.help} at ${v.nodes[0]}`),
  };
}

/** What the page weighs, and what it is sent with. */
async function budget(tally, response, page, what, weights) {
  const html = zipped(await response.body());
  tally.ok(html <= 30 * KB, `${what}: HTML within 30 kB`, html);
  const head = response.headers();
  const policy = head['content-security-policy'] ?? '';
  tally.ok(policy.includes("default-src 'none'") && !policy.includes('unsafe'), `${what}: a strict policy`, policy);
  tally.same(head['cache-control'], 'no-store', `${what}: kept nowhere`);
  tally.same([head['x-content-type-options'], head['referrer-policy']], ['nosniff', 'no-referrer'], `${what}: its other headers`);
  tally.ok(/^req_/.test(head['x-request-id'] ?? ''), `${what}: a request id`);
  const parts = await page.evaluate(() => ({
    css: [...document.querySelectorAll('link[rel=stylesheet]')].map((l) => l.href),
    js: [...document.querySelectorAll('script')].map((s) => s.src),
  }));
  for (const [kind, limit] of [['css', 20], ['js', 35]]) {
    let sum = 0;
    for (const url of parts[kind]) {
      if (!weights.has(url)) weights.set(url, zipped(Buffer.from(await (await fetch(url)).arrayBuffer())));
      sum += weights.get(url);
    }
    tally.ok(sum > 0 && sum <= limit * KB, `${what}: ${kind.toUpperCase()} within ${limit} kB`, sum);
  }
}
