// Guildhall: progressive enhancement. Every page works without this file.
const doc = document, root = doc.documentElement;
const all = (sel, from = doc) => [...from.querySelectorAll(sel)];
const say = (text) => {
  const live = doc.getElementById('live');
  if (!live) return;
  live.textContent = '';
  setTimeout(() => { live.textContent = text; }, 60);
};
root.classList.add('js');

// Errors are read first.
doc.querySelector('.error-summary')?.focus();

doc.addEventListener('click', async (event) => {
  const at = (sel) => event.target.closest?.(sel);

  // Copy: <button data-copy="id" data-copied="Copied">
  const copy = at('[data-copy]');
  if (copy) {
    const source = doc.getElementById(copy.dataset.copy);
    if (!source) return;
    const word = copy.dataset.copied || 'Copied';
    try {
      await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
    } catch {
      getSelection().selectAllChildren(source);
      return;
    }
    say(word);
    const use = copy.querySelector('use');
    const was = use?.getAttribute('href');
    if (use && !copy.dataset.busy) {
      copy.dataset.busy = '1';
      use.setAttribute('href', was.replace(/#.*/, '#i-check'));
      setTimeout(() => { use.setAttribute('href', was); delete copy.dataset.busy; }, 1600);
    }
    return;
  }

  // Dialogs: <a href="/page-without-script" data-dialog="id">
  const opener = at('[data-dialog]');
  if (opener) {
    const dialog = doc.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
    return;
  }
  const closer = at('[data-close]');
  if (closer) { event.preventDefault(); closer.closest('dialog')?.close(); }

  const toast = at('.toast');
  if (toast && at('[data-dismiss]')) leave(toast);
});

// Sending a form: once only; the button keeps its width.
doc.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if (form.matches('[data-theme-form]')) { theme(event); return; }
  if (form.method !== 'post') return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  const button = event.submitter ?? form.querySelector('.btn-primary');
  button?.setAttribute('aria-busy', 'true');
  if (button?.dataset.busyText) say(button.dataset.busyText);
});
addEventListener('pageshow', () => {
  for (const form of all('form[data-sent]')) delete form.dataset.sent;
  for (const busy of all('.btn[aria-busy]')) busy.removeAttribute('aria-busy');
});

// Theme: change at once, tell the server in the background, fall back to a real post.
function theme(event) {
  const form = event.target, choice = event.submitter;
  if (!choice) return;
  event.preventDefault();
  const data = new URLSearchParams(new FormData(form));
  data.set(choice.name, choice.value);
  root.dataset.theme = choice.value;
  for (const other of all('button[aria-pressed]', form)) other.setAttribute('aria-pressed', String(other === choice));
  say(choice.textContent.trim());
  fetch(form.action, { method: 'POST', body: data, redirect: 'manual' }).catch(() => {
    const input = doc.createElement('input');
    input.type = 'hidden'; input.name = choice.name; input.value = choice.value;
    form.append(input);
    form.submit();
  });
}

// Password fields: <input type="password" data-reveal="Show" data-hide="Hide">
for (const input of all('input[type="password"][data-reveal]')) {
  const group = doc.createElement('div'), button = doc.createElement('button');
  group.className = 'input-group';
  button.type = 'button';
  button.className = 'btn';
  button.textContent = input.dataset.reveal;
  button.setAttribute('aria-controls', input.id);
  input.replaceWith(group);
  group.append(input, button);
  button.addEventListener('click', () => {
    const show = input.type === 'password';
    input.type = show ? 'text' : 'password';
    button.textContent = show ? input.dataset.hide : input.dataset.reveal;
  });
  input.form?.addEventListener('submit', () => { input.type = 'password'; });
}

// Counters: <output data-count="id" data-max="30">
for (const out of all('[data-count]')) {
  const input = doc.getElementById(out.dataset.count);
  const show = () => {
    const n = [...input.value].length, max = Number(out.dataset.max);
    out.textContent = `${n} / ${max}`;
    out.classList.toggle('counter-over', n > max);
  };
  if (input) { input.addEventListener('input', show); show(); }
}

// Keys: Ctrl/Cmd+K palette or search, "/" search. <html data-keys="off"> stops single keys.
doc.addEventListener('keydown', (event) => {
  const mod = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k';
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  const slash = event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && root.dataset.keys !== 'off';
  if (!mod && !slash) return;
  const palette = mod && doc.getElementById('palette');
  const search = all('[type="search"]').find((el) => el.checkVisibility());
  if (!palette && !search) return;
  event.preventDefault();
  if (palette && !palette.open) palette.showModal();
  else search?.focus();
});

// The desk: j and k go through the rows of <table data-rows>, o opens, a and r decide; on a Request's own page a, r and o
// are the links with that data-key. <button data-keys> switches single keys off and on, here and everywhere.
const keep = (value) => { try { return value === undefined ? localStorage.getItem('keys') : localStorage.setItem('keys', value); } catch { return null; } };
if (keep() === 'off') root.dataset.keys = 'off';
for (const button of all('[data-keys]:not(html)')) {
  const show = () => button.setAttribute('aria-pressed', String(root.dataset.keys !== 'off'));
  button.addEventListener('click', () => {
    const next = root.dataset.keys === 'off' ? 'on' : 'off';
    root.dataset.keys = next;
    keep(next);
    show();
  });
  show();
}
doc.addEventListener('keydown', (event) => {
  if (root.dataset.keys === 'off' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.('input, textarea, select, [contenteditable], dialog')) return;
  const links = all('[data-rows] .row-link');
  const at = links.findIndex((link) => link === doc.activeElement || link.closest('tr').contains(doc.activeElement));
  const go = (where) => { if (where) { event.preventDefault(); location.assign(where); } };
  if (links.length && (event.key === 'j' || event.key === 'k')) {
    event.preventDefault();
    links[event.key === 'j' ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0)].focus();
  } else if (event.key === 'o') go(links[at]?.href ?? doc.querySelector('a[data-key="o"]')?.href);
  else if (event.key === 'a') go(links[at]?.dataset.approve ?? doc.querySelector('a[data-key="a"]')?.href);
  else if (event.key === 'r') go(links[at]?.dataset.reject ?? doc.querySelector('a[data-key="r"]')?.href);
});

// Toasts go after eight seconds unless someone is reading them; errors stay.
function leave(toast) {
  toast.classList.add('is-leaving');
  setTimeout(() => toast.remove(), matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 160);
}
for (const toast of all('.toast:not(.toast-bad)')) {
  let left = 8;
  const timer = setInterval(() => {
    if (toast.matches(':hover, :focus-within') || doc.hidden) left = 8;
    else if (--left <= 0) { clearInterval(timer); leave(toast); }
  }, 1000);
}

// A menu that became a sidebar again must not stay on top of the page.
matchMedia('(width >= 56.25rem)').addEventListener('change', () => {
  for (const open of all('[popover]:popover-open')) open.hidePopover();
});
