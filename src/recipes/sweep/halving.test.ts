import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HalvingRule, lastRung, nextPieces, type Piece, rungsOf, type Standing, scoreAt } from './halving.js';

const at = (state: Standing['state'], ...scores: readonly number[]): Standing => ({ scores, state });
const rule = (mode: HalvingRule['mode'], rungs = [1, 2, 4], eta = 2): HalvingRule => ({ rungs, eta, mode });
const trialsIn = (pieces: readonly Piece[]) => pieces.map(({ trial, untilEpoch }) => [trial, untilEpoch]);

describe('synchronous halving', () => {
  const sync = rule('synchronous');

  it('begins all trials, and promotes none before the last has come', () => {
    const all = [1, 2, 3, 4].map(() => at('waiting'));
    expect(trialsIn(nextPieces(all, sync))).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    const three = [at('paused', 0.9), at('paused', 0.8), at('underway'), at('paused', 0.1)];
    expect(trialsIn(nextPieces(three, sync))).toEqual([[2, 1]]);
    expect(rungsOf(three, sync)[0]).toEqual({ epochs: 1, trials: [0, 1, 2, 3], promoted: [], isComplete: false });
  });

  it('promotes the best half, of equals the first, and none that diverged', () => {
    const tied = [at('paused', 0.5), at('paused', 0.5), at('paused', 0.9), at('paused', 0.5)];
    expect(trialsIn(nextPieces(tied, sync))).toEqual([
      [2, 2],
      [0, 2],
    ]);
    const wild = [at('out'), at('out'), at('out'), at('paused', 0.1)];
    expect(trialsIn(nextPieces(wild, sync))).toEqual([[3, 2]]);
    expect(nextPieces([at('out'), at('out'), at('out'), at('out')], sync)).toEqual([]);
  });

  it('lets one that diverged further up keep its place below, so that no other takes it', () => {
    const trials = [at('out', 0.9), at('paused', 0.8, 0.7), at('paused', 0.1), at('paused', 0.2)];
    expect(rungsOf(trials, sync).map(({ promoted }) => promoted)).toEqual([[0, 1], [1], []]);
    expect(trialsIn(nextPieces(trials, sync))).toEqual([[1, 4]]);
  });

  it('counts one that stopped early as what it was at its end, without training it', () => {
    const trials = [at('finished', 0.9), at('paused', 0.8), at('paused', 0.1), at('paused', 0.2)];
    expect(trialsIn(nextPieces(trials, sync))).toEqual([[1, 2]]);
    const later = [at('finished', 0.9), at('paused', 0.8, 0.85), ...trials.slice(2)];
    expect(nextPieces(later, sync)).toEqual([]);
    expect(rungsOf(later, sync)[2]).toEqual({ epochs: 4, trials: [0], promoted: [], isComplete: true });
    expect(lastRung(0, later[0]!, rungsOf(later, sync))).toBe(2);
    expect(lastRung(1, later[1]!, rungsOf(later, sync))).toBe(1);
  });

  it('goes by what is best at a rung, also where one was trained further that is not', () => {
    const trials = [at('paused', 0.5, 0.99), at('paused', 0.6, 0.4), at('paused', 0.7), at('paused', 0.1)];
    expect(trialsIn(nextPieces(trials, sync))).toEqual([[2, 2]]);
    expect(lastRung(0, trials[0]!, rungsOf(trials, sync))).toBe(0);
  });
});

describe('asynchronous halving', () => {
  const async = rule('asynchronous');

  it('promotes as soon as one is in the best half of those that came, and begins others where none is', () => {
    const one = [at('paused', 0.5), at('waiting'), at('waiting'), at('waiting')];
    expect(trialsIn(nextPieces(one, async))).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    const two = [at('paused', 0.5), at('paused', 0.6), at('waiting'), at('waiting')];
    expect(trialsIn(nextPieces(two, async))).toEqual([
      [1, 2],
      [2, 1],
      [3, 1],
    ]);
  });

  it('prefers the highest rung, and there what was begun', () => {
    const trials = [
      ...[at('paused', 0.9, 0.9), at('paused', 0.8, 0.8), at('underway', 0.3), at('paused', 0.7)],
      ...[at('paused', 0.1), at('paused', 0.1), at('underway'), at('waiting')],
    ];
    expect(trialsIn(nextPieces(trials, async))).toEqual([
      [0, 4],
      [2, 2],
      [3, 2],
      [6, 1],
      [7, 1],
    ]);
  });

  it('takes no promotion back', () => {
    const trials = [at('paused', 0.5), at('underway', 0.1), at('paused', 0.6), at('paused', 0.7)];
    expect(rungsOf(trials, async)[0]?.promoted).toEqual([1, 2, 3]);
  });
});

