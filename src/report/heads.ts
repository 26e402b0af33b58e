import { type Block, code, type Figure, formula, heading, math, paragraph, strong, type Table } from './blocks.js';
import type { HeadsPart } from './data.js';
import { heatMaps } from './figures/heat-maps.js';
import { singularValueFigure } from './figures/singular-values.js';
import { count, small } from './format.js';

/** Experiment 2: what an attention head computes, when two are the same, and both checked on numbers. */
export const headBlocks = (part: HeadsPart): Block[] => [
  heading(2, 'experiment-2', 'Experiment 2: attention heads that are the same'),
  ...whatItComputes,
  ...whenTheSame,
  ...whatIsSaved,
  ...checked(part),
];

const whatItComputes: readonly Block[] = [
  heading(3, 'head-scores', 'What a head computes'),
  paragraph(
    'A head looks at inputs that are the rows ',
    ...[math('x_1, \\dots, x_L'), ' of ', math('X'), ' (', math('L \\times n'), '), through matrices '],
    ...[math('W_Q'), ' and ', math('W_K'), ' of ', math('n \\times d'), ' with ', math('d \\le n'), '. Its third, '],
    ...[math('W_V'), ', says what is taken along from where it looks, and has no part in this. The score of input '],
    ...[math('j'), ' for input ', math('i'), ' is the product of a query and a key:'],
  ),
  formula(
    '\\begin{aligned} s_{ij} &= q_i \\cdot k_j = (x_i W_Q)(x_j W_K)^\\top \\\\ &= x_i \\, W_Q W_K^\\top \\, x_j^\\top = x_i A \\, x_j^\\top, \\\\ A &= W_Q W_K^\\top \\end{aligned}',
    's i j is q i dot k j, which is x i W Q times the transpose of x j W K, which is x i times W Q times W K transposed times x j transposed, or x i A x j transposed with A for W Q times W K transposed',
  ),
  paragraph('With all scores at once, and the softmax of each row, the probabilities are'),
  formula('P = \\operatorname{softmax}(X A X^\\top)', 'P is the softmax of X A X transposed'),
  paragraph(
    ...[math('A'), ' is ', math('n \\times n'), ', but as a product of an ', math('n \\times d'), ' and a '],
    ...[math('d \\times n'), ' matrix: its columns are combinations of the ', math('d'), ' columns of ', math('W_Q')],
    ...[', and its rows of those of ', math('W_K^\\top'), '. A product’s rank is at most that of its factors:'],
  ),
  formula(
    '\\operatorname{rank} A \\le \\min(\\operatorname{rank} W_Q, \\operatorname{rank} W_K) \\le d \\le n',
    'the rank of A is at most the smaller of the ranks of W Q and W K, which is at most d, which is at most n',
  ),
  paragraph(
    'The report leaves out the usual scale ',
    ...[
      math('1/\\sqrt d'),
      ' of the scores. It multiplies ',
      math('A'),
      ' by a number, which changes neither its rank ',
    ],
    'nor what follows.',
  ),
];

const whenTheSame: readonly Block[] = [
  heading(3, 'head-equivalence', 'When two heads are the same'),
  paragraph('Let ', math('B'), ' be any invertible matrix of ', math('d \\times d'), ', and let a second head have'),
  formula(
    "W_Q' = W_Q B, \\qquad W_K' = W_K B^{-\\top}",
    'W Q prime is W Q B, and W K prime is W K times B inverse transposed',
  ),
  paragraph('Then it has the same ', math('A'), ', and so the same probabilities for every ', math('X'), ':'),
  formula(
    "\\begin{aligned} A' &= W_Q B \\, (W_K B^{-\\top})^\\top \\\\ &= W_Q \\, B B^{-1} \\, W_K^\\top = A \\end{aligned}",
    'A prime is W Q B times the transpose of W K B inverse transposed, which is W Q times B times B inverse times W K transposed, which is A',
  ),
  paragraph(
    strong('And there is no other way.'),
    ' Heads with the same probabilities for every ',
    ...[
      math('X'),
      ' have the same ',
      math('A'),
      ': otherwise some ',
      math("x_i (A' - A) \\, x_j^\\top"),
      ' would change with ',
    ],
    ...[
      math('x_j'),
      ', which no softmax hides. Where both heads have full rank ',
      math('d'),
      ', the columns of ',
      math('W_Q'),
    ],
    ...[
      ' and of ',
      math("W_Q'"),
      ' span the same space, that of ',
      math("A = A'"),
      ', so that exactly one ',
      math('B'),
      ' has ',
    ],
    ...[math("W_Q' = W_Q B"), ', and it is invertible:'],
  ),
  formula(
    "B = W_Q^{+} W_Q' = (W_Q^\\top W_Q)^{-1} W_Q^\\top W_Q'",
    'B is the pseudo-inverse of W Q times W Q prime, which is the inverse of W Q transposed W Q, times W Q transposed, times W Q prime',
  ),
  paragraph(
    'In ',
    ...[
      math("W_Q B W_K'^\\top = W_Q W_K^\\top"),
      ' the columns of ',
      math('W_Q'),
      ' are independent and can be left out, ',
    ],
    ...['which leaves ', math("W_K' = W_K B^{-\\top}"), '.'],
  ),
];

const whatIsSaved: readonly Block[] = [
  heading(3, 'head-parameters', 'What that leaves to save'),
  paragraph(
    ...['The two matrices have ', math('2nd'), ' numbers. A matrix of rank ', math('r'), ' has ', math('r(2n - r)')],
    ...[' to itself, so that for ', math('r = d'), ' as many of them are free as ', math('B'), ' has:'],
  ),
  formula('2nd - d(2n - d) = d^2', 'two n d minus d times two n minus d is d squared'),
];

