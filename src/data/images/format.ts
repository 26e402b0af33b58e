/** The formats that are read. Anything else is refused before a decoder sees it: images come from outside. */
export type ImageFormat = 'TIFF' | 'PNG' | 'JPEG' | 'WebP';

/** Endings of files that hold such images, lower-cased. */
export const imageEndings: readonly string[] = ['.tif', '.tiff', '.png', '.jpg', '.jpeg', '.webp'];

/** What a file is, told by its first bytes and never by its name. */
export function sniff(bytes: Uint8Array): { readonly format?: ImageFormat; readonly what: string } {
  const head = String.fromCharCode(...bytes.subarray(0, 512));
  const is = (signature: Signature) => signature.every(([at, magic]) => head.startsWith(magic, at));
  const format = accepted.find(([, signatures]) => signatures.some(is));
  if (format) return { format: format[0], what: `a ${format[0]}` };
  return { what: refused.find(([, signature]) => is(signature))?.[0] ?? kindOfText(head) };
}

/** What stands where. */
type Signature = readonly (readonly [at: number, magic: string])[];

const accepted: readonly (readonly [ImageFormat, readonly Signature[]])[] = [
  ['TIFF', ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].map((magic) => [[0, magic]])],
  ['PNG', [[[0, '\x89PNG\r\n\x1a\n']]]],
  ['JPEG', [[[0, '\xff\xd8\xff']]]],
  [
    'WebP',
    [
      [
        [0, 'RIFF'],
        [8, 'WEBP'],
      ],
    ],
  ],
];

const refused: readonly (readonly [what: string, Signature])[] = [
  ['a GIF', [[0, 'GIF8']]],
  ['an AVIF', [[4, 'ftypavi']]],
  ['a HEIF', [[4, 'ftyphe']]],
  ['a HEIF', [[4, 'ftypmif1']]],
  ['a JPEG 2000', [[4, 'jP  ']]],
  ['a JPEG XL', [[4, 'JXL ']]],
  ['a JPEG XL', [[0, '\xff\x0a']]],
  ['a PDF', [[0, '%PDF-']]],
  ['a PostScript file', [[0, '%!PS']]],
  ['a Photoshop file', [[0, '8BPS']]],
  ['an OpenEXR file', [[0, 'v/1\x01']]],
  ['an HDF5 file', [[0, '\x89HDF']]],
  ['a ZIP archive', [[0, 'PK\x03\x04']]],
  ['a gzip file', [[0, '\x1f\x8b']]],
  [
    'a BMP',
    [
      [0, 'BM'],
      [6, '\0\0\0\0'],
    ],
  ],
];

function kindOfText(head: string): string {
  const text = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<(?:!doctype html|html)\b/i.test(text)) return 'an HTML page';
  if (/^<(?:.*<)?svg[\s>]/is.test(text)) return 'an SVG';
  if (text.startsWith('<?xml')) return 'an XML file';
  // Printable in ASCII, or of a code page or UTF-8 beyond it.
  return /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(head) ? 'a text file' : 'none of the formats that are known';
}
