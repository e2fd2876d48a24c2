// The whole story as people live it: from the landing page to a team, and everything about signing in.

import { inTwoLanes, leads, openBrowser, openHouse, openWindow, pathOf, run, shoot } from './lib/house.mjs';
import { OTHER_PASSWORD, PASSWORD, Person, authenticatorCode, stepNow } from './lib/person.mjs';

const STORIES = [
  { name: 'English, light', lang: 'en', locale: 'en-US', colorScheme: 'light', width: 1280, owner: 'Nora Field', member: 'Tom Hale' },
  { name: 'Chinese, dark', lang: 'zh-CN', locale: 'zh-CN', colorScheme: 'dark', width: 1280, owner: '王小明', member: '李雷' },
  { name: 'Spanish, 320 px', lang: 'es', locale: 'es-ES', colorScheme: 'light', width: 320, height: 640, owner: 'Inés Núñez', member: 'Hugo Peña' },
  { name: 'without JavaScript', lang: 'en', locale: 'en-US', colorScheme: 'light', width: 1280, javaScriptEnabled: false, owner: 'Nora Field', member: 'Tom Hale' },
];

/** What each page is called, by story: `heads[page][story]`. */
const heads = {};

await run(async (tally) => {
  const browser = await openBrowser();
  await inTwoLanes([
    ...STORIES.map((cfg, index) => () => tally.part(cfg.name, () => story(tally, browser, cfg, index))),
    () => tally.part('account', () => account(tally, browser)),
    () => tally.part('keyboard and switches', () => keyboard(tally, browser)),
  ]);
  await tally.part('the languages differ', async () => compare(tally));
  await browser.close();
});

/** The same page says something else in each language. */
function compare(tally) {
  let compared = 0;
  for (const [page, by] of Object.entries(heads)) {
    const [en, zh, es] = STORIES.map((s) => by[s.name]);
    if (!en || !zh || !es) continue;
    compared += 1;
    tally.ok(new Set([en, zh, es]).size === 3, `${page}: three languages, three headings`, `${en} | ${zh} | ${es}`);
  }
  tally.ok(compared >= 20, 'enough pages were compared', compared);
}

