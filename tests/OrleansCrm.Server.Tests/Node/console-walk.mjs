// Walks all pages of the console as an administrator does, in both themes, and says what is wrong with them.
//   node console-walk.mjs ADDRESS EMAIL PASSWORD CUSTOMER [FOLDER FOR PICTURES]
// Prints {"pages":[{"name","theme","violations":[],"overflow":[]}],"errors":[],"foreign":[]}.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [address, email, password, customer, pictures = ''] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const id = encodeURIComponent(customer);
const pages = [
  ['desk', '/', '#alerts [role="option"]'],
  ['customers', '/customers', 'tbody tr'],
  ['customer', `/customers/${id}`, 'figure svg'],
  ['timeline', `/customers/${id}/timeline`, 'ol li'],
  ['ledger', `/customers/${id}/ledger`, 'main h1'],
  ['phases', `/customers/${id}/phases`, 'tbody tr'],
  ['numbers', '/numbers', 'tbody tr'],
  ['supervise', '/supervise', 'main dl dd'],
  ['program', '/program', 'textarea'],
  ['quarantine', '/quarantine', 'tbody tr'],
  ['keys', '/keys', 'tbody tr'],
];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server'] });
const found = { pages: [], errors: [], foreign: [] };
try {
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme: theme, viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    // What is typed into the command bar may be nobody's id; the browser notes that answer by itself.
    const isNobody = (message) => message.location().url.includes('/v1/customers/');
    page.on('console', (message) => message.type() === 'error' && !isNobody(message) && found.errors.push(`${message.text()} ${message.location().url}`));
    page.on('pageerror', (error) => found.errors.push(String(error)));
    page.on('request', (request) => !request.url().startsWith(address) && !request.url().startsWith('data:') && found.foreign.push(request.url()));
    await page.goto(address);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav');
    for (const [name, path, ready] of pages) {
      for (const width of [1280, 1920]) {
        await page.setViewportSize({ width, height: width === 1280 ? 800 : 1080 });
        await page.goto(address + path);
        await page.waitForSelector(ready);
        if (name === 'desk') {
          await page.keyboard.press('j');
          await page.waitForSelector('article h1');
          await page.waitForSelector('[role="region"] h2');
        }
        if (name === 'desk' || name === 'customer') {
          await page.getByText('Triggered by pay-again').waitFor();
        }
        await look(page, name, theme, width);
      }
    }
    await page.goto(address);
    await page.waitForSelector('#alerts [role="option"]');
    await page.keyboard.press('f');
    await page.getByLabel('Title or customer contains').fill('c');
    await page.getByLabel('Name to keep it under').fill('With a c');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.locator('#alerts [role="option"]').first().click();
    await page.keyboard.press('x');
    await page.getByText('1 marked').waitFor();
    await page.keyboard.press('f');
    await look(page, 'desk filtered and marked', theme, 1280);
    await page.getByLabel('You are seen as: Online').click();
    await page.getByRole('menuitemradio', { name: 'Busy' }).waitFor();
    await look(page, 'presence', theme, 1280);
    await page.goto(address + '/customers');
    await page.waitForSelector('tbody tr');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search customers and pages' }).fill('num');
    await page.waitForSelector('[role="dialog"] [role="option"]');
    await look(page, 'command', theme, 1920);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/numbers');
    await page.goto(address + '/keys');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Name', { exact: true }).waitFor();
    await look(page, 'new key', theme, 1920);
    await context.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));

async function look(page, name, theme, width) {
  // Dialogs fade in; half-seen text has no contrast.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  if (pictures !== '') {
    await page.screenshot({ path: join(pictures, `${name.replaceAll(' ', '-')}-${theme}-${width}.png`) });
  }
  // Through the debugger, as the content policy lets no script of others into the page.
  await page.evaluate(axe);
  const violations = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), rules);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  found.pages.push({
    name: `${name} ${width}`,
    theme,
    violations: violations.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.any[0]?.message ?? ''})`).join(' | ')}`),
    overflow,
  });
}
