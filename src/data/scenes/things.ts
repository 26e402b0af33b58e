/** How a thing is spoken of. */
interface Noun {
  readonly plural: string;
  /** Third person, for one and for several. */
  readonly verb: readonly [one: string, several: string];
  /** Whether captions may leave its colour out, because all of its kind have the same. */
  readonly plain: boolean;
  /** Whether what is seen of it from above may be called its roof. */
  readonly roofed: boolean;
}

const noun = (plural: string, verb: Noun['verb'], { plain = false, roofed = false } = {}): Noun => ({
  plural,
  verb,
  plain,
  roofed,
});

export const nouns = {
  plane: noun('planes', ['is parked', 'are parked']),
  terminal: noun('terminals', ['stands', 'stand'], { roofed: true }),
  runway: noun('runways', ['runs', 'run'], { plain: true }),
  house: noun('houses', ['stands', 'stand'], { roofed: true }),
  building: noun('buildings', ['stands', 'stand'], { roofed: true }),
  barn: noun('barns', ['stands', 'stand'], { roofed: true }),
  pool: noun('pools', ['lies', 'lie'], { plain: true }),
  road: noun('roads', ['runs', 'run'], { plain: true }),
  path: noun('paths', ['runs', 'run'], { plain: true }),
  tree: noun('trees', ['grows', 'grow'], { plain: true }),
  pond: noun('ponds', ['lies', 'lie'], { plain: true }),
  haystack: noun('haystacks', ['stands', 'stand'], { plain: true }),
  tank: noun('tanks', ['stands', 'stand']),
  container: noun('containers', ['lies', 'lie']),
  river: noun('rivers', ['flows', 'flow']),
  bridge: noun('bridges', ['stands', 'stand']),
  boat: noun('boats', ['floats', 'float']),
  ship: noun('ships', ['sails', 'sail']),
  island: noun('islands', ['lies', 'lie'], { plain: true }),
  beach: noun('beaches', ['lies', 'lie'], { plain: true }),
} as const satisfies Record<string, Noun>;

/** What is called a thing: it has an outline, and so a mask. */
export type ThingName = keyof typeof nouns;

const thingNames = Object.keys(nouns) as ThingName[];

/** Words of captions that name things, lower-cased, and what they may name: `planes` a plane, `roof` what has one. */
export const thingWords: ReadonlyMap<string, readonly ThingName[]> = new Map<string, readonly ThingName[]>([
  ...thingNames.flatMap((name) => [name, nouns[name].plural].map((word) => [word, [name]] as const)),
  ...['roof', 'roofs'].map((word) => [word, thingNames.filter((name) => nouns[name].roofed)] as const),
]);