async function story(tally, browser, cfg, index) {
  const { name, lang, owner: ownerName, member: memberName, ...options } = cfg;
  const script = options.javaScriptEnabled !== false;
  const house = await openHouse();
  const names = [ownerName, memberName, 'Faro Works'];
  const seen = (page, head) => {
    const words = names.reduce((text, own) => text.replaceAll(own, ''), head).trim();
    if (page && words) (heads[page] ??= {})[name] = words;
  };
  const window = await openWindow(browser, house, tally, options);
  const other = await openWindow(browser, house, tally, options);
  const owner = new Person(house, tally, window, { lang, script, seen });
  const member = new Person(house, tally, other, { lang, script, seen });
  const ownerMail = `owner${index}@story.example`;
  const memberMail = `member${index}@story.example`;
  const { page } = owner;
  const picture = (what) => shoot(page, `story-${index}-${what}`, { fullPage: true });

  await tally.part('signing up', async () => {
    await owner.open('/', 'landing');
    tally.same(await darkness(page), options.colorScheme === 'dark', 'the theme is that of the system');
    await owner.follow('main a[href="/signup"]', 'sign up', { path: '/signup' });
    await owner.send('/signup', { name: '', email: '' }, 'sign up', { status: 422 });
    await owner.refused(['name', 'email']);
    await owner.send('/signup', { name: ownerName, email: 'nobody' }, 'sign up', { status: 422 });
    await owner.refused(['email']);
    await picture('sign-up-refused');
    tally.same(await page.locator('#name').inputValue(), ownerName, 'what was right is kept');
    tally.same(await page.locator('#email').inputValue(), 'nobody', 'what was wrong is kept');
    await owner.send('/signup', { email: ownerMail }, 'sign up sent', { path: '/signup/sent' });
  });

  await tally.part('the letter', async () => {
    const letter = await house.letter(ownerMail, 'verify');
    tally.same(letter.language, lang, 'the letter is in the reader\'s language');
    await owner.follow('main a[href="/demo/mailbox"]', 'mailbox', { path: '/demo/mailbox' });
    await owner.follow(`main a[href="/demo/mailbox?id=${letter.id}"]`, 'mailbox', { path: '/demo/mailbox' });
    await picture('letter');
    await owner.follow('main .mail-body a', 'set password', { path: '/verify' });
    await owner.send('/verify', { password: 'short' }, 'set password', { status: 422 });
    await owner.refused(['password']);
    await owner.send('/verify', { password: 'password123' }, 'set password', { status: 422 });
    await owner.refused(['password']);
    await owner.send('/verify', { password: PASSWORD }, 'agreement', { path: '/console/start' });
    const again = await other.page.goto(letter.links[0]);
    await member.look('used link', again, { status: 410 });
  });

  await tally.part('becoming a developer', async () => {
    await owner.send('/console/start', {}, 'agreement', { status: 422 });
    await owner.refused(['agree']);
    await picture('agreement');
    await owner.send('/console/start', { agree: true }, 'information', { path: '/console/start/information' });
    tally.same(await page.locator('#contact_name').inputValue(), ownerName, 'the name is not asked twice');
    tally.same(await page.locator('#email').inputValue(), ownerMail, 'the address is not asked twice');
    const to = '/console/start/information';
    await owner.send(to, {}, 'information', { status: 422 });
    await owner.refused(['kind', 'name', 'country', 'mobile']);
    const some = { kind: 'organisation', name: 'Faro Works', country: 'ES', mobile: 'no number' };
    await owner.send(to, some, 'information', { status: 422 });
    await owner.refused(['company', 'licence_number', 'mobile']);
    await picture('information-refused');
    const kept = await page.evaluate(() => [document.querySelector('[name=kind]:checked')?.value, document.getElementById('country').value]);
    tally.same(kept, ['organisation', 'ES'], 'what was chosen is kept');
    const rest = { company: 'Faro Works S.L.', licence_number: 'B98765432', mobile: '+34 600 222 333' };
    await owner.send(to, rest, 'apps', { path: '/console/apps' });
    await owner.toast();
    await picture('apps');
    // Chinese says it in half the characters.
    const why = (await page.locator('main .empty p').allTextContents()).join('').trim();
    tally.ok(why.length > (lang === 'zh-CN' ? 10 : 20), 'the empty list says why', why);
    tally.same(await page.locator('main .empty a[href="/console/categories"]').count(), 1, 'the empty list leads to the categories');
    tally.ok((await page.locator('main .tasks > li').count()) >= 3, 'the empty list says what comes next');
    const letter = await house.letter(ownerMail, 'developer-activated');
    tally.same(letter.language, lang, 'the letter about it is in the reader\'s language');
    await owner.navigate('/console', 'home');
    tally.ok((await page.locator('main .tasks a[href="/console/team"]').count()) === 1, 'home leads to the team');
    await picture('home');
    await owner.navigate('/console/developer', 'developer');
    tally.same(await page.locator('#licence_number').inputValue(), 'B98765432', 'what was told is shown');
    await owner.navigate('/console/activity', 'activity');
  });

  await tally.part('a team', async () => {
    await owner.navigate('/console/team', 'team');
    await owner.send('/console/team/invite', { email: 'nobody' }, 'team', { status: 422 });
    await owner.refused(['email']);
    await owner.send('/console/team/invite', { email: memberMail, role: 'engineer' }, 'team', { path: '/console/team' });
    await owner.toast();
    tally.ok((await page.locator('main').textContent()).includes(memberMail), 'the invitation is listed');
    await owner.send('/console/team/invite', { email: memberMail, role: 'viewer' }, 'team', { status: 409 });
    await owner.said();
    const invitation = await house.letter(memberMail, 'invite');
    tally.same(invitation.language, lang, 'the invitation is in the language of whoever invites');
    await member.open(invitation.links[0], 'invitation', { path: '/invite' });
    await member.follow('main a[href="/signup"]', 'sign up', { path: '/signup' });
    await member.signUp(memberName, memberMail);
    await member.open(invitation.links[0], 'invitation');
    await member.send('/invite', {}, 'home', { path: '/console' });
    await member.toast();
    await member.navigate('/console/team', 'team');
    tally.same(await member.page.locator('form[action="/console/team/invite"]').count(), 0, 'an engineer invites nobody');
    tally.same(await member.page.locator('a[href^="/console/team/member"]').count(), 0, 'an engineer changes nobody');
  });

  await tally.part('another role', async () => {
    await owner.open('/console/team', 'team');
    const change = page.locator('main a[href^="/console/team/member"]');
    tally.same(await change.count(), 1, 'the owner may change the member and not themselves');
    const target = await change.first().getAttribute('href');
    // A fresh session needs no second proof, so the page that asks for it is opened by its address.
    await owner.open(`/account/confirm?next=${encodeURIComponent(target)}`, 'confirm');
    await owner.send('/account/confirm', { password: OTHER_PASSWORD }, 'confirm', { status: 422 });
    await owner.refused(['password']);
    await owner.send('/account/confirm', { password: PASSWORD }, '', { path: '/console/team/member' });
    await picture('member');
    tally.same(await page.locator('[name=role]:checked').inputValue(), 'engineer', 'the role as it is');
    await owner.send('/console/team/member', { role: 'viewer' }, 'team', { path: '/console/team' });
    await owner.toast();
    await member.open('/console/team', 'sign in', { path: '/login' });
    await member.send('/login', { email: memberMail, password: PASSWORD }, 'team', { path: '/console/team' });
  });

  await tally.part('out and in again', async () => {
    await owner.signOut();
    if (script) {
      await page.goBack();
      tally.ok(!(await page.content()).includes(memberMail), 'the back button shows nothing of the team');
    }
    await owner.open('/console/developer', 'sign in', { path: '/login' });
    await owner.send('/login', { email: '', password: '' }, 'sign in', { status: 422 });
    tally.ok((await page.locator('.error-summary a[href="#email"]').count()) === 1, 'the empty address is told');
    await owner.send('/login', { email: ownerMail, password: OTHER_PASSWORD }, 'sign in', { status: 422 });
    await owner.said();
    tally.same(await page.locator('#email').inputValue(), ownerMail, 'the address is kept');
    tally.same(await page.locator('#password').inputValue(), '', 'the password is not kept');
    await owner.send('/login', { password: PASSWORD }, 'developer', { path: '/console/developer' });
    await owner.signOut();
  });

  await tally.part('a forgotten password', async () => {
    await owner.open('/login', 'sign in');
    await owner.follow('main a[href="/reset"]', 'reset', { path: '/reset' });
    await owner.send('/reset', { email: '' }, 'reset', { status: 422 });
    await owner.refused(['email']);
    await owner.send('/reset', { email: ownerMail }, 'reset sent', { path: '/reset/sent' });
    const letter = await house.letter(ownerMail, 'reset');
    tally.same(letter.language, lang, 'the letter is in the reader\'s language');
    await owner.open(letter.links[0], 'reset password', { path: '/reset/new' });
    await owner.send('/reset/new', { password: '' }, 'reset password', { status: 422 });
    await owner.refused(['password']);
    await owner.send('/reset/new', { password: OTHER_PASSWORD }, 'home', { path: '/console' });
    await owner.toast();
    await owner.open(letter.links[0], 'used link', { status: 410 });
    await owner.open('/', 'landing');
    await owner.signOut();
    await owner.signIn(ownerMail, PASSWORD, 'sign in', { status: 422 });
    await owner.said();
    await owner.send('/login', { password: OTHER_PASSWORD }, 'home', { path: '/console' });
  });

  await window.close();
  await other.close();
  await house.close();
}

