import type { ExplanationFile } from '../../explain/explanation-file.js';
import { type Block, type Figure, formula, heading, math, paragraph, type Table } from '../blocks.js';
import { pictureSheet } from '../figures/pictures.js';
import { commandLine, count, list } from '../format.js';
import { numbersOf } from './numbers.js';

type Decision = ExplanationFile['decisions'][number];

/** Which pixels a classifier's answers rest on. */
export function decisionBlocks(decisions: ExplanationFile['decisions'], dir: string): Block[] {
  if (decisions.length === 0) return [];
  const of = numbersOf(decisions);
  const command = commandLine('legenda', 'explain', 'saliency', dir, '--of', of, '--out', 'figures');
  return [
    heading(3, 'decisions', 'What its answers rest on'),
    paragraph(
      'Three maps of the score of the class that was answered (its log-probability): saliency, where the score would change most with a pixel; integrated gradients, what each pixel adds to it against a black image; occlusion, how far it falls when a square there is blackened. Integrated gradients of an image ',
      math('x'),
      ' against the black ',
      math("x'"),
      ' are',
    ),
    formula(
      "(x_i - x'_i)\\int_0^1 \\frac{\\partial F(x' + \\alpha\\,(x - x'))}{\\partial x_i}\\,d\\alpha, \\qquad \\sum_i = F(x) - F(x')",
      'x i minus x prime i, times the integral from 0 to 1 of the derivative of F in x i along the straight way from x prime to x; over all i they sum to F of x minus F of x prime',
    ),
    { ...figureOf(decisions), command },
    paragraph('The sum is a check on the computation: how far off it is, by image.'),
    { ...completenessTable(decisions), command },
  ];
}

const answerOf = ({ name, class: is, said, asked = false }: Decision): string =>
  asked && is !== said
    ? `${name}, as ${said}`
    : is === said
      ? name
      : is === undefined
        ? `${name}: ${said}`
        : `${name}, taken for ${said}`;

const figureOf = (decisions: readonly Decision[]): Figure =>
  mapsFigure(
    decisions.map((decision) => ({ ...decision, label: answerOf(decision) })),
    `${list(decisions.map((decision) => `${answerOf(decision)} (probability ${decision.probability.toFixed(2)})`))}.`,
  );

/** What a map is of. */
export interface MappedScore {
  readonly label: string;
  /** `data:` URIs. */
  readonly picture: string;
  readonly saliency: string;
  readonly integrated: string;
  readonly occlusion: string;
}

/** Images, each with its three maps. */
export function mapsFigure(scores: readonly MappedScore[], caption: string): Figure {
  const title = 'Pixels that answers rest on';
  const row = ({ picture, saliency, integrated, occlusion }: MappedScore) =>
    [picture, saliency, integrated, occlusion].map((tile) => ({ picture: tile }));
  const columns = ['image', 'saliency', 'integrated', 'occlusion'];
  const figure = { title, description: `Maps for ${list(scores.map(({ label }) => label))}.`, columns };
  return {
    block: 'figure',
    id: 'decisions',
    title,
    caption: [
      `${caption} Saliency is the brighter the larger. In the two others mid-grey is nothing, white speaks for the answer, black against it.`,
    ],
    wide: pictureSheet({ ...figure, rows: scores.map((one) => ({ label: one.label, tiles: row(one) })), most: 128 }),
    narrow: pictureSheet({ ...figure, rows: scores.map((one) => ({ tiles: row(one) })), width: 360 }),
  };
}

function completenessTable(decisions: ExplanationFile['decisions']): Table {
  const value = (number: number) => number.toFixed(4);
  return {
    block: 'table',
    id: 'integrated-gradients',
    caption: ['Integrated gradients: what they should sum to, and what they do.'],
    columns: [
      { key: 'image', title: 'Image' },
      { key: 'difference', title: 'Difference of scores', format: value },
      { key: 'sum', title: 'Sum', format: value },
      { key: 'off', title: 'Off by', format: (share) => `${(100 * share).toFixed(2)} %` },
      { key: 'pieces', title: 'Pieces of the way', format: count },
    ],
    rows: decisions.map((decision) => {
      const { difference, sum, pieces } = decision.completeness;
      return {
        image: answerOf(decision),
        difference,
        sum,
        off: difference === 0 ? undefined : Math.abs(sum / difference - 1),
        pieces,
      };
    }),
  };
}
