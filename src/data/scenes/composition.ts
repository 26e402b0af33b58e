import { type Stream, uniform } from '../../tensor/random.js';
import { type Arrangement, arrange } from './arrangement.js';
import { type Crossing, capsulesAlong, drawCrossing, type Station, sideOf, stripAlong } from './crossing.js';
import type { Fill, Group, Light, Mark, Thing } from './description.js';
import { between, pick } from './draw.js';
import {
  type Capsule,
  capsuleAround,
  centroidOf,
  clip,
  gapBetween,
  move,
  type Outline,
  type Point,
  type Pose,
} from './geometry.js';
import { type Paint, type Rgb, shade, vary } from './paint.js';
import { type Place, partsOf, placeOf, places } from './places.js';
import { drawShore } from './shore.js';
import type { Sketch } from './sketches.js';
import type { ThingName } from './things.js';

/** Things to be placed together. */
export interface GroupPlan {
  readonly name: ThingName;
  readonly paint: Paint;
  readonly count: number;
  /** Drawn anew for each. */
  readonly sketch: () => Sketch;
  /** `row` by default. */
  readonly arrangement?: Arrangement;
  /** Space between neighbours, in parts of the picture; 0.03 by default. */
  readonly gap?: number;
  /** `scene` (the default) keeps to the scene's own directions; `any` turns the whole group freely. */
  readonly facing?: 'scene' | 'any';
  /** Painted under each and no part of it, in the sketch's coordinates. */
  readonly trail?: Fill;
}

/** Something from one edge of the picture to another. */
export interface CrossingPlan {
  readonly name: ThingName;
  readonly paint: Paint;
  readonly width: number;
  /** How far it swings to each side; 0 by default. */
  readonly winding?: number;
  /** What is painted on it. */
  readonly details: (line: readonly Station[], width: number) => readonly Fill[];
}

/** A sketch with the capsule around it. */
interface Drawn extends Sketch {
  readonly capsule: Capsule;
}

/** Where a group has found room. */
interface Placed {
  readonly poses: readonly Pose[];
  readonly outlines: readonly Outline[];
  readonly capsules: readonly Capsule[];
  readonly place: Place;
}

/** Between things of different groups, and between things and the picture's edges. */
const room = 0.03;
const attempts = 40;
/** How near to a road is beside it. */
const besideGap = 0.08;

/** Collects what a scene has, and finds room for it. What is placed first is painted first. */
export class Composition {
  readonly random: Stream;
  readonly rotation: number;
  readonly scale: number;
  readonly light: Light;
  ground: Rgb = [0, 0, 0];
  readonly things: Thing[] = [];
  readonly groups: Group[] = [];
  readonly #below: Mark[] = [];
  readonly #shadows: Mark[] = [];
  readonly #bodies: Mark[] = [];
  readonly #obstacles: Capsule[] = [];
  #crossing: Crossing | undefined;
  #along: readonly Capsule[] = [];

  constructor(random: Stream) {
    this.random = random;
    this.rotation = 2 * Math.PI * uniform(random);
    this.scale = between(random, 0.88, 1.12);
    const sun = 2 * Math.PI * uniform(random);
    this.light = {
      gain: between(random, 0.86, 1.08),
      warmth: between(random, 0.96, 1.04),
      slope: [between(random, -0.08, 0.08), between(random, -0.08, 0.08)],
      shadow: [Math.cos(sun), Math.sin(sun)],
      grain: between(random, 3, 7),
    };
  }

