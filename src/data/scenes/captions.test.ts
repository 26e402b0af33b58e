import { describe, expect, it } from 'vitest';
import { describeScene } from './describe.js';
import { type SceneCaption, type SceneDescription, sceneKinds, type Thing } from './description.js';
import { clip, contains, type Outline, type Point } from './geometry.js';
import { nouns, type ThingName, thingWords } from './things.js';

const scenes = Array.from({ length: 5 }, (_, seed) => seed).flatMap((seed) =>
  Array.from({ length: 70 }, (_, index) => describeScene(seed, index)),
);

it('has five different captions of 6 to 20 words a scene, from a vocabulary of 60 to 120', () => {
  const vocabulary = new Set<string>();
  for (const { captions } of scenes) {
    expect(new Set(captions.map(({ raw }) => raw)).size).toBe(5);
    for (const { raw, tokens } of captions) {
      expect(tokens.length).toBeGreaterThanOrEqual(6);
      expect(tokens.length).toBeLessThanOrEqual(20);
      expect(raw.toLowerCase()).toBe(`${tokens.join(' ')} .`);
      for (const token of tokens) vocabulary.add(token);
    }
  }
  expect(vocabulary.size).toBeGreaterThanOrEqual(60);
  expect(vocabulary.size).toBeLessThanOrEqual(120);
});

it.each(sceneKinds)('says nothing but what is true of a scene of the kind %s', (kind) => {
  const ofKind = scenes.filter((scene) => scene.kind === kind);
  expect(ofKind.length).toBe(50);
  for (const scene of ofKind) for (const caption of scene.captions) check(scene, caption);
});

it('says everything that it can say', () => {
  const said = scenes.flatMap(({ captions }) => captions.map(({ tokens }) => tokens.join(' '))).join('\n');
  const words = ['to the left of', 'to the right of', 'above', 'below', 'beside the', 'is on the', 'is over the'];
  for (const word of [...words, 'from the', 'there is', 'there are', ...sceneKinds]) expect(said).toContain(word);
});

describe('a false caption is noticed', () => {
  const [scene] = scenes.filter(({ groups }) =>
    groups.some(({ name, things }) => name === 'plane' && things.length === 2),
  );
  const { colour, things, place } = scene!.groups.find(({ name }) => name === 'plane')!;
  const other = colour === 'red' ? 'blue' : 'red';
  const elsewhere = place?.includes('left') ? 'on the right' : 'on the left';
  it.each([
    `three ${colour} planes`,
    `a ${colour} plane`,
    `two ${other} planes`,
    `two ${colour} planes ${elsewhere}`,
    `two ${colour} ships`,
    'a meadow',
    `two ${colour} planes dance`,
  ])('%s', (text) => {
    const tokens = text.split(' ');
    const mentions = tokens.flatMap((word, token) => (thingWords.has(word) ? [{ token, things }] : []));
    expect(() => check(scene!, { raw: text, tokens, mentions })).toThrow();
  });
});

const colours = 'white|red|blue|green|yellow|brown|grey|black|orange';
const words = Object.entries(nouns).flatMap(([name, { plural }]) => [plural, name]);
const ninth = '(?:upper|lower) (?:left|right)|top|bottom|left|right|middle';
const settings: Readonly<Record<string, string>> = {
  residential: 'residential area',
  airport: 'airport',
  meadow: 'meadow',
  ocean: 'ocean',
  industrial: 'industrial area',
};

