/** Archives made by hand: honest programs do not write what has to be refused. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ArchivedFile {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** A link to there. */
  readonly link?: string;
  /** The length that is written down, in place of the true one. */
  readonly claims?: number;
  /** Whose checksum a ZIP archive has, in place of the content's. */
  readonly summed?: string;
}

const bytesOf = ({ content = '' }: ArchivedFile): Buffer => Buffer.from(content as string);

/** A ZIP archive, deflated. */
export function zipOf(files: readonly ArchivedFile[], { encrypted = false } = {}): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const content = file.link === undefined ? bytesOf(file) : Buffer.from(file.link);
    const packed = deflateRawSync(content);
    const name = Buffer.from(file.name);
    const flags = 0x0800 | (encrypted ? 1 : 0);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(file.summed ?? content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(file.claims ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
    const rest = Buffer.alloc(14);
    // The upper half has Unix's mode.
    rest.writeUInt32LE(((file.link === undefined ? 0o100644 : 0o120777) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}

/** A tar archive (ustar); `type` is that of all entries that are no links: `0` a file, `3` a device, `6` a pipe. */
export function tarOf(files: readonly ArchivedFile[], type = '0'): Buffer {
  const blocks = files.flatMap((file) => {
    const content = file.link === undefined ? bytesOf(file) : Buffer.alloc(0);
    const header = Buffer.alloc(512);
    header.write(file.name, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${(file.claims ?? content.length).toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(file.link === undefined ? type : '2', 156);
    header.write(file.link ?? '', 157, 100);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
