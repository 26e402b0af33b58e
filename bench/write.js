import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url));

/** Writes a file as the project formats its own. @param name relative to this folder */
export function writeFormatted(name, text) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  writeFileSync(path, text);
  execFileSync(process.execPath, [biome, 'format', '--write', path], { stdio: 'ignore' });
}