/** Whether the page is dark behind its words. */
function darkness(page) {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return (r + g + b) / 3 < 90;
  });
}

// ---- what people keep about themselves

async function account(tally, browser) {
  const house = await openHouse();
  const { email, password } = house.people.developer;
  const window = await openWindow(browser, house, tally);
  const ana = new Person(house, tally, window, { lang: 'en' });
  const { page } = ana;
  let mail = email;

  await tally.part('another session', async () => {
    const second = await openWindow(browser, house, tally);
    const elsewhere = new Person(house, tally, second, { lang: 'en' });
    await ana.signIn(email, password, '', { path: '/console' });
    await elsewhere.signIn(email, password, '', { path: '/console' });
    await ana.open('/account/security', 'security');
    const rows = page.locator('main table tbody tr');
    tally.same(await rows.count(), 2, 'both sessions are listed');
    tally.same(await page.locator('form[action="/account/sessions/end"]').count(), 1, 'the other one can be ended');
    await ana.send('/account/sessions/end', {}, 'security', { path: '/account/security' });
    await ana.toast();
    tally.same(await rows.count(), 1, 'one session is left');
    await elsewhere.open('/console', 'sign in', { path: '/login' });
    await ana.open('/console', 'home', { path: '/console' });
    await second.close();
  });

  let codes = [];
  let secret = '';
  let step = 0;
  await tally.part('an authenticator', async () => {
    await ana.open('/account/security', 'security');
    await ana.send('/account/totp/start', {}, 'authenticator', { path: '/account/totp' });
    secret = (await page.locator('#totp-secret').textContent()).replaceAll(/\s/g, '');
    tally.ok(/^[A-Z2-7]{32}$/.test(secret), 'the key is shown', secret);
    const link = new URL(await page.locator('main a[href^="otpauth:"]').getAttribute('href'));
    tally.same(link.searchParams.get('secret'), secret, 'the link and the page tell one key');
    const box = await page.locator('svg.qr').boundingBox();
    tally.ok(box && box.width >= 120 && Math.abs(box.width - box.height) < 2, 'the square code can be scanned', JSON.stringify(box));
    await shoot(page, 'account-totp');
    await ana.send('/account/totp', { code: '' }, 'authenticator', { status: 422 });
    await ana.refused(['code']);
    tally.same((await page.locator('#totp-secret').textContent()).replaceAll(/\s/g, ''), secret, 'a wrong code changes no key');
    step = stepNow();
    await ana.send('/account/totp', { code: authenticatorCode(secret, step) }, 'recovery codes');
    codes = (await page.locator('#codes li').allTextContents()).map((c) => c.trim());
    tally.same([codes.length, new Set(codes).size], [10, 10], 'ten recovery codes');
    await shoot(page, 'account-recovery');
    await ana.follow('main a.btn-primary', 'security', { path: '/account/security' });
    tally.same(await page.locator('form[action="/account/totp/stop"]').count(), 1, 'it is on');
    await house.letter(email, 'second-factor-on');
  });

  await tally.part('signing in with a code', async () => {
    await ana.signOut();
    await ana.signIn(email, password, 'code', { path: '/login/code' });
    await ana.open('/console', 'code', { path: '/login/code' });
    await ana.send('/login/code', { code: authenticatorCode(secret, step) }, 'code', { status: 422 });
    await ana.refused(['code']);
    step = Math.max(step + 1, stepNow());
    await ana.send('/login/code', { code: authenticatorCode(secret, step) }, 'home', { path: '/console' });
  });

  await tally.part('signing in with a recovery code', async () => {
    await ana.signOut();
    await ana.signIn(email, password, 'code', { path: '/login/code' });
    await ana.send('/login/code', { code: codes[0].toUpperCase() }, 'home', { path: '/console' });
    await ana.signOut();
    await ana.signIn(email, password, 'code', { path: '/login/code' });
    await ana.send('/login/code', { code: codes[0] }, 'code', { status: 422 });
    await ana.refused(['code']);
    await ana.send('/login/code', { code: codes[1] }, 'home', { path: '/console' });
    await ana.open('/account/security', 'security');
    tally.ok((await page.locator('main').textContent()).includes('8'), 'the page tells how many codes are left');
    await ana.send('/account/recovery', {}, 'recovery codes');
    const fresh = (await page.locator('#codes li').allTextContents()).map((c) => c.trim());
    tally.ok(fresh.length === 10 && !fresh.some((c) => codes.includes(c)), 'new recovery codes replace the old');
    await ana.open('/account/security', 'security');
    await ana.send('/account/totp/stop', {}, 'security', { path: '/account/security' });
    await ana.toast();
    await house.letter(email, 'second-factor-off');
    await ana.signOut();
    await ana.signIn(email, password, 'home', { path: '/console' });
  });

  await tally.part('another e-mail address', async () => {
    await ana.open('/account/security', 'security');
    await ana.follow('main a[href="/account/email"]', 'e-mail', { path: '/account/email' });
    await ana.send('/account/email', { email: 'nobody' }, 'e-mail', { status: 422 });
    await ana.refused(['email']);
    await ana.send('/account/email', { email: 'ana@new.example' }, 'security', { path: '/account/security' });
    await ana.toast();
    tally.ok((await page.locator('main').textContent()).includes(email), 'nothing changes before the link is opened');
    const letter = await house.letter('ana@new.example', 'confirm-email');
    await ana.open(letter.links[0], 'confirm e-mail', { path: '/account/email/confirm' });
    await ana.send('/account/email/confirm', {}, 'security', { path: '/account/security' });
    await ana.toast();
    mail = 'ana@new.example';
    tally.ok((await page.locator('main').textContent()).includes(mail), 'the new address is shown');
    await house.letter(email, 'email-changed');
    await ana.open(letter.links[0], 'used link', { status: 410 });
    await ana.open('/', 'landing');
    await ana.signOut();
    await ana.signIn(email, password, 'sign in', { status: 422 });
    await ana.send('/login', { email: mail, password }, 'home', { path: '/console' });
  });

  await tally.part('another password', async () => {
    await ana.open('/account/password', 'password', { path: '/account/password' });
    await ana.send('/account/password', { password: 'short' }, 'password', { status: 422 });
    await ana.refused(['password']);
    await ana.send('/account/password', { password: OTHER_PASSWORD }, 'security', { path: '/account/security' });
    await ana.toast();
    await house.letter(mail, 'password-changed');
    await ana.signOut();
    await ana.signIn(mail, OTHER_PASSWORD, 'home', { path: '/console' });
  });

  await tally.part('another name and language', async () => {
    await ana.open('/account', 'profile');
    await ana.send('/account', { name: '' }, 'profile', { status: 422 });
    await ana.refused(['name']);
    ana.lang = 'es';
    await ana.send('/account', { name: 'Ana María', lang: 'es' }, 'profile', { path: '/account' });
    await ana.toast();
    await ana.open('/console', 'home');
    tally.ok((await page.locator('h1').textContent()).includes('Ana María'), 'the new name greets');
  });

  await window.close();
  await house.close();
}

