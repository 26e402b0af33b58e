import { Option } from 'commander';
import type { Block } from '../../report/blocks.js';
import { note, warn } from '../frame/output.js';

export const figuresOption = (): Option => new Option('--out <dir>', 'write figures there, as SVG and PNG');

/** The figures among the blocks, into a folder; says where. */
export async function writeFiguresOf(blocks: readonly Block[], dir: string): Promise<void> {
  const { writeFigures } = await import('../../report/write.js');
  const { standalone } = await import('../../report/figures/draw.js');
  const figures = blocks.flatMap((block) => (block.block === 'figure' ? [[block.id, standalone(block.wide)]] : []));
  await writeFigures(dir, Object.fromEntries(figures), { onWarning: warn });
  note(`${figures.length} ${figures.length === 1 ? 'figure' : 'figures'} in ${dir}`);
}
