// node scripts/studio-pictures.js RUNS: the pictures of the studio in docs/, of the runs below a folder (such as `npm start` leaves
// them): a sweep of classifiers and a captioner with attention.
import { fileURLToPath } from 'node:url';
import { openStudio } from '../bench/open-studio.js';

const [runs = 'runs'] = process.argv.slice(2);
const { url, browser, close } = await openStudio(runs);

async function picture(name, address, height, prepare) {
  const page = await browser.newPage({ viewport: { width: 1200, height } });
  await page.goto(`${url}/#${address}`);
  await prepare(page);
  await page.waitForTimeout(500);
  await page.screenshot({ path: fileURLToPath(new URL(`../docs/${name}.png`, import.meta.url)) });
  await page.close();
}

await picture('studio-runs', 'runs', 1080, async (page) => {
  const shown = page.getByRole('checkbox', { name: /^Show / });
  await shown.first().waitFor();
  for (const box of await shown.all()) await box.setChecked(/lr=/.test((await box.getAttribute('aria-label')) ?? ''));
  await page.getByRole('img', { name: 'Training loss by epoch' }).waitFor();
});
await picture('studio-captions', 'captions', 900, async (page) => {
  const captioner = page.getByLabel('Captioner');
  await captioner.waitFor();
  const options = await captioner.locator('option').allTextContents();
  await captioner.selectOption({ index: options.findIndex((text) => text.endsWith('captioner-attention')) });
  await page.getByText(/^Ready: /).waitFor();
  await page.getByRole('group', { name: 'Images of the evaluation' }).getByRole('button').first().click();
  await page.getByRole('heading', { name: /^What a beam of/ }).waitFor();
  await page.getByRole('group', { name: 'Words of the caption' }).getByRole('button').nth(2).click();
});
await close();
