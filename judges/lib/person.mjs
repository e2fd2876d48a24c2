// What people do on the pages, by the names of fields and never by translated words.

import { createHmac } from 'node:crypto';
import { leads, pathOf } from './house.mjs';

export const PASSWORD = 'a lantern in the harbour 41';
export const OTHER_PASSWORD = 'two lanterns by the quay 73';

/** Somebody at a window: does a thing, then looks at what came. */
export class Person {
  constructor(house, tally, window, { lang, script = true, seen = () => {} }) {
    Object.assign(this, { house, tally, window, page: window.page, lang, script, seen });
  }

  /** What must be so on every page; `name` is what the page is called in comparisons of languages. */
  async look(name, response, { status = 200, path } = {}) {
    const { page, tally } = this;
    if (response) tally.same(response.status(), status, `${name}: status`);
    if (path) tally.same(pathOf(page), path, `${name}: address`);
    const found = await page.evaluate(() => ({
      lang: document.documentElement.lang,
      heads: [...document.querySelectorAll('h1')].map((h) => h.textContent.trim()),
      title: document.title,
      wide: document.scrollingElement.scrollWidth - innerWidth,
    }));
    tally.same(found.lang, this.lang, `${name}: language`);
    tally.same(found.heads.length, 1, `${name}: one heading of the first order`);
    tally.ok(found.title.length > 3, `${name}: a title`);
    tally.ok(found.wide <= 0, `${name}: nothing to scroll sideways`, `${found.wide} px too wide`);
    if (name) this.seen(name, found.heads[0] ?? '');
  }

  async open(path, name, expected = {}) {
    const response = await this.page.goto(path);
    await this.look(name, response, expected);
    return response;
  }

  /** Follows a link. */
  async follow(selector, name, expected = {}) {
    const response = await leads(this.page, () => this.page.locator(selector).first().click());
    await this.look(name, response, expected);
  }

  /** Fills fields by their names: text, a choice, or a tick. */
  async fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.page.locator(`main [name="${name}"]`).first();
      const kind = await field.evaluate((el) => (el.tagName === 'SELECT' ? 'select' : el.type));
      if (kind === 'select') await field.selectOption(value);
      else if (kind === 'radio') await this.page.locator(`main [name="${name}"][value="${value}"]`).check();
      else if (kind === 'checkbox') await field.setChecked(value);
      else await field.fill(value);
    }
  }

  /** Sends the form that goes to `action`, by its button. */
  async send(action, values, name, expected = {}) {
    await this.fill(values);
    const button = this.page.locator(`main form[action="${action}"] button:not([type="button"])`).first();
    const response = await leads(this.page, () => button.click());
    await this.look(name, response, expected);
  }

  /** The form came back: the summary has the focus, and each of its links leads to a field that says why. */
  async refused(fields) {
    const { page, tally } = this;
    const found = await page.evaluate(() => {
      const summary = document.querySelector('.error-summary');
      const links = [...(summary?.querySelectorAll('a') ?? [])].map((a) => a.getAttribute('href'));
      const told = links.map((href) => {
        const field = document.querySelector(href);
        const ids = (field?.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean);
        const error = ids.map((id) => document.getElementById(id)).find((el) => el?.matches('.field-error'));
        const marked = field?.tagName === 'FIELDSET' || field?.getAttribute('aria-invalid') === 'true';
        return Boolean(field && marked && error?.textContent.trim());
      });
      return { there: Boolean(summary?.checkVisibility()), focus: document.activeElement === summary, links, told };
    });
    const what = `refused ${fields.join(', ')}`;
    tally.ok(found.there, `${what}: there is a summary`);
    if (this.script) tally.ok(found.focus, `${what}: the summary has the focus`);
    tally.same(found.links, fields.map((f) => `#${f}`), `${what}: the summary lists just these`);
    tally.ok(found.told.every(Boolean), `${what}: each field is marked and says why`, JSON.stringify(found.told));
    for (const field of fields) {
      await page.locator(`.error-summary a[href="#${field}"]`).click();
      const at = await page.evaluate((id) => {
        const target = document.getElementById(id);
        const box = target?.getBoundingClientRect();
        const inSight = box && box.bottom > 0 && box.top < innerHeight;
        return { focused: document.activeElement === target, group: target?.tagName === 'FIELDSET', inSight };
      }, field);
      tally.ok((at.focused || at.group) && at.inSight, `${what}: the link leads to ${field}`, JSON.stringify(at));
    }
  }

  /** One sentence about the whole form. */
  async said() {
    const found = await this.page.evaluate(() => {
      const summary = document.querySelector('.error-summary');
      return { text: summary?.textContent.trim() ?? '', focus: document.activeElement === summary };
    });
    this.tally.ok(found.text.length > 5, 'the form says what is wrong');
    if (this.script) this.tally.ok(found.focus, 'what is wrong has the focus');
  }

  async toast() {
    const text = (await this.page.locator('.toast').first().textContent({ timeout: 2_000 }).catch(() => '')).trim();
    this.tally.ok(text.length > 3, `${pathOf(this.page)}: a message confirms it`);
  }

  /** By the navigation; in a narrow window it opens first. */
  async navigate(href, name, expected = {}) {
    const toggle = this.page.locator('.nav-toggle');
    if (await toggle.isVisible()) await toggle.click();
    await this.follow(`#nav a[href="${href}"]`, name, { path: href, ...expected });
  }

  async menu(id) {
    const button = this.page.locator(`button[popovertarget="${id}"]`).first();
    if (!(await this.page.locator(`#${id}`).isVisible())) await button.click();
    return this.page.locator(`#${id}`);
  }

  async signOut() {
    const menu = await this.menu('menu-account');
    const response = await leads(this.page, () => menu.locator('form[action="/logout"] button').click());
    await this.look('signed out', response, { path: '/' });
    await this.toast();
  }

  async signIn(email, password, name, expected = {}) {
    if (pathOf(this.page) !== '/login') await this.open('/login', 'sign in');
    await this.send('/login', { email, password }, name, expected);
  }

  /** From a stranger to somebody signed in, without the mistakes. */
  async signUp(name, email, password = PASSWORD) {
    await this.open('/signup', 'sign up');
    await this.send('/signup', { name, email }, 'sign up sent', { path: '/signup/sent' });
    const letter = await this.house.letter(email, 'verify');
    await this.open(letter.links[0], 'set password', { path: '/verify' });
    await this.send('/verify', { password }, 'agreement', { path: '/console/start' });
    return letter;
  }
}

/** The code of RFC 6238 for a secret in base 32: SHA-1, six digits, thirty seconds. */
export function authenticatorCode(secret, step) {
  let bits = 0n;
  let length = 0;
  for (const letter of secret.replaceAll(/[\s=]/g, '').toUpperCase()) {
    bits = (bits << 5n) | BigInt('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter));
    length += 5;
  }
  bits >>= BigInt(length % 8);
  const key = Buffer.from(bits.toString(16).padStart(Math.floor(length / 8) * 2, '0'), 'hex');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

export const stepNow = () => Math.floor(Date.now() / 30_000);
