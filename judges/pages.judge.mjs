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
  { route: '/account/inbox', as: 'ana', shot: 'inbox' },
  { route: '/account/inbox', as: 'eve', what: 'empty' },
  { route: '/account/keys', as: 'ana', what: 'not there for developers', status: 404 },
  { route: '/account/keys', as: 'dee', shot: 'keys' },
  { route: '/account/keys', as: 'dee', what: 'refused', arrive: sends('/account/keys', '/account/keys', { name: '' }), status: 422 },
  { route: '/files/{id}', as: 'ana', at: '/files/nothing', status: 404 },
  { route: '/files/{id}', as: 'chen', what: 'of somebody else', at: (links) => links.file, status: 404 },

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
  { route: '/console/categories', as: 'ana', shot: 'categories' },
  { route: '/console/categories', as: 'leo', what: 'as an engineer' },
  { route: '/console/company', as: 'ana', shot: 'company' },
  { route: '/console/requests', as: 'ana', shot: 'requests' },
  { route: '/console/requests/{id}', as: 'ana', what: 'draft', at: (links) => links.draft, shot: 'request-draft' },
  { route: '/console/requests/{id}', as: 'ana', what: 'pending', at: (links) => links.pending, shot: 'request-pending' },
  { route: '/console/requests/{id}', as: 'ana', what: 'approved', at: (links) => links.approved, shot: 'request-approved' },
  { route: '/console/requests/{id}', as: 'ana', what: 'unknown', at: '/console/requests/nothing', status: 404 },
  { route: '/console/requests/{id}', as: 'ana', what: 'refused', arrive: sends((links) => links.pending, (links) => `${links.pending}/answer`, { text: '' }), status: 422 },
  { route: '/console/requests/{id}/edit', as: 'ana', at: (links) => `${links.draft}/edit`, shot: 'questions' },
  { route: '/console/requests/{id}/edit', as: 'ana', what: 'refused', arrive: sends((links) => `${links.draft}/edit`, (links) => `${links.draft}/edit`, { a_contact_name: '' }), status: 422, shot: 'questions-refused' },
  { route: '/console/requests/{id}/check', as: 'ana', at: (links) => `${links.draft}/check`, shot: 'check-answers' },
  { route: '/console/requests/{id}/check', as: 'ana', what: 'refused', arrive: sends((links) => `${links.draft}/check`, (links) => `${links.draft}/submit`, {}), status: 422, shot: 'check-answers-refused' },
  { route: '/console/requests/{id}/sent', as: 'ana', at: (links) => `${links.pending}/sent`, shot: 'request-sent' },
  { route: '/console/apps', as: 'ana', shot: 'apps' },
  { route: '/console/apps/new', as: 'ana', at: (links) => links.newApp, shot: 'app-new' },
  { route: '/console/apps/new', as: 'ana', what: 'refused', arrive: sends((links) => links.newApp, '/console/apps/new', { name: '', callbacks: 'nowhere' }), status: 422, shot: 'app-new-refused' },
  { route: '/console/apps/new', as: 'ana', what: 'for no request', at: '/console/apps/new', status: 404 },
  { route: '/console/apps/{id}', as: 'ana', at: (links) => links.app, shot: 'app' },
  { route: '/console/apps/{id}', as: 'leo', what: 'as an engineer', at: (links) => links.app },
  { route: '/console/apps/{id}', as: 'ana', what: 'unknown', at: '/console/apps/nothing', status: 404 },
  { route: '/console/apps/{id}/credentials', as: 'ana', at: (links) => `${links.app}/credentials`, shot: 'app-credentials' },
  { route: '/console/apps/{id}/credentials', as: 'ana', what: 'refused', arrive: sends((links) => `${links.app}/credentials`, (links) => `${links.app}/addresses`, { rules: 'nowhere' }), status: 422 },
  { route: '/console/apps/{id}/authorization', as: 'ana', at: (links) => `${links.app}/authorization`, shot: 'app-authorization' },
  { route: '/console/apps/{id}/authorization', as: 'ana', what: 'refused', arrive: sends((links) => `${links.app}/authorization`, (links) => `${links.app}/authorization`, { sellers: '???' }), status: 422 },
  { route: '/console/apps/{id}/permissions', as: 'ana', at: (links) => `${links.app}/permissions`, shot: 'app-permissions' },
  { route: '/console/apps/{id}/limits', as: 'ana', at: (links) => `${links.app}/limits`, shot: 'app-limits' },
  { route: '/console/apps/{id}/live', as: 'ana', at: (links) => `${links.app}/live`, shot: 'app-live' },
  { route: '/console/apps/{id}/settings', as: 'ana', at: (links) => `${links.app}/settings`, shot: 'app-settings' },
  { route: '/console/apps/{id}/settings', as: 'ana', what: 'refused', arrive: sends((links) => `${links.app}/settings`, (links) => `${links.app}/settings`, { name: '' }), status: 422 },
  { route: '/console/developer', as: 'ana', shot: 'developer' },
  { route: '/console/developer', as: 'leo', what: 'read only' },
  { route: '/console/team', as: 'ana', shot: 'team' },
  { route: '/console/team', as: 'leo', what: 'as an engineer' },
  { route: '/console/team', as: 'ana', what: 'refused', arrive: sends('/console/team', '/console/team/invite', { email: 'nobody' }), status: 422 },
  { route: '/console/team/member', as: 'ana', at: (links) => links.member, shot: 'member' },
  { route: '/console/team/member', as: 'leo', what: 'not allowed', at: (links) => links.member, status: 403 },
  { route: '/console/activity', as: 'ana', shot: 'activity' },
  { route: '/console/sellers', as: 'ana', shot: 'test-sellers' },
  { route: '/console/tickets', as: 'ana', shot: 'tickets' },
  { route: '/console/tickets/new', as: 'ana', shot: 'ticket-new' },
  { route: '/console/tickets/new', as: 'ana', what: 'refused', arrive: sends('/console/tickets/new', '/console/tickets/new', { subject: '', text: '' }), status: 422 },
  { route: '/console/tickets/{id}', as: 'ana', at: (links) => links.ticket, shot: 'ticket' },
  { route: '/console/tickets/{id}', as: 'ana', what: 'refused', arrive: sends((links) => links.ticket, (links) => links.ticket, { text: '' }), status: 422 },
  { route: '/console/tickets/{id}', as: 'ana', what: 'unknown', at: '/console/tickets/nothing', status: 404 },

  { route: '/desk', as: 'bo', shot: 'desk' },
  { route: '/desk', as: 'dee' },
  { route: '/desk', as: 'ana', what: 'not there for others', status: 404 },
  { route: '/desk/queue', as: 'bo', shot: 'queue' },
  { route: '/desk/queue', as: 'dee', what: 'nothing found', at: '/desk/queue?q=nothing-of-this-name' },
  { route: '/desk/requests/{id}', as: 'bo', at: (links) => links.item, shot: 'item' },
  { route: '/desk/requests/{id}', as: 'bo', what: 'decided', at: (links) => links.decided, shot: 'item-decided' },
  { route: '/desk/requests/{id}', as: 'bo', what: 'unknown', at: '/desk/requests/nothing', status: 404 },
  { route: '/desk/requests/{id}/decide', as: 'bo', what: 'approve', at: (links) => `${links.item}/decide?as=approve`, shot: 'decide-approve' },
  { route: '/desk/requests/{id}/decide', as: 'bo', what: 'changes', at: (links) => `${links.item}/decide?as=needs_changes`, shot: 'decide-changes' },
  { route: '/desk/requests/{id}/decide', as: 'bo', what: 'reject', at: (links) => `${links.item}/decide?as=reject` },
  { route: '/desk/requests/{id}/done', as: 'bo', at: (links) => `${links.decided}/done`, shot: 'decided' },
  { route: '/desk/reasons', as: 'bo', shot: 'reasons' },
  { route: '/desk/reasons/edit', as: 'bo', what: 'new', shot: 'reason-new' },
  { route: '/desk/reasons/edit', as: 'bo', at: (links) => links.reason, shot: 'reason' },
  { route: '/desk/reasons/edit', as: 'bo', what: 'refused', arrive: sends('/desk/reasons/edit', '/desk/reasons/edit', { title_en: '' }), status: 422 },
  { route: '/desk/figures', as: 'bo', shot: 'figures' },
  { route: '/desk/figures', as: 'dee', what: 'of ninety days', at: '/desk/figures?days=90' },
  { route: '/desk/categories', as: 'dee', shot: 'desk-categories' },
  { route: '/desk/categories', as: 'bo', what: 'not allowed', status: 403 },
  { route: '/desk/categories/new', as: 'dee', shot: 'category-new' },
  { route: '/desk/categories/new', as: 'dee', what: 'refused', arrive: sends('/desk/categories/new', '/desk/categories/new', {}), status: 422 },
  { route: '/desk/categories/{id}', as: 'dee', at: (links) => links.category, shot: 'category' },
  { route: '/desk/categories/{id}', as: 'dee', what: 'unknown', at: '/desk/categories/nothing', status: 404 },
  { route: '/desk/categories/{id}/basics', as: 'dee', at: (links) => `${links.category}/basics`, shot: 'category-basics' },
  { route: '/desk/categories/{id}/terms', as: 'dee', at: (links) => `${links.category}/terms`, shot: 'category-terms' },
  { route: '/desk/categories/{id}/groups', as: 'dee', at: (links) => `${links.category}/groups`, shot: 'category-groups' },
  { route: '/desk/categories/{id}/form', as: 'dee', at: (links) => `${links.category}/form`, shot: 'category-form' },
  { route: '/desk/categories/{id}/field', as: 'dee', what: 'new', at: (links) => `${links.category}/field`, shot: 'category-field' },
  { route: '/desk/categories/{id}/field', as: 'dee', at: (links) => links.field },
  { route: '/desk/categories/{id}/field', as: 'dee', what: 'refused', arrive: sends((links) => `${links.category}/field`, (links) => `${links.category}/field`, {}), status: 422 },
  { route: '/desk/categories/{id}/preview', as: 'dee', at: (links) => `${links.category}/preview`, shot: 'category-preview' },
  { route: '/desk/categories/{id}/apps', as: 'dee', at: (links) => `${links.category}/apps`, shot: 'category-apps' },
  { route: '/desk/groups', as: 'dee', shot: 'groups' },
  { route: '/desk/groups/new', as: 'dee' },
  { route: '/desk/groups/new', as: 'dee', what: 'refused', arrive: sends('/desk/groups/new', '/desk/groups/new', {}), status: 422 },
  { route: '/desk/groups/{id}', as: 'dee', at: (links) => links.group, shot: 'group' },
  { route: '/desk/apps', as: 'dee', shot: 'desk-apps' },
  { route: '/desk/apps', as: 'dee', what: 'nothing found', at: '/desk/apps?q=nothing-of-this-name' },
  { route: '/desk/apps/{id}', as: 'dee', at: (links) => links.deskApp, shot: 'desk-app' },
  { route: '/desk/apps/{id}', as: 'dee', what: 'refused', arrive: sends((links) => links.deskApp, (links) => links.deskApp, {}), status: 422 },
  { route: '/desk/sellers', as: 'dee', shot: 'sellers' },
  { route: '/desk/sellers', as: 'dee', what: 'nothing found', at: '/desk/sellers?q=nothing-of-this-name' },
  { route: '/desk/sellers/new', as: 'dee', shot: 'seller-new' },
  { route: '/desk/sellers/new', as: 'dee', what: 'refused', arrive: sends('/desk/sellers/new', '/desk/sellers/new', {}), status: 422 },
  { route: '/desk/sellers/import', as: 'dee', shot: 'sellers-import' },
  { route: '/desk/sellers/import', as: 'dee', what: 'refused', arrive: sends('/desk/sellers/import', '/desk/sellers/import', {}), status: 422 },
  { route: '/desk/sellers/{id}', as: 'dee', at: (links) => links.seller, shot: 'seller' },
  { route: '/desk/tickets', as: 'dee', shot: 'desk-tickets' },
  { route: '/desk/tickets/{id}', as: 'dee', at: (links) => links.deskTicket, shot: 'desk-ticket' },
  { route: '/desk/tickets/{id}', as: 'dee', what: 'refused', arrive: sends((links) => links.deskTicket, (links) => links.deskTicket, { text: '' }), status: 422 },
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

