import type { Stream } from '../../tensor/random.js';
import type { Group, SceneCaption } from './description.js';
import { chance, pick, pickSome } from './draw.js';
import type { Kind } from './kinds/kind.js';
import { coursePhrase, placePhrase, relationOf, relationPhrase } from './places.js';
import { type Phrase, phrase, writeSentence } from './sentence.js';
import { nouns } from './things.js';

/** What may be said of a scene. */
interface Subject {
  readonly kind: Kind;
  /** What crosses the picture. */
  readonly crossing: Group | undefined;
  /** What lies in one place. */
  readonly placed: readonly Group[];
  readonly random: Stream;
}

/** A way to say something; undefined where the scene has nothing of the sort. */
type Form = (subject: Subject) => Phrase | undefined;

const captionsPerScene = 5;
const shortest = 6;
const longest = 20;
const attempts = 24;

/**
 * Five different sentences of 6 to 20 words, each true of the scene: what there is, how many, in which colour and where.
 * Undefined when so many cannot be found.
 * @param groups as in a description
 */
export function writeCaptions(
  kind: Kind,
  groups: readonly Group[],
  random: Stream,
): readonly SceneCaption[] | undefined {
  const subject: Subject = {
    kind,
    crossing: groups.find(({ course }) => course),
    placed: groups.filter(({ place }) => place),
    random,
  };
  if (subject.placed.length < 2) return undefined;
  const captions = new Map<string, SceneCaption>();
  for (const forms of turns) {
    for (let i = 0; i < attempts; i++) {
      const said = pick(random, i < attempts / 2 ? forms : everyForm)(subject);
      const caption = said && writeSentence(said);
      if (!caption || caption.tokens.length < shortest || caption.tokens.length > longest) continue;
      if (captions.has(caption.raw)) continue;
      captions.set(caption.raw, caption);
      break;
    }
  }
  return captions.size === captionsPerScene ? [...captions.values()] : undefined;
}

/** `a red ship in the upper left and two white boats on the right` */
const pair: Form = ({ placed, random, kind }) => {
  const [a, b] = pickTwo(random, placed);
  const opening = chance(random, 0.5) ? phrase(thereAre(a)) : phrase();
  const within = kind.within && chance(random, 0.4) ? phrase(kind.within) : phrase();
  return phrase(opening, located(random, a), 'and', located(random, b), within);
};

/** `an airport with a white plane in the middle and a terminal at the top` */
const setting: Form = ({ kind, crossing, placed, random }) => {
  const whole = kind.setting ?? (crossing && named(random, crossing));
  if (!whole) return undefined;
  const [a, b] = pickTwo(random, placed);
  return phrase(whole, 'with', located(random, a), 'and', located(random, b));
};

/** `two white planes are parked in the upper left at the airport` */
const focus: Form = ({ kind, crossing, placed, random }) => {
  const group = pick(random, placed);
  const where = placePhrase(group.place!);
  if (group.on && crossing)
    return phrase(named(random, group), be(group), position(group), 'the', mention(crossing), where);
  const verb = nouns[group.name].verb[several(group) ? 1 : 0];
  if (crossing && group.beside && chance(random, 0.6)) {
    return phrase(named(random, group), verb, 'beside the', mention(crossing), where);
  }
  return phrase(named(random, group), verb, where, kind.within && group.name !== 'beach' ? kind.within : phrase());
};

/** `a red ship is to the left of two white boats on the ocean` */
const relation: Form = ({ kind, placed, random }) => {
  const [a, b] = pickTwo(random, placed);
  const known = relationOf(a.centre, b.centre);
  if (!known) return undefined;
  const within = kind.within && chance(random, 0.4) ? phrase(kind.within) : phrase();
  return phrase(named(random, a), be(a), relationPhrase(known), named(random, b), within);
};

/** `three houses with red roofs are to the left of the road` */
const side: Form = ({ crossing, placed, random }) => {
  const group = pick(random, placed);
  if (!crossing || !group.side) return undefined;
  const place = chance(random, 0.4) ? placePhrase(group.place!) : phrase();
  return phrase(named(random, group), be(group), relationPhrase(group.side), named(random, crossing, true), place);
};

/** `a green river flows from the top to the lower right with a white boat in the middle` */
const course: Form = ({ crossing, placed, random }) => {
  if (!crossing) return undefined;
  const way = phrase(named(random, crossing), nouns[crossing.name].verb[0], coursePhrase(crossing.course!));
  return chance(random, 0.6) ? phrase(way, 'with', located(random, pick(random, placed))) : way;
};

/** In the order of a scene's captions; what a scene has not is said in another way. */
const turns: readonly (readonly Form[])[] = [[pair], [setting], [focus], [relation, side], [course, pair]];
const everyForm: readonly Form[] = [pair, setting, focus, relation, side, course];

function located(random: Stream, group: Group): Phrase {
  return phrase(named(random, group), placePhrase(group.place!));
}

/**
 * A group with its number and, unless all of its kind have the same, its colour.
 * @param known says `the` instead of the number
 */
function named(random: Stream, group: Group, known = false): Phrase {
  const noun = nouns[group.name];
  const number = known ? 'the' : numberOf(group);
  if (noun.plain && chance(random, 0.6)) return phrase(number, mention(group));
  if (!noun.roofed || chance(random, 0.5)) return phrase(number, group.colour, mention(group));
  const roofs = several(group) ? ['with', group.colour] : ['with a', group.colour];
  return phrase(number, mention(group), ...roofs, mention(group, several(group) ? 'roofs' : 'roof'));
}

function mention(group: Group, word?: string): Phrase {
  const noun = nouns[group.name];
  return [{ word: word ?? (several(group) ? noun.plural : group.name), things: group.things }];
}

function numberOf({ name, things: members }: Group): string {
  if (name === 'tree') return 'some';
  return ['a', 'two', 'three', 'four'][members.length - 1]!;
}

const several = (group: Group): boolean => group.things.length > 1;
const be = (group: Group): string => (several(group) ? 'are' : 'is');
const thereAre = (group: Group): string => `there ${be(group)}`;
const position = ({ name }: Group): string => (name === 'bridge' ? 'over' : 'on');

function pickTwo(random: Stream, groups: readonly Group[]): [Group, Group] {
  const [a, b] = pickSome(random, groups, 2);
  return [a!, b!];
}
