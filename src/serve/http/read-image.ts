import { Problem } from './problem.js';

/**
 * The image of a request: its body, or the first file of a form (`multipart/form-data`).
 * @param maxBytes of the body; more are not read
 * @throws Problem when there is none, it is too large, or was cut off
 */
export async function readImage(request: Request, maxBytes: number): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  const body = await readBody(request, maxBytes);
  if (body.length === 0) throw new Problem(400, 'the request has no body, an image was expected');
  if (!/^multipart\/form-data\b/i.test(type)) return body;
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => {
    throw new Problem(400, 'the body is no multipart/form-data, or was cut off');
  });
  const files = [...form.values()].filter((value) => typeof value !== 'string');
  if (files.length !== 1) throw new Problem(400, `one file was expected in the form, ${files.length} came`);
  return new Uint8Array(await files[0]!.arrayBuffer());
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new Problem(413, `at most ${maxBytes} bytes are accepted`, { connection: 'close' });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, 'the body was cut off');
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