// ---- the keyboard; the theme and the language

/** Where the focus is, and whether one sees it. */
function focus(page) {
  return page.evaluate(() => {
    const el = document.activeElement;
    const style = getComputedStyle(el);
    const seen = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
    const box = el.getBoundingClientRect();
    const inSight = box.width > 1 && box.height > 1 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0;
    const what = el.id || el.getAttribute('href') || el.value || el.getAttribute('popovertarget') || el.textContent.trim() || el.tagName;
    return { what, id: el.id, tag: el.tagName, submits: Boolean(el.form) && el.type === 'submit', form: el.form?.getAttribute('action') ?? '', seen, inSight };
  });
}

async function keyboard(tally, browser) {
  const house = await openHouse();
  const { email, password } = house.people.developer;

  await tally.part('signing in by keyboard', async () => {
    const window = await openWindow(browser, house, tally);
    const { page } = window;
    await page.goto('/login');
    await page.keyboard.press('Tab');
    const first = await focus(page);
    tally.same(first.what, '#main', 'the first stop leads to the content');
    tally.ok(first.inSight && first.seen, 'the skip link is seen when it has the focus', JSON.stringify(first));
    await page.keyboard.press('Enter');
    tally.same((await focus(page)).id, 'main', 'the skip link goes to the content');
    await page.keyboard.press('Tab');
    tally.same((await focus(page)).id, 'email', 'the first field comes next');

    await page.goto('/login');
    const stops = [];
    for (let n = 0; n < 40; n += 1) {
      await page.keyboard.press('Tab');
      const at = await focus(page);
      stops.push(at.submits ? `submit ${at.form}` : at.what);
      tally.ok(at.seen && at.inSight, `the focus is seen at ${stops.at(-1)}`, JSON.stringify(at));
      if (at.submits && at.form === '/login') break;
    }
    const order = ['email', 'password', 'submit /login'].map((s) => stops.indexOf(s));
    tally.ok(order[0] > 0 && order[0] < order[1] && order[1] < order[2], 'address, password, button, in this order', stops.join(' | '));
    await page.goto('/login');
    while ((await focus(page)).id !== 'email') await page.keyboard.press('Tab');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await leads(page, () => page.keyboard.press('Enter'));
    tally.same(pathOf(page), '/console', 'signed in by keyboard alone');
    while ((await focus(page)).what !== 'menu-account') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#menu-account').waitFor({ state: 'visible' });
    await page.keyboard.press('Tab');
    tally.same((await focus(page)).what, '/account', 'the menu is entered by keyboard');
    await page.keyboard.press('Escape');
    tally.ok(await page.locator('#menu-account').isHidden(), 'Escape closes the menu');
    tally.same((await focus(page)).what, 'menu-account', 'and the focus is back on its button');
    await window.close();
  });

  for (const javaScriptEnabled of [true, false]) {
    await tally.part(`theme and language ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const window = await openWindow(browser, house, tally, { javaScriptEnabled });
      const guest = new Person(house, tally, window, { lang: 'en', script: javaScriptEnabled });
      const { page } = guest;
      const theme = () => page.locator('html').getAttribute('data-theme');
      await guest.open('/signup', 'sign up');
      for (const [word, dark] of [['dark', true], ['light', false]]) {
        const button = (await guest.menu('menu-view')).locator(`button[value="${word}"]`);
        if (javaScriptEnabled) {
          await page.evaluate(() => { globalThis.notReloaded = true; });
          const told = page.waitForResponse((r) => r.url().endsWith('/theme'));
          await button.click();
          await told;
          tally.same(await page.evaluate(() => globalThis.notReloaded), true, `${word}: nothing is loaded anew`);
          tally.same(await button.getAttribute('aria-pressed'), 'true', `${word}: the button is pressed`);
        } else {
          const response = await leads(page, () => button.click());
          await guest.look('sign up', response, { path: '/signup' });
        }
        tally.same(await theme(), word, `${word}: at once`);
        tally.same(await darkness(page), dark, `${word}: as one sees`);
        await guest.open('/login', 'sign in');
        tally.same(await theme(), word, `${word}: on the next page too`);
        await guest.open('/signup', 'sign up');
      }
      for (const lang of ['zh-CN', 'es', 'en']) {
        await page.goto('/signup?kept=1');
        const button = (await guest.menu('menu-view')).locator(`button[value="${lang}"]`);
        tally.same(await button.getAttribute('lang'), lang, 'a language is named in itself');
        guest.lang = lang;
        const response = await leads(page, () => button.click());
        await guest.look('', response, { path: '/signup' });
        tally.ok(page.url().endsWith('?kept=1'), 'the language changes and the page stays');
        await guest.open('/login', '');
      }
      await window.close();
    });
  }

  await tally.part('one click to be another', async () => {
    const window = await openWindow(browser, house, tally);
    const { page } = window;
    await page.goto('/demo');
    for (const [key, path] of [['bo', '/desk'], ['ana', '/console'], ['chen', '/account'], ['dee', '/desk']]) {
      const button = page.locator(`nav.personas button[value="${key}"]`);
      const response = await leads(page, () => button.click());
      tally.same([response.status(), pathOf(page)], [200, path], `${key} is at home`);
      tally.same(await page.locator('nav.personas button[aria-pressed="true"]').getAttribute('value'), key, `${key} is marked`);
    }
    await window.close();
  });
  await house.close();
}