/** The grammar of captions, each rule with what it claims; written apart from the generator. */
const rules: readonly [RegExp, (claims: Claims, match: RegExpExecArray) => void][] = [
  [
    new RegExp(
      `^(an?|two|three|four|some|the) (?:(${colours}) )?(${words.join('|')})(?: with (?:a )?(${colours}) roofs?)?\\b`,
    ),
    (claims, [, number, colour, noun, roof]) => claims.things(number!, colour ?? roof, noun!),
  ],
  [new RegExp(`^(?:in|at|on) the (${ninth})\\b`), (claims, [, place]) => claims.place(place!)],
  [new RegExp(`^(?:runs|flows) from the (${ninth}) to the (${ninth})\\b`), (claims, [, a, b]) => claims.course(a!, b!)],
  [/^(?:is|are) to the (left|right) of\b/, (claims, [, way]) => claims.relate(way!)],
  [/^(?:is|are) (above|below)\b/, (claims, [, way]) => claims.relate(way!)],
  [/^(?:is|are) (on|over)(?= the)/, (claims, [, way]) => claims.relate(way!)],
  [/^beside(?= the)/, (claims) => claims.relate('beside')],
  [
    new RegExp(`^(?:an|a|on the|in the|at the) (${Object.values(settings).join('|')})\\b`),
    (claims, [, it]) => claims.setting(it!),
  ],
  [/^(?:there (?:is|are)|with|and)\b/, () => {}],
  [/^(?:(?:is|are) parked|stands?|lies?|grows?|floats?|sails?)\b/, () => {}],
];

function check(scene: SceneDescription, caption: SceneCaption): void {
  const claims = new Claims(scene);
  let rest = caption.tokens.join(' ');
  while (rest !== '') {
    const applied = rules.some(([pattern, claim]) => {
      const match = pattern.exec(rest);
      if (match) {
        claim(claims, match);
        rest = rest.slice(match[0].length).trimStart();
      }
      return match !== null;
    });
    expect(applied, `no rule for "${rest}" in "${caption.raw}"`).toBe(true);
  }
  checkMentions(scene, caption, claims.named);
}

/** Every word that names things knows them, in the order in which they are named. */
function checkMentions(scene: SceneDescription, { tokens, mentions }: SceneCaption, named: readonly Thing[][]): void {
  const naming = tokens.flatMap((word, token) => (thingWords.has(word) ? [token] : []));
  expect(mentions.map(({ token }) => token)).toEqual(naming);
  const groups = mentions
    .filter(({ token }) => !tokens[token]!.startsWith('roof'))
    .map(({ things }) => things.map((thing) => scene.things[thing]!));
  expect(groups).toEqual(named);
  for (const { token, things } of mentions) {
    for (const thing of things) expect(thingWords.get(tokens[token]!)).toContain(scene.things[thing]!.name);
  }
}

/** Compares what a caption says with the outlines alone. */
class Claims {
  readonly named: Thing[][] = [];
  readonly #scene: SceneDescription;
  #subject: Thing[] = [];
  #relation: string | undefined;

  constructor(scene: SceneDescription) {
    this.#scene = scene;
  }