// Routes of GET that are no pages. `as` and `status` as above.
const DATA = [
  { route: '/files/{id}', as: 'ana', at: (links) => links.file, type: 'text/plain' },
  { route: '/files/{id}', as: 'dee', at: (links) => links.file, type: 'text/plain' },
  { route: '/desk/sellers/export.csv', as: 'dee', type: 'text/csv' },
  { route: '/api/openapi.json', type: 'application/json' },
  { route: '/api/v1/sellers', status: 401, type: 'application/json' },
  { route: '/api/v1/sellers/{short_code}', at: '/api/v1/sellers/nothing', status: 401, type: 'application/json' },
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
    const [start, goal] = [from, action].map((path) => (typeof path === 'function' ? path(links) : path));
    await person.page.goto(start);
    await person.fill(values);
    const button = person.page.locator(`main form[action="${goal}"] button:not([type="button"])`).first();
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
    await tally.part('data', () => data(tally, house, cast));
    const notes = new Map();
    // One after the other: the last two change the language of the accounts.
    for (const view of VIEWS) {
      await tally.part(view.name, () => walk(tally, browser, { house, fresh, cast, view, notes }));
    }
    for (const [note, where] of notes) console.log(`  note: ${note}, first on ${where[0]} (${where.length} times)`);
  }
  await browser.close();
}, { minutes: 9 });

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
  const [bo, dee] = [await become('bo'), await become('dee')];
  Object.assign(links, await requests(ana, bo), await lists(dee));
  await keep('ana', ana);
  await keep('bo', bo);
  await keep('dee', dee);
  await keep('chen', await become('chen'));
  return { states, links };
}