  get marks(): readonly Mark[] {
    return [...this.#below, ...this.#shadows, ...this.#bodies];
  }

  /** Paints on the ground, under everything added later; no thing. */
  patch(fill: Fill): void {
    this.#below.push({ ...fill, thing: undefined });
  }

  /** At most one a scene, before any group. False when it would cross in a way that cannot be said plainly. */
  cross({ name, paint, width, winding = 0, details }: CrossingPlan): boolean {
    const crossing = retry(() => drawCrossing(this.random, this.rotation, width * this.scale, winding));
    if (!crossing) return false;
    const outline = stripAlong(crossing.line, -crossing.width / 2, crossing.width / 2);
    const thing = this.#addBelow(name, paint, outline);
    for (const detail of details(crossing.line, crossing.width)) this.#below.push({ ...detail, thing });
    this.#addGroup({
      name,
      colour: paint.word,
      things: [thing],
      centre: centroidOf(clip(outline)),
      course: crossing.course,
    });
    this.#crossing = crossing;
    this.#along = capsulesAlong(crossing);
    return true;
  }

  /** What lies along an edge of the picture; false when it would not lie in one place. */
  edge(name: ThingName, paint: Paint): boolean {
    const shore = retry(() => drawShore(this.random, this.rotation));
    if (!shore) return false;
    this.patch({ outline: shore.foam, rgb: [226, 236, 238], opacity: 0.7 });
    const thing = this.#addBelow(name, paint, shore.outline);
    this.#addGroup({ name, colour: paint.word, things: [thing], centre: shore.centre, place: shore.place });
    this.#obstacles.push(shore.capsule);
    return true;
  }

  /** Places one thing, or several close together; false when there is no room, or no ninth of the picture left. */
  group(plan: GroupPlan): boolean {
    const obstacles = [...this.#obstacles, ...this.#along];
    return this.#try(plan, false, (drawn) => this.#fit(drawn, this.#drawPoses(plan, drawn[0]!), obstacles));
  }

  /** Places one thing on what crosses the picture. */
  onCrossing(plan: Pick<GroupPlan, 'name' | 'paint' | 'sketch' | 'trail'>, facing: 'along' | 'across'): boolean {
    const line = this.#crossing?.line ?? [];
    if (line.length === 0) return false;
    return this.#try({ ...plan, count: 1 }, true, (drawn) => {
      const { at, angle } = pick(this.random, line);
      const turned = facing === 'across' ? Math.PI / 2 : pick(this.random, [0, Math.PI]);
      return this.#fit(drawn, [{ at, angle: angle + turned }], this.#obstacles);
    });
  }

  #try(plan: GroupPlan, on: boolean, place: (drawn: readonly Drawn[]) => Placed | undefined): boolean {
    const drawn = Array.from({ length: plan.count }, (): Drawn => {
      const sketch = plan.sketch();
      return { ...sketch, capsule: capsuleAround(sketch.body) };
    });
    for (let i = 0; i < attempts; i++) {
      const placed = place(drawn);
      if (!placed) continue;
      this.#add(plan, drawn, placed, on);
      return true;
    }
    return false;
  }

  #drawPoses({ count, arrangement = 'row', gap = 0.03, facing = 'scene' }: GroupPlan, sketch: Sketch): Pose[] {
    const { random } = this;
    const free = places.filter((place) => !this.#taken(place));
    const { column, row } = partsOf(pick(random, free));
    const [left, right] = thirds[column];
    const [top, bottom] = thirds[row];
    const at: Point = [between(random, left, right), between(random, top, bottom)];
    const turned = facing === 'any' ? 2 * Math.PI * uniform(random) : (Math.PI / 2) * pick(random, [0, 1, 2, 3]);
    const angle = this.rotation + turned + between(random, -0.05, 0.05);
    const width = 2 * Math.max(...sketch.body.map(([x]) => Math.abs(x))) + gap;
    const length = 2 * Math.max(...sketch.body.map(([, y]) => Math.abs(y))) + gap;
    const offsets = arrange(random, count, arrangement, width, length);
    return move(offsets, { at, angle }).map((point) => ({ at: point, angle }));
  }

  #taken = (place: Place): boolean => this.groups.some((group) => group.place === place);

  #fit(drawn: readonly Drawn[], poses: readonly Pose[], obstacles: readonly Capsule[]): Placed | undefined {
    if (!poses.every(({ at }) => inside(at[0]) && inside(at[1]))) return undefined;
    const outlines = drawn.map(({ body }, i) => move(body, poses[i]!));
    if (!outlines.every((outline) => outline.every(([x, y]) => inside(x) && inside(y)))) return undefined;
    const centres = outlines.map(centroidOf);
    const place = placeOf(meanOf(centres));
    if (!place || this.#taken(place)) return undefined;
    if (!centres.every((centre) => agrees(centre, place))) return undefined;
    const capsules = drawn.map(({ capsule: { from, to, radius } }, i): Capsule => {
      const [a, b] = move([from, to], poses[i]!) as [Point, Point];
      return { from: a, to: b, radius };
    });
    const free = capsules.every((capsule) => obstacles.every((obstacle) => gapBetween(capsule, obstacle) >= room));
    return free ? { poses, outlines, capsules, place } : undefined;
  }

  #add({ name, paint, trail }: GroupPlan, drawn: readonly Drawn[], placed: Placed, on: boolean): void {
    const { poses, outlines, capsules, place } = placed;
    const rgb = vary(this.random, paint.rgb, 9);
    const indices = outlines.map((outline, i) => {
      const thing = this.things.push({ name, colour: paint.word, outline }) - 1;
      if (trail) this.patch({ ...trail, outline: move(trail.outline, poses[i]!) });
      this.#castShadow(outline, drawn[i]!.height);
      this.#bodies.push({ outline, rgb, opacity: 1, thing });
      return thing;
    });
    // Look by look over all of the group: neighbours of one look are rendered as one path.
    for (const [k, { tone }] of drawn[0]!.details.entries()) {
      const toned = typeof tone === 'number' ? shade(rgb, tone) : tone;
      for (const [i, { details }] of drawn.entries()) {
        const outline = move(details[k]!.outline, poses[i]!);
        this.#bodies.push({ outline, rgb: toned, opacity: 1, thing: indices[i]! });
      }
    }
    const off = on ? undefined : this.#crossing;
    this.#addGroup({
      name,
      colour: paint.word,
      things: indices,
      centre: meanOf(outlines.map(centroidOf)),
      place,
      side: off && sideOf(off, outlines),
      beside: off !== undefined && capsules.every((capsule) => this.#gapToCrossing(capsule) < besideGap),
      on,
    });
    this.#obstacles.push(...capsules);
  }

  #castShadow(outline: Outline, height: number): void {
    if (height === 0) return;
    const { shadow } = this.light;
    const fallen = outline.map(([x, y]): Point => [x + height * shadow[0], y + height * shadow[1]]);
    this.#shadows.push({ outline: fallen, rgb: [16, 20, 28], opacity: 0.42, thing: undefined });
  }

  #addBelow(name: ThingName, paint: Paint, outline: Outline): number {
    const thing = this.things.push({ name, colour: paint.word, outline }) - 1;
    this.#below.push({ outline, rgb: vary(this.random, paint.rgb, 8), opacity: 1, thing });
    return thing;
  }

  #addGroup(group: Pick<Group, 'name' | 'colour' | 'things' | 'centre'> & Partial<Group>): void {
    this.groups.push({ place: undefined, course: undefined, side: undefined, beside: false, on: false, ...group });
  }

  #gapToCrossing = (capsule: Capsule): number => Math.min(...this.#along.map((part) => gapBetween(capsule, part)));
}

function retry<T>(draw: () => T | undefined): T | undefined {
  for (let i = 0; i < attempts; i++) {
    const drawn = draw();
    if (drawn !== undefined) return drawn;
  }
  return undefined;
}

/** Where a group's centre is looked for; nearer to an edge even a small thing has no room. */
const thirds = {
  left: [0.1, 0.36],
  upper: [0.1, 0.36],
  middle: [0.42, 0.58],
  right: [0.64, 0.9],
  lower: [0.64, 0.9],
} as const;

const inside = (value: number): boolean => value > room && value < 1 - room;

const meanOf = (points: readonly Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

/** Whether one of a group lies in that half of the picture which the group's place speaks of. */
function agrees([x, y]: Point, place: Place): boolean {
  const { column, row } = partsOf(place);
  const half = (value: number, before: boolean, after: boolean): boolean =>
    before ? value < 0.48 : after ? value > 0.52 : true;
  return half(x, column === 'left', column === 'right') && half(y, row === 'upper', row === 'lower');
}
