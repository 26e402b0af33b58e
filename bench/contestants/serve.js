import { createInterface } from 'node:readline';

/**
 * Says hello, then for every line "n" runs n steps and prints their times in milliseconds as JSON.
 * @param {string} version what is running
 * @param {() => Promise<number>} step one training step; gives its loss, which must have been computed by then
 */
export async function serve(version, step) {
  console.log(JSON.stringify({ version }));
  for await (const line of createInterface({ input: process.stdin })) {
    const times = [];
    let loss = 0;
    for (let i = 0; i < Number(line); i++) {
      const start = performance.now();
      loss = await step();
      times.push(performance.now() - start);
    }
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    console.log(JSON.stringify({ times, loss, peakBytes: 1024 * process.resourceUsage().maxRSS }));
  }
}