/** The address behind a link of a page; the first, if there are more. */
async function linkOn(person, at, selector) {
  await person.open(at, '');
  return person.page.locator(`main ${selector}`).first().getAttribute('href');
}

/** Ana's app, her ticket with a file, and a Request of hers in each state: Bo approves one. */
async function requests(ana, bo) {
  const app = await linkOn(ana, '/console/apps', 'a[href^="/console/apps/app_"]');
  const ticket = await linkOn(ana, '/console/tickets', 'a[href^="/console/tickets/tkt_"]');
  await ana.open(ticket, '');
  const buffer = Buffer.from('Orders of the last three days, as they came.\n');
  await ana.page.locator('main input[type=file]').setInputFiles({ name: 'orders.txt', mimeType: 'text/plain', buffer });
  await ana.send(ticket, { text: 'Here is what we received.' }, '');
  const file = await linkOn(ana, ticket, 'a[href^="/files/"]');

  const item = await linkOn(bo, '/desk/queue', 'a[href^="/desk/requests/rq_"]');
  const pending = item.replace('/desk/', '/console/');
  const approved = await linkOn(ana, '/console/categories', 'a.btn-primary[href^="/console/requests/rq_"]');
  await ana.open(`${approved}/edit`, '');
  await ana.send(`${approved}/edit`, { a_reason: 'Our customers ask for it.' }, '', { path: `${approved}/check` });
  await ana.send(`${approved}/submit`, {}, '', { path: `${approved}/sent` });
  const decided = approved.replace('/console/', '/desk/');
  await bo.open(`${decided}/decide?as=approve`, '');
  await bo.send(`${decided}/decide`, {}, '', { path: `${decided}/done` });
  const newApp = await linkOn(ana, '/console/categories', 'a[href^="/console/apps/new?request="]');
  await ana.send('/console/requests/begin', {}, '');
  const draft = pathOf(ana.page).replace(/\/edit$/, '');
  return { app, ticket, file, item, pending, approved, decided, newApp, draft };
}

