import type { Block } from './blocks.js';

/** Blocks whose ids, and those inside their drawings, are no others' on a page. @param name of what they are about */
export const separate = (name: string, blocks: readonly Block[]): Block[] =>
  blocks.map((block) => {
    if (block.block === 'heading' || block.block === 'table') return { ...block, id: `${name}-${block.id}` };
    if (block.block !== 'figure') return block;
    const { id, wide, narrow } = block;
    return { ...block, id: `${name}-${id}`, wide: within(name, wide), ...(narrow && { narrow: within(name, narrow) }) };
  });

/** In tags only: texts may look like attributes, but have no quotes as such in them. */
const within = (name: string, svg: string): string =>
  svg.replace(/<[a-z][^>]*>/g, (tag) =>
    tag
      .replace(/ id="([^"]+)"/g, ` id="${name}-$1"`)
      .replace(/ (href|xlink:href)="#([^"]+)"/g, ` $1="#${name}-$2"`)
      .replace(/url\(#([^)]+)\)/g, `url(#${name}-$1)`),
  );
