import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Says hello, then for every line "n" runs n steps, or a few more, and prints their times in milliseconds as JSON.
 * @param {string} version what is running
 * @param {() => Promise<number>} step training steps; gives the loss of the last, which must have been computed by then
 * @param {number} atOnce how many training steps they are
 */
export async function serve(version, step, atOnce = 1) {
  console.log(JSON.stringify({ version }));
  for await (const line of createInterface({ input: process.stdin })) {
    const times = [];
    let loss = 0;
    for (let i = 0; i < Number(line); i += atOnce) {
      const start = performance.now();
      loss = await step();
      times.push((performance.now() - start) / atOnce);
    }
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    await collectGarbage();
    const residentBytes = process.memoryUsage.rss();
    console.log(JSON.stringify({ times, loss, residentBytes, peakBytes: 1024 * process.resourceUsage().maxRSS }));
  }
}

/**
 * Where node was started with --expose-gc. V8 gives pages back beside the program, a while after: right after a collection a
 * training had 217 MB or 167, and at rest 172 and 167.
 */
async function collectGarbage() {
  for (let i = 0; globalThis.gc !== undefined && i < 2; i++) {
    globalThis.gc();
    await sleep(300);
  }
}
