import { decodeSafetensors, type HeadTensors, headsOf, initialisersOf, type NamedTensors } from 'legenda';

/** A file's tensors, by name: its weights, where it is ONNX. @throws LegendaError when it is neither or damaged */
export function tensorsOf(name: string, bytes: Uint8Array): NamedTensors {
  if (name.endsWith('.onnx')) return initialisersOf(bytes, bytes.length);
  const { tensors } = decodeSafetensors(bytes);
  return new Map([...tensors].map(([key, tensor]) => [key, { shape: tensor.shape, read: () => tensor }]));
}

/** The heads of a file: of the tensors that are named, or of its only `in_proj_weight`. */
export const readHeads = (
  tensors: NamedTensors,
  { query, key, ...options }: Pick<HeadTensors, 'heads' | 'rows'> & { readonly query: string; readonly key: string },
): ReturnType<typeof headsOf> =>
  headsOf(tensors, { ...options, ...(query !== '' && { query }), ...(key !== '' && { key }) });
