import { type Block, code, type Inline, paragraph, strong, type Table } from './blocks.js';
import type { NetworkSummary } from './data.js';
import { commandLine, count, slug } from './format.js';
import { sameness } from './verdict.js';

/** A network layer by layer, with how each layer's parameters are counted. */
export function networkBlocks(network: NetworkSummary): Block[] {
  const { name, title, input, layers, parameters, multiplyAdds } = network;
  const table: Table = {
    block: 'table',
    id: `network-${slug(name)}`,
    caption: [`${title}, for an input of ${input}. Multiply-adds are those of one image.`],
    columns: [
      { key: 'name', title: 'Layer' },
      { key: 'type', title: 'Type', code: true },
      { key: 'output', title: 'Output' },
      { key: 'formula', title: 'How they are counted' },
      { key: 'parameters', title: 'Parameters', format: count },
      { key: 'multiplyAdds', title: 'Multiply-adds', format: count },
    ],
    rows: layers.map((layer) => ({ ...layer })),
    total: { name: 'In all', parameters, multiplyAdds },
    command: commandLine('legenda', 'summary', name),
  };
  return [table, paragraph(...verdict(network))];
}

/** Whether the parameters are as many as in the report. */
function verdict({ parameters, expectedParameters, name }: NetworkSummary): Inline[] {
  const own = [strong(count(parameters)), ' parameters'];
  if (expectedParameters === undefined) return [...own, '.'];
  const said = strong(sameness(parameters, expectedParameters));
  if (parameters === expectedParameters)
    return [...own, ', ', said, ` as the report’s (${count(expectedParameters)}).`];
  const gap = count(Math.abs(parameters - expectedParameters));
  const how = parameters > expectedParameters ? 'more' : 'fewer';
  return [
    ...own,
    ', ',
    said,
    `: ${gap} ${how} than the report’s ${count(expectedParameters)}. `,
    code(name),
    ' is another network.',
  ];
}
