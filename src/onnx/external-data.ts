import { toBinary } from '@bufbuild/protobuf';
import { LegendaError } from '../errors.js';
import { decodeModel } from './decode.js';
import { ModelProtoSchema, type StringStringEntryProto, type TensorProto } from './generated/onnx_pb.js';
import { listed, quoted } from './names.js';
import { isExternal } from './read-tensor.js';

const largest = 2 ** 31 - 1;

/**
 * Names of the files beside an ONNX file that hold values of its initialisers, as PyTorch's exporter makes `model.onnx.data`; relative
 * to its folder.
 * @param bytes untrusted, as the names are: they may lead anywhere
 * @throws LegendaError when they are no ONNX model, or one of a kind that is not supported
 */
export function externalFilesOf(bytes: Uint8Array, maxBytes = largest): string[] {
  const { graph } = decodeModel(bytes, maxBytes);
  return [...new Set(graph.initializer.filter(isExternal).map((proto) => placeOf(proto).location))];
}

/**
 * An ONNX model whose values are in other files, as one that has them itself; unchanged if it is that already.
 * @param files their content by name, at least those that `externalFilesOf` gives; untrusted
 * @throws LegendaError when a file is not among them, does not have what the model expects of it, or all of it would be larger than
 *   an ONNX file can be (2 GiB)
 */
export function includeExternalData(bytes: Uint8Array, files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const { proto, graph } = decodeModel(bytes, largest);
  const external = graph.initializer.filter(isExternal);
  if (external.length === 0) return bytes;
  let size = bytes.length;
  for (const initialiser of external) {
    initialiser.rawData = valuesOf(initialiser, files);
    initialiser.externalData = [];
    initialiser.dataLocation = 0;
    size += initialiser.rawData.length;
    if (size > largest) throw new LegendaError(`with its values the ONNX model has more than ${largest} bytes`);
  }
  return toBinary(ModelProtoSchema, proto);
}

function valuesOf(initialiser: TensorProto, files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const { location, offset, length } = placeOf(initialiser);
  const label = `initialiser ${quoted(initialiser.name)}`;
  if (!Object.hasOwn(files, location)) {
    const given = Object.keys(files);
    const came = given.length === 0 ? 'none is given' : `given are ${listed(given)}`;
    throw new LegendaError(`${label} has its values in the file ${quoted(location)}: ${came}`);
  }
  const file = files[location]!;
  const end = length === undefined ? file.length : offset + length;
  if (offset > end || end > file.length) {
    throw new LegendaError(
      `${label} has its values from byte ${offset} to ${end} of ${quoted(location)}, which has ${file.length}`,
    );
  }
  return file.subarray(offset, end);
}

interface Place {
  readonly location: string;
  readonly offset: number;
  /** Up to the file's end when left out. */
  readonly length?: number;
}

function placeOf({ name, externalData }: TensorProto): Place {
  const label = `initialiser ${quoted(name)}`;
  const entries = new Map(externalData.map(({ key, value }: StringStringEntryProto) => [key, value]));
  const location = entries.get('location');
  if (location === undefined || entries.size < externalData.length)
    throw new LegendaError(`${label} does not name one file that has its values`);
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new LegendaError(`${label}: the ${key} ${quoted(text)} of its values is no whole number`);
  };
  const length = number('length');
  return { location, offset: number('offset') ?? 0, ...(length !== undefined && { length }) };
}
