import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { LegendaError } from '../errors.js';
import { describeFileError, readFileBounded } from '../files.js';
import { externalFilesOf, includeExternalData } from '../onnx/external-data.js';
import { quoted } from '../onnx/names.js';

/**
 * An ONNX file's content, with the values that it has in files beside it (such as PyTorch's `model.onnx.data`) included.
 * @param maxBytes of all of them together; 1 GiB when left out, and never more than 2 GiB
 * @throws LegendaError naming the file when it cannot be read, is no ONNX model or too large, or names files that are not in its
 *   folder
 */
export async function readOnnxFile(path: string, maxBytes = 2 ** 30): Promise<Uint8Array> {
  const bytes = await readFileBounded(path, maxBytes);
  try {
    const names = externalFilesOf(bytes, maxBytes);
    if (names.length === 0) return bytes;
    const files: [string, Uint8Array][] = [];
    let left = maxBytes - bytes.length;
    for (const name of names) {
      const content = await readFileBounded(await besides(path, name), left);
      left -= content.length;
      files.push([name, content]);
    }
    return includeExternalData(bytes, Object.fromEntries(files));
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    throw new LegendaError(`${path}: ${error.message}`, { cause: error });
  }
}

/** The path of a file that a model names: a model must not make anyone read what is elsewhere. */
async function besides(path: string, name: string): Promise<string> {
  const parts = name.split(/[/\\]/);
  if (parts.some((part) => part === '' || part === '..' || part.includes('\0')))
    throw new LegendaError(`values are in ${quoted(name)}, a file in the model's own folder is expected`);
  const found = join(dirname(path), ...parts);
  try {
    // the model may itself be a link, into a store that has its data too
    const folders = [await realpath(dirname(path)), dirname(await realpath(path))];
    const real = await realpath(found);
    if (folders.some((folder) => real.startsWith(folder.endsWith(sep) ? folder : folder + sep))) return found;
  } catch (error) {
    throw describeFileError(error, `cannot read ${found}`);
  }
  throw new LegendaError(`values are in ${quoted(name)}, a link to a file outside of the model's own folder`);
}