/** What becomes of each trial: its score at each rung, and where it diverges or stops early, if it does. */
interface Fate {
  readonly scores: readonly number[];
  readonly diverges: number | null;
  readonly stops: number | null;
}

const rungs = 4;
const fates = fc.array(
  fc.record({
    // few values, so that there are ties
    scores: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: rungs, maxLength: rungs }),
    diverges: fc.option(fc.nat(rungs - 1), { freq: 5 }),
    stops: fc.option(fc.nat(rungs - 1), { freq: 5 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** What a trial is after it was trained to a rung. */
function trained({ scores, diverges, stops }: Fate, rung: number): Standing {
  if (diverges !== null && diverges <= rung) return { scores: scores.slice(0, rung), state: 'out' };
  const reached = scores.slice(0, rung + 1);
  return { scores: reached, state: rung === rungs - 1 || (stops !== null && stops <= rung) ? 'finished' : 'paused' };
}

interface Trained extends Piece {
  /** How many of those that had come to the rung below were better, when it went on, and how many may go on. */
  readonly better: number;
  readonly quota: number;
}

interface Course {
  readonly trials: readonly Standing[];
  readonly pieces: readonly Trained[];
}

/** Trains by a rule until nothing is left, `jobs` at once, that end in an order drawn by `choose`. */
function course(given: readonly Fate[], by: HalvingRule, jobs: number, choose: (below: number) => number): Course {
  const trials: Standing[] = given.map(() => at('waiting'));
  const pieces: Trained[] = [];
  const inHand: Piece[] = [];
  for (;;) {
    // as folders say it: what is trained just now has been begun
    const seen = trials.map((trial, i) =>
      inHand.some((piece) => piece.trial === i) ? ({ ...trial, state: 'underway' } as const) : trial,
    );
    const next = nextPieces(seen, by).find(({ trial }) => inHand.every((piece) => piece.trial !== trial));
    if (next !== undefined && inHand.length < jobs) {
      const below = next.rung - 1;
      const came = (rungsOf(seen, by)[below]?.trials ?? []).filter((trial) => hasCome(seen[trial]!, below));
      const own = scoreAt(seen[next.trial]!, below) ?? -1;
      const better = came.filter((trial) => {
        const score = scoreAt(seen[trial]!, below) ?? -1;
        return score > own || (score === own && trial < next.trial);
      });
      pieces.push({ ...next, better: better.length, quota: Math.floor(came.length / by.eta) });
      inHand.push(next);
    } else if (inHand.length > 0) {
      const [piece] = inHand.splice(choose(inHand.length), 1) as [Piece];
      trials[piece.trial] = trained(given[piece.trial]!, piece.rung);
    } else {
      return { trials, pieces };
    }
  }
}

const hasCome = ({ scores, state }: Standing, rung: number): boolean =>
  scores.length > rung || state === 'out' || state === 'finished';

const modes = fc.constantFrom('synchronous' as const, 'asynchronous' as const);
const etas = fc.integer({ min: 2, max: 4 });
const jobsAtOnce = fc.integer({ min: 1, max: 6 });
const order = fc.infiniteStream(fc.nat()).map((stream) => (below: number) => stream.next().value % below);
const ruleOf = (mode: HalvingRule['mode'], eta: number): HalvingRule => ({ rungs: [1, 3, 9, 27], eta, mode });

describe('whatever becomes of trials, in whatever order', () => {
  it('halving ends, trains no piece twice, and every trial rung by rung at most to the last', () => {
    fc.assert(
      fc.property(fates, modes, etas, jobsAtOnce, order, (given, mode, eta, jobs, choose) => {
        const { trials, pieces } = course(given, ruleOf(mode, eta), jobs, choose);
        expect(nextPieces(trials, ruleOf(mode, eta))).toEqual([]);
        for (const [i, { scores }] of trials.entries()) {
          const own = pieces.filter(({ trial }) => trial === i);
          expect(own.map(({ rung }) => rung)).toEqual(own.map((_, k) => k));
          expect(own.length).toBeGreaterThan(0);
          expect(scores.length).toBeLessThanOrEqual(rungs);
          for (const { rung, untilEpoch } of own) expect(untilEpoch).toBe([1, 3, 9, 27][rung]);
        }
        expect(rungsOf(trials, ruleOf(mode, eta)).every(({ isComplete }) => isComplete)).toBe(true);
      }),
    );
  });

  it('none goes on that diverged or stopped', () => {
    fc.assert(
      fc.property(fates, modes, etas, jobsAtOnce, order, (given, mode, eta, jobs, choose) => {
        for (const { trial, rung } of course(given, ruleOf(mode, eta), jobs, choose).pieces) {
          const { diverges, stops } = given[trial]!;
          expect(rung).toBeLessThanOrEqual(Math.min(diverges ?? rungs, stops ?? rungs));
        }
      }),
    );
  });

  it('synchronous: at most one in eta of a rung goes on, all of them at least as good as any that stays', () => {
    fc.assert(
      fc.property(fates, etas, jobsAtOnce, order, (given, eta, jobs, choose) => {
        const by = ruleOf('synchronous', eta);
        const { trials } = course(given, by, jobs, choose);
        const found = rungsOf(trials, by);
        for (const [k, { trials: members, promoted }] of found.entries()) {
          if (k > 0) expect(members).toEqual(found[k - 1]!.promoted);
          expect(promoted.length).toBeLessThanOrEqual(Math.floor(members.length / eta));
          const score = (trial: number) => scoreAt(trials[trial]!, k) ?? -1;
          const stayed = members.filter((trial) => !promoted.includes(trial));
          if (k === rungs - 1) continue;
          for (const one of promoted)
            for (const other of stayed)
              expect(score(one) > score(other) || (score(one) === score(other) && one < other)).toBe(true);
        }
      }),
    );
  });

  it('synchronous: the outcome is the same, whatever runs at once and ends first', () => {
    fc.assert(
      fc.property(fates, etas, jobsAtOnce, order, (given, eta, jobs, choose) => {
        const by = ruleOf('synchronous', eta);
        expect(course(given, by, jobs, choose).trials).toEqual(course(given, by, 1, () => 0).trials);
      }),
    );
  });

  it('synchronous: what failed for once and is tried again comes to the same rungs as if it never had', () => {
    fc.assert(
      fc.property(fates, etas, fc.nat(), (given, eta, which) => {
        const by = ruleOf('synchronous', eta);
        const failing = given.map((fate, i) => (i === which % given.length ? { ...fate, diverges: 0 } : fate));
        const { trials } = course(failing, by, 1, () => 0);
        const again = goOn(
          trials.map((trial, i) => (i === which % given.length ? at('underway') : trial)),
          given,
          by,
        );
        const scored = (all: readonly Standing[]) =>
          rungsOf(all, by).map(({ trials: members, promoted }) => ({ members, promoted }));
        expect(scored(again)).toEqual(scored(course(given, by, 1, () => 0).trials));
      }),
    );
  });

  it('asynchronous: goes on with none that is not in the best part of those that have come', () => {
    fc.assert(
      fc.property(fates, etas, jobsAtOnce, order, (given, eta, jobs, choose) => {
        for (const { rung, better, quota } of course(given, ruleOf('asynchronous', eta), jobs, choose).pieces)
          if (rung > 0) expect(better).toBeLessThan(quota);
      }),
    );
  });

  it('asynchronous: in the end at least as many have gone on as synchronously', () => {
    fc.assert(
      fc.property(fates, etas, jobsAtOnce, order, (given, eta, jobs, choose) => {
        const [sync, async] = (['synchronous', 'asynchronous'] as const).map((mode) => {
          const by = ruleOf(mode, eta);
          return rungsOf(course(given, by, jobs, choose).trials, by)[0]!.promoted;
        });
        expect(async).toEqual(expect.arrayContaining([...sync!]));
      }),
    );
  });
});

/** Trains one after the other from where trials are. */
function goOn(from: readonly Standing[], given: readonly Fate[], by: HalvingRule): readonly Standing[] {
  const trials = [...from];
  for (;;) {
    const [piece] = nextPieces(trials, by);
    if (piece === undefined) return trials;
    trials[piece.trial] = trained(given[piece.trial]!, piece.rung);
  }
}
