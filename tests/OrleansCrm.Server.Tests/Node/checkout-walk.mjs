// Shops in the example checkout as a customer does, while an agent looks at the same customer in the console.
//   node checkout-walk.mjs ENGINE EMAIL PASSWORD SHOP CUSTOMER [FOLDER FOR PICTURES]
// Prints {"before","after","agent","errors","foreign","violations","overflow","reached"}; "reached" is all that the customer's browser was sent, sent or kept.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [engine, email, password, shop, customer, pictures = ''] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server'] });
const found = { errors: [], foreign: [], violations: [], overflow: [], reached: [] };
try {
  const agent = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } })).newPage();
  agent.setDefaultTimeout(120_000);
  await agent.goto(engine);
  await agent.getByLabel('Email').fill(email);
  await agent.getByLabel('Password', { exact: true }).fill(password);
  await agent.keyboard.press('Enter');
  await agent.waitForSelector('nav');

  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const reading = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(shop) && !request.url().startsWith(engine) && !request.url().startsWith('data:')) found.foreign.push(request.url());
    found.reached.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '');
  });
  page.on('response', (response) => found.reached.push(JSON.stringify(response.headers())));
  page.on('requestfinished', (request) => {
    // What was asked beforehand, whether a page may ask, has no body to wait for.
    if (request.method() !== 'OPTIONS') reading.push(bodyOf(request));
  });
  page.on('websocket', (socket) => {
    found.reached.push(socket.url());
    for (const way of ['framesent', 'framereceived']) socket.on(way, (frame) => found.reached.push(String(frame.payload)));
  });
  page.on('console', (message) => message.type() === 'error' && !isUnseen(message) && found.errors.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => found.errors.push(String(error)));

  await page.goto(shop);
  await page.getByLabel('Shopping as').fill(customer);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('#account:not([hidden])');
  found.before = await account(page);
  await page.getByRole('button', { name: 'Add to cart: Arc lamp' }).click();
  await page.getByRole('button', { name: 'Add to cart: Linen shade' }).click();
  await page.getByText('makes you silver').waitFor();
  await page.getByText('10% on your first order').waitFor();
  await page.getByLabel('Offers while I shop').check();
  found.cart = await page.locator('#sums').innerText();

  // From here on the agent's page is not touched.
  await agent.goto(`${engine}/customers/${encodeURIComponent(`user:${customer}`)}`);
  await agent.getByText(/orientation/i).first().waitFor();
  for (const theme of ['light', 'dark']) await look(page, 'cart', theme);
  await page.getByRole('button', { name: 'Place order' }).dblclick();
  await page.getByText('You are silver now').waitFor();
  found.after = await account(page);
  await page.getByText('5% for three days, until').waitFor();
  found.said = await page.locator('#message').innerText();
  await agent.getByText(/silver/i).first().waitFor();
  found.agent = await agent.locator('main').innerText();
  if (pictures !== '') await agent.screenshot({ path: join(pictures, 'checkout-agent.png') });

  // The second order pays with the points of the first.
  await page.getByRole('button', { name: 'Add to cart: Desk lamp' }).click();
  await page.getByLabel(/Pay .* with \d+ points/).check();
  for (const theme of ['light', 'dark']) await look(page, 'points', theme);
  found.discounted = await page.locator('#sums').innerText();
  await page.getByRole('button', { name: 'Place order' }).click();
  await page.getByText(/and \d+ points\./).waitFor();
  found.last = await account(page);

  for (const body of await Promise.all(reading)) found.reached.push(body);
  found.reached.push(await page.content(), JSON.stringify(await page.evaluate(() => ({ ...localStorage, ...sessionStorage, cookie: document.cookie }))));
  found.reached.push(JSON.stringify(await context.cookies()));
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));

/** Somebody new has no profile yet; the browser notes that answer by itself. */
function isUnseen(message) {
  return message.location().url.endsWith('/v1/me') && message.text().includes('404');
}

async function bodyOf(request) {
  const response = await request.response();
  return response === null || response.status() === 204 ? '' : (await response.body()).toString();
}

async function account(page) {
  return { points: Number(await page.locator('#balance').innerText()), tier: await page.locator('#tier').innerText() };
}

async function look(page, name, theme) {
  await page.emulateMedia({ colorScheme: theme });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
    if (pictures !== '') await page.screenshot({ path: join(pictures, `checkout-${name}-${theme}-${width}.png`), fullPage: true });
    if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) found.overflow.push(`${name} ${theme} ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.evaluate(axe);
  const checked = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  found.violations.push(...checked.violations.map((one) => `${name} ${theme} ${one.id}: ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].any[0]?.message ?? ''}`));
}
