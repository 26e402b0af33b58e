import type { PlacedCaptionSet } from '../../data/registry.js';
import { note, print, printJson } from '../frame/output.js';
import { formatTable } from '../frame/table.js';
import { formatBytes } from '../progress.js';

interface Options {
  readonly data?: string;
  readonly json?: boolean;
}

/** `legenda data list` */
export async function listData(options: Options): Promise<void> {
  const { dataRoot } = await import('../../data/root.js');
  const { captionSetsIn, knownSets } = await import('../../data/registry.js');
  const { locateFiles } = await import('../../data/pinned-sets.js');
  const { nameCaptions } = await import('../../data/captions/known-captions.js');
  const root = dataRoot(options.data);
  const placed = new Map((await captionSetsIn(root)).map((set) => [set.name, set]));
  const known = await Promise.all(
    knownSets.map(async (set) => {
      const { name, description, licence } = set;
      if (set.kind === 'captions') {
        return { name, bundled: false, description, licence, ...describe(placed.get(name), nameCaptions) };
      }
      const found = (await locateFiles(set, root)).filter((path) => path !== undefined);
      const all = set.files.files;
      const state: State = found.length === all.length ? 'here' : found.length > 0 ? 'incomplete' : 'absent';
      const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
      return { name, state, bundled: set.bundled, bytes, description, licence, files: found };
    }),
  );
  const own = [...placed.values()]
    .filter(({ name }) => !knownSets.some((set) => set.name === name))
    .map((set) => ({ name: set.name, bundled: false, description: 'your own', ...describe(set, nameCaptions) }));
  const sets = [...known, scenes, ...own];
  if (options.json) return printJson({ root, sets });
  const rows = sets.map((set) => [set.name, set.bundled ? 'bundled' : set.state, sizeOf(set), wordsOn(set)]);
  print(formatTable(['NAME', 'STATE', 'SIZE', 'WHAT'], rows, ['left', 'left', 'right']));
  note(`data root: ${root}`);
}

type State = 'here' | 'incomplete' | 'absent' | 'damaged' | 'generated';

/** Takes no room: it is drawn when it is wanted. */
const scenes = {
  name: 'scenes',
  state: 'generated' as State,
  bundled: false,
  description: 'drawn aerial scenes of 7 kinds, 5 captions each, with masks of what they name',
};

/** What of a caption set is in the data root. */
function describe(set: PlacedCaptionSet | undefined, nameCaptions: (sha256: string) => string) {
  if (!set) return { state: 'absent' as State };
  const { folder, found, problem } = set;
  if (!found) return { state: 'damaged' as State, folder, problem };
  const { images, missing, sha256 } = found;
  const state: State = missing.length === 0 ? 'here' : 'incomplete';
  return { state, folder, images: images.length, missing: missing.length, captions: nameCaptions(sha256), sha256 };
}

interface Row {
  readonly description: string;
  readonly bytes?: number;
  readonly images?: number;
  readonly missing?: number;
  readonly captions?: string;
}

function sizeOf({ bytes, images, missing = 0 }: Row): string {
  if (bytes !== undefined) return formatBytes(bytes);
  if (images === undefined) return '';
  return missing === 0 ? `${images} images` : `${images - missing} of ${images} images`;
}

const wordsOn = ({ description, captions }: Row): string => (captions ? `${description}; ${captions}` : description);
