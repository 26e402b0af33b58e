import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import { sizeOf } from '../../tensor/shape.js';
import { type Bound, computed } from '../bound.js';
import type { NodeSource } from '../node-source.js';

/** A tensor whose axes have letters. */
interface Labelled {
  readonly value: Value;
  readonly labels: string;
}

/** Sums of products by letters, `bij,bjk->bik`: pair after pair, each a matrix product. */
export function einsum(node: NodeSource): readonly Bound[] {
  const equation = (node.string('equation') ?? '').replaceAll(' ', '');
  const [left, right] = equation.split('->') as [string, string | undefined];
  const terms = left.split(',');
  if (!/^[A-Za-z]*(,[A-Za-z]*)*(->[A-Za-z]*)?$/.test(equation) || terms.length !== node.inputs.length)
    throw new LegendaError(`equation "${equation}" is not supported for ${node.inputs.length} inputs`);
  const result = right ?? onceOnly(left);
  const sizes = new Map<string, number>();
  const given = terms.map((labels, i): Labelled => {
    const value = node.bound(i).value();
    if (value.shape.length !== labels.length || new Set(labels).size !== labels.length)
      throw new LegendaError(
        `"${labels}" of equation "${equation}" does not fit an input of ${value.shape.length} axes`,
      );
    [...labels].forEach((label, axis) => {
      const size = value.shape[axis]!;
      const known = sizes.get(label) ?? size;
      if (known !== size) throw new LegendaError(`axes "${label}" of equation "${equation}" are ${known} and ${size}`);
      sizes.set(label, size);
    });
    return { value, labels };
  });
  if ([...result].some((label) => !sizes.has(label)) || new Set(result).size !== result.length)
    throw new LegendaError(`the result of equation "${equation}" is not supported`);
  let [all, ...others] = given as [Labelled, ...Labelled[]];
  while (others.length > 0) {
    const [next, ...later] = others as [Labelled, ...Labelled[]];
    const needed = result + later.map(({ labels }) => labels).join('');
    all = multiply(reduced(all, needed + next.labels), reduced(next, needed + all.labels), needed, sizes);
    others = later;
  }
  const { value, labels } = reduced(all, result);
  return [computed(arranged({ value, labels }, result))];
}

/** The letters that come once, in alphabetical order: the result where none is named. */
const onceOnly = (left: string): string =>
  [...left.replaceAll(',', '')]
    .filter((label, _, all) => all.filter((other) => other === label).length === 1)
    .sort()
    .join('');

/** Summed over the axes that nobody needs. */
function reduced({ value, labels }: Labelled, needed: string): Labelled {
  const axes = [...labels].flatMap((label, axis) => (needed.includes(label) ? [] : [axis]));
  if (axes.length === 0) return { value, labels };
  return {
    value: build.reduceSum(value, { axes }),
    labels: [...labels].filter((label) => needed.includes(label)).join(''),
  };
}

function arranged({ value, labels }: Labelled, order: string): Value {
  if (labels === order) return value;
  return build.transpose(
    value,
    [...order].map((label) => labels.indexOf(label)),
  );
}

function multiply(a: Labelled, b: Labelled, needed: string, sizes: ReadonlyMap<string, number>): Labelled {
  const of = (from: Labelled, keep: (label: string) => boolean): string => [...from.labels].filter(keep).join('');
  const shared = (label: string): boolean => a.labels.includes(label) && b.labels.includes(label);
  const batch = of(a, (label) => shared(label) && needed.includes(label));
  const summed = of(a, (label) => shared(label) && !needed.includes(label));
  const ofA = of(a, (label) => !shared(label));
  const ofB = of(b, (label) => !shared(label));
  const lengths = (labels: string): number[] => [...labels].map((label) => sizes.get(label)!);
  const size = (labels: string): number => sizeOf(lengths(labels));
  const left = build.reshape(arranged(a, batch + ofA + summed), [size(batch), size(ofA), size(summed)]);
  const right = build.reshape(arranged(b, batch + summed + ofB), [size(batch), size(summed), size(ofB)]);
  const labels = batch + ofA + ofB;
  return { value: build.reshape(build.matmul(left, right), lengths(labels)), labels };
}
