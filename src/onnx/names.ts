/** A name from a file for a message: quoted, escaped (it may end on a terminal) and cut short. */
export function quoted(name: string): string {
  const short = name.length > 80 ? `${name.slice(0, 77)}…` : name;
  return JSON.stringify(short).replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Some names for a message: the first few, and how many more there are. */
export function listed(names: Iterable<string>): string {
  const all = [...names];
  const shown = all.slice(0, 8).map(quoted).join(', ');
  if (all.length === 0) return 'none';
  return all.length > 8 ? `${shown} and ${all.length - 8} more` : shown;
}

/**
 * The layer a node belongs to, from the node's name: `/layer1/layer1.0/conv1/Conv` (PyTorch's way) and
 * `layer1.0.conv1/Conv_3` (ours) are `layer1.0.conv1`; a name that is only the op's own says nothing.
 */
export function scopeOf({ name, opType }: { readonly name: string; readonly opType: string }): string {
  const parts = name
    .slice(0, 200)
    .replace(/\p{Cc}/gu, '?')
    .split('/')
    .filter((part) => part !== '');
  if (isOpName(parts.at(-1) ?? '', opType)) parts.pop();
  if (parts.length === 1 && parts[0] === 'graph') return '';
  const path: string[] = [];
  for (const part of parts) {
    // a child of a sequence repeats its parent's name
    if (path.length > 0 && part.startsWith(`${path.at(-1)}.`)) path.pop();
    path.push(part);
  }
  return path.join('.');
}

const isOpName = (part: string, opType: string): boolean =>
  part === opType || (part.startsWith(`${opType}_`) && /^\d+$/.test(part.slice(opType.length + 1)));