/** One of each kind that the staff has lists of. */
async function lists(dee) {
  const category = await linkOn(dee, '/desk/categories', 'a[href^="/desk/categories/cat_"]');
  return {
    category,
    field: await linkOn(dee, `${category}/form`, 'a[href*="/field?key="]'),
    group: await linkOn(dee, '/desk/groups', 'a[href^="/desk/groups/grp_"]'),
    reason: await linkOn(dee, '/desk/reasons', 'a[href^="/desk/reasons/edit?id="]'),
    deskApp: await linkOn(dee, '/desk/apps', 'a[href^="/desk/apps/app_"]'),
    seller: await linkOn(dee, '/desk/sellers', 'a[href^="/desk/sellers/sel_"]'),
    deskTicket: await linkOn(dee, '/desk/tickets', 'a[href^="/desk/tickets/tkt_"]'),
  };
}

async function data(tally, house, { states, links }) {
  for (const { route, as, at = route, status = 200, type } of DATA) {
    const path = typeof at === 'function' ? at(links) : at;
    const cookie = (states[as]?.cookies ?? []).map((c) => `${c.name}=${c.value}`).join('; ');
    const answer = await fetch(house.pages + path, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    const what = as ? `${route} as ${as}` : route;
    tally.same(answer.status, status, `${what}: status`);
    tally.ok(answer.headers.get('content-type')?.startsWith(type), `${what}: type`, answer.headers.get('content-type'));
    tally.same(answer.headers.get('x-content-type-options'), 'nosniff', `${what}: nosniff`);
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
  const first = (row) => ['ana', 'guest', 'half', 'chen'].includes(row.as);
  const lanes = [rows.filter(first), rows.filter((row) => !first(row))];
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
