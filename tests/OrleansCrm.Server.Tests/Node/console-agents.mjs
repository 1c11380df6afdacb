// Agents at their screens, each with a browser profile of its own, driven by the tests: commands come in as JSON lines, answers go out so.
//   node console-agents.mjs ADDRESS FOLDER FOR PICTURES
// In {"call","agent","verb","args"}; out {"call","result"} or {"call","error"}.
import { chromium } from 'playwright-core';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [address, pictures] = process.argv.slice(2);
const patience = 120_000;
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server'] });
const screens = new Map();

const verbs = {
  /** Signs in with the keyboard. */
  async signIn(_, agent, email, password, path = '/') {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', colorScheme: 'light', reducedMotion: 'reduce' });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const screen = { context, page, faults: [] };
    screens.set(agent, screen);
    // A server that is away is what some tests are about; the browser notes every attempt by itself.
    page.on('console', (message) => message.type() === 'error' && !/ERR_|WebSocket|429|404/.test(message.text()) && screen.faults.push(message.text()));
    page.on('pageerror', (error) => screen.faults.push(String(error)));
    await page.addInitScript(() => {
      window.sockets = [];
      window.WebSocket = class extends WebSocket {
        constructor(...args) {
          super(...args);
          window.sockets.push(this);
        }
      };
    });
    await page.goto(address + path);
    await page.getByLabel('Email').waitFor();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav');
    await page.getByText('Live', { exact: true }).waitFor();
    // Gone after a reload.
    await page.evaluate(() => (window.untouched = true));
  },
  press: async ({ page }, ...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  },
  type: ({ page }, text) => page.keyboard.type(text),
  /** Waits until something is in sight and says what it reads. */
  see: async ({ page }, selector) => {
    await page.locator(selector).first().waitFor();
    return page.locator(selector).first().innerText();
  },
  /** Waits until nothing of the kind is in sight. */
  miss: ({ page }, selector) => page.locator(selector).first().waitFor({ state: 'hidden' }),
  count: ({ page }, selector) => page.locator(selector).count(),
  goTo: async ({ page }, path) => {
    await page.goto(address + path);
    await page.waitForSelector('nav');
  },
  isUntouched: ({ page }) => page.evaluate(() => window.untouched === true),
  title: ({ page }) => page.title(),
  selected: ({ page }) => decodeURIComponent(/^\/alerts\/(.+)$/.exec(new URL(page.url()).pathname)?.[1] ?? ''),
  /** Goes to a control as those do who have no mouse. */
  focus: async ({ page }, label) => {
    for (let tabs = 0; tabs < 60; tabs++) {
      if ((await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)) === label) return;
      await page.keyboard.press('Tab');
    }
    throw new Error('cannot be reached with the tab key');
  },
  offline: ({ context }, isOffline) => context.setOffline(isOffline),
  /** Ends the page's connections to the hub as a broken line would. */
  cut: ({ page }) => page.evaluate(() => window.sockets.forEach((socket) => socket.close())),
  colours: ({ page }) =>
    page.evaluate(() => ({
      scheme: document.documentElement.getAttribute('data-mantine-color-scheme'),
      background: getComputedStyle(document.body).backgroundColor,
    })),
  faults: ({ faults }) => faults,
  async picture({ page }, name) {
    // Of those that end: a dot that pulses while the page reconnects does not.
    await page.evaluate(() => {
      const ending = document.getAnimations().filter((animation) => animation.effect?.getTiming().iterations !== Infinity);
      return Promise.all(ending.map((animation) => animation.finished.catch(() => undefined)));
    });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  },
  leave: async ({ context }, agent) => {
    screens.delete(agent);
    await context.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, agent, verb, args } = JSON.parse(line);
  const own = verb === 'signIn' || verb === 'leave' ? [agent, ...args] : args;
  Promise.resolve()
    .then(() => verbs[verb](screens.get(agent), ...own))
    .then((result) => say({ call, result: result ?? null }))
    .catch((error) => say({ call, error: `${agent} ${verb} ${args.join(' ')}: ${error.message}` }));
}
await browser.close();
