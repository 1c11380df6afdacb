// Says how many bytes come over the wire until an agent who signs in for the first time sees the desk: {"bytes","files"}.
//   node console-first-load.mjs ADDRESS EMAIL PASSWORD
import { chromium } from 'playwright-core';

const [address, email, password] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server'] });
try {
  const page = await browser.newPage({ locale: 'de-DE' });
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#alerts');
  const seen = await page.evaluate(() => {
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return { bytes: files.reduce((sum, file) => sum + file.transferSize, 0), files: files.length };
  });
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