  things(number: string, colour: string | undefined, noun: string): void {
    const name = thingWords.get(noun)![0]!;
    const things = this.#scene.things.filter((thing) => thing.name === name && (!colour || thing.colour === colour));
    const said = { a: 1, an: 1, two: 2, three: 3, four: 4 }[number];
    if (said) expect(things.length, `${number} ${noun}`).toBe(said);
    else expect(things.length).toBeGreaterThanOrEqual(number === 'some' ? 4 : 1);
    expect(noun).toBe(things.length > 1 ? nouns[name].plural : name);
    this.named.push(things);
    if (this.#relation) this.#checkRelation(this.#relation, things);
    // What is said after "beside the road" is said of what is beside it.
    if (number !== 'the') this.#subject = things;
    this.#relation = undefined;
  }

  relate(relation: string): void {
    this.#relation = relation;
  }

  place(place: string): void {
    const centre = meanOf(this.#subject.map(({ outline }) => middleOf(outline)));
    expect(inNinth(centre, place), `${this.#subject[0]!.name} at ${centre} "${place}"`).toBe(true);
    for (const { outline } of this.#subject) {
      const [x, y] = middleOf(outline);
      if (place.includes('left')) expect(x).toBeLessThan(0.5);
      if (place.includes('right')) expect(x).toBeGreaterThan(0.5);
      if (/upper|top/u.test(place)) expect(y).toBeLessThan(0.5);
      if (/lower|bottom/u.test(place)) expect(y).toBeGreaterThan(0.5);
    }
  }

  course(from: string, to: string): void {
    const [{ outline }] = this.#subject as [Thing];
    const edges = Array.from({ length: 401 }, (_, i) => i / 400).flatMap((t): Point[] => [
      [t, 0.001],
      [t, 0.999],
      [0.001, t],
      [0.999, t],
    ]);
    const crossed = edges.filter((point) => contains(outline, point));
    for (const end of [from, to])
      expect(
        crossed.some((point) => inNinth(point, end)),
        end,
      ).toBe(true);
    expect(
      crossed.every((point) => near(point, from) || near(point, to)),
      `${from} to ${to}`,
    ).toBe(true);
  }

  setting(words: string): void {
    expect(words).toBe(settings[this.#scene.kind]);
  }

  #checkRelation(relation: string, others: Thing[]): void {
    const [other] = others as [Thing];
    if (crossing.has(other.name)) {
      for (const { outline } of this.#subject) checkCrossing(relation, outline, other.outline);
      return;
    }
    const a = meanOf(this.#subject.map(({ outline }) => middleOf(outline)));
    const b = meanOf(others.map(({ outline }) => middleOf(outline)));
    const [dx, dy] = [a[0] - b[0], a[1] - b[1]];
    const along = { left: -dx, right: dx, above: -dy, below: dy }[relation]!;
    const across = relation === 'left' || relation === 'right' ? dy : dx;
    expect(along).toBeGreaterThan(0.2);
    expect(along).toBeGreaterThan(1.5 * Math.abs(across));
  }
}

const crossing = new Set<ThingName>(['road', 'path', 'river', 'runway']);

function checkCrossing(relation: string, outline: Outline, crossed: Outline): void {
  if (relation === 'on') {
    expect(contains(crossed, middleOf(outline))).toBe(true);
  } else if (relation === 'over') {
    expect(contains(crossed, middleOf(outline))).toBe(true);
    expect(outline.every((corner) => !contains(crossed, corner))).toBe(true);
  } else if (relation === 'beside') {
    const gaps = outline.map((corner) =>
      Math.min(...crossed.map((_, i) => distance(corner, crossed.at(i - 1)!, crossed[i]!))),
    );
    expect(Math.min(...gaps)).toBeLessThan(0.12);
    expect(outline.some((corner) => contains(crossed, corner))).toBe(false);
  } else {
    checkSide(relation, outline, crossed);
  }
}

/** Wherever both are met on one line across, the one comes before the other. */
function checkSide(relation: string, outline: Outline, crossed: Outline): void {
  const flat = relation === 'above' || relation === 'below';
  const steps = Array.from({ length: 101 }, (_, i) => i / 100);
  let met = 0;
  for (const v of steps) {
    const on = (shape: Outline): number[] => steps.filter((u) => contains(shape, flat ? [v, u] : [u, v]));
    const [a, b] = [on(outline), on(crossed)];
    if (a.length === 0 || b.length === 0) continue;
    met++;
    if (relation === 'left' || relation === 'above') expect(Math.max(...a)).toBeLessThan(Math.min(...b));
    else expect(Math.min(...a)).toBeGreaterThan(Math.max(...b));
  }
  expect(met).toBeGreaterThan(0);
}

function inNinth([x, y]: Point, place: string): boolean {
  const third = (value: number, low: boolean, high: boolean): boolean =>
    low ? value < 0.4 : high ? value > 0.6 : value > 0.38 && value < 0.62;
  const column = third(x, place.includes('left'), place.includes('right'));
  return column && third(y, /upper|top/u.test(place), /lower|bottom/u.test(place));
}

/** Whether a point at the picture's edge is within the width of a river from a ninth. */
function near(point: Point, place: string): boolean {
  const [x, y] = point;
  const around = [-0.2, -0.1, 0, 0.1, 0.2];
  return around.some((dx) => around.some((dy) => inNinth([x + dx, y + dy], place)));
}

/** Of the part that is seen; by samples, unlike the generator's. */
function middleOf(outline: Outline): Point {
  const seen = clip(outline);
  const [xs, ys] = [seen.map(([x]) => x), seen.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const samples = Array.from(
    { length: 400 },
    (_, i): Point => [left + ((i % 20) + 0.5) * (width / 20), top + (Math.floor(i / 20) + 0.5) * (height / 20)],
  );
  return meanOf(samples.filter((point) => contains(outline, point)));
}

const meanOf = (points: readonly Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

function distance([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const part = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - fromX - part * dx, y - fromY - part * dy);
}