function checked(part: HeadsPart): Block[] {
  const { command, dimension, embedding, length } = part;
  const blocks: Block[] = [
    heading(3, 'heads-checked', 'Checked on numbers'),
    paragraph(
      'Three heads drawn from a seed: ',
      ...[
        math(`n = ${embedding}`),
        ', ',
        math(`d = ${dimension}`),
        ', and an ',
        math('X'),
        ' of ',
        math(`L = ${length}`),
      ],
      ' inputs, all normal. The second is the first by a ',
      ...[math('B'), ' that is drawn too, and forgotten; the third has nothing to do with it. '],
      ...says(part),
    ),
    headTable(part),
    pairTable(part),
    singularFigure(part),
    probabilityFigure(part),
  ];
  return [
    ...blocks.map((block) => (block.block === 'table' || block.block === 'figure' ? { ...block, command } : block)),
    paragraph(
      'In a network that was trained, no two heads are the same to the last digit, but some can be done without: ',
      code('examples/redundant-heads.js'),
      ' trains four heads on a task that needs fewer, and finds the redundant ones by the singular values and distances of their ',
      math('A'),
      '.',
    ),
  ];
}

function says({ heads, pairs, dimension }: HeadsPart) {
  const bounded = heads.every(({ rank }) => rank <= dimension);
  const same = pairs.filter((pair) => pair.same).map(({ link }) => link);
  const recovered = same.flatMap((link) => (link ? [` and its B is found again to ${small(link.error)}`] : []));
  return [
    strong(bounded ? `No rank is above ${dimension}` : `A rank is above ${dimension}`),
    ', and ',
    strong(same.length === 1 ? 'one pair is the same head' : `${count(same.length)} pairs are the same head`),
    `${recovered.join('')}.`,
  ];
}

const headTable = ({ heads, dimension }: HeadsPart): Table => ({
  block: 'table',
  id: 'heads',
  caption: [
    'The heads, and how far softmax(XAXᵀ) is from the usual computation by queries and keys, at most: what rounding leaves. Last, the numbers that are stored and those that are free.',
  ],
  columns: [
    { key: 'head', title: 'Head' },
    { key: 'rank', title: 'of A', group: 'Rank', format: count },
    { key: 'bound', title: 'd', group: 'Rank', format: count },
    { key: 'plain', title: 'plain', group: 'Probabilities off by', format: small },
    { key: 'scaled', title: 'with 1/√d', group: 'Probabilities off by', format: small },
    { key: 'stored', title: 'stored', group: 'Numbers', format: count },
    { key: 'free', title: 'free', group: 'Numbers', format: count },
  ],
  rows: heads.map(({ name, rank, differences, parameters }) => ({
    head: name,
    rank,
    bound: dimension,
    ...differences,
    stored: parameters.factors,
    free: parameters.free,
  })),
});

const pairTable = ({ pairs }: HeadsPart): Table => ({
  block: 'table',
  id: 'head-pairs',
  caption: [
    'The first head with each of the others: the distance of their A over the larger one, up to what rounding would explain; how much their probabilities differ, at most; and B as it was found again, against the one that made the head, with its condition (so many times larger rounding may become). Without ',
    code('--equivalent'),
    ' the command compares with the other head.',
  ],
  columns: [
    { key: 'pair', title: 'Pair' },
    { key: 'distance', title: 'Distance', format: small },
    { key: 'tolerance', title: 'Same up to', format: small },
    { key: 'verdict', title: 'Verdict' },
    { key: 'probabilities', title: 'P differ by', format: small },
    { key: 'error', title: 'B off by', format: small },
    { key: 'condition', title: 'Condition', format: small },
  ],
  rows: pairs.map(({ name, distance, tolerance, same, probabilities, link }) => ({
    pair: name,
    distance,
    tolerance,
    verdict: same ? 'the same' : 'not the same',
    probabilities,
    error: link?.error,
    condition: link?.condition,
  })),
});

function singularFigure({ heads, dimension, embedding }: HeadsPart): Figure {
  const figure = {
    title: 'Singular values of A by index',
    description: `All ${embedding} singular values of each head’s A on a logarithmic scale: ${dimension} are of the order of one, the others are zero but for rounding.`,
    matrices: heads.map(({ name, singularValues }) => ({ name, values: singularValues })),
    bound: { value: dimension, label: `d = ${dimension}` },
  };
  return {
    block: 'figure',
    id: 'singular-values',
    title: figure.title,
    caption: [
      `All ${embedding} singular values of each A, computed from A alone. Beyond the ${dimension} that the rank allows, only rounding is left. Those of the heads that are the same lie within one another.`,
    ],
    wide: singularValueFigure(figure),
    narrow: singularValueFigure({ ...figure, width: 360 }),
  };
}

function probabilityFigure({ heads, length }: HeadsPart): Figure {
  const figure = {
    title: 'Probabilities of the three heads',
    description: `Three squares of ${length} by ${length} cells, one for each head: the first two are the same, the third is another.`,
    maps: heads.map(({ name, probabilities }) => ({ name, rows: probabilities })),
  };
  return {
    block: 'figure',
    id: 'head-probabilities',
    title: figure.title,
    caption: [
      `The probabilities P of the three heads on the same ${length} inputs, a row for each input that looks, a column for each that is looked at; the stronger, the larger (by the square root). The first two are the same.`,
    ],
    wide: heatMaps(figure),
    narrow: heatMaps({ ...figure, width: 360 }),
  };
}
