import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { LegendaError } from '../errors.js';
import { describeFileError } from '../files.js';
import { maskedCrc32c } from './crc32c.js';
import type { RunEvent } from './events.js';

/**
 * Writes TensorBoard's event files: TFRecord frames around the messages `Event` and `Summary` of TensorFlow's
 * `core/util/event.proto` and `core/framework/summary.proto`.
 */
export class TensorBoardWriter implements Disposable {
  readonly #path: string;
  #file: number | undefined;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Begins a new file `events.out.tfevents.<seconds>.legenda` in the folder.
   * @throws LegendaError when it cannot be written
   */
  static open(dir: string, now = new Date()): TensorBoardWriter {
    const seconds = Math.floor(now.getTime() / 1000);
    const name = join(dir, `events.out.tfevents.${seconds}.legenda`);
    // TensorBoard reads a folder's files in the order of their names.
    for (let again = 0; ; again++) {
      const path = again === 0 ? name : `${name}.${again}`;
      let file: number;
      try {
        file = openSync(path, 'wx');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw describeFileError(error, `cannot create ${path}`);
      }
      const writer = new TensorBoardWriter(path, file);
      try {
        writer.#write(new BinaryWriter().tag(3, WireType.LengthDelimited).string('brain.Event:2'), now, 0);
        return writer;
      } catch (error) {
        writer.close();
        rmSync(path);
        throw error;
      }
    }
  }

  /** Appends what TensorBoard can show of a run's event; nothing for the others. */
  append(event: RunEvent): void {
    const now = new Date(event.time);
    // A resumed run takes back what was shown of the steps that are done again: TensorBoard drops this step and later ones.
    if (event.type === 'start' && event.resumed) this.#write(sessionStart(), now, event.step + 1);
    const scalars = scalarsOf(event);
    if (scalars.length > 0 && 'step' in event) this.#write(summary(scalars), now, event.step);
  }

  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** `fields`: the event's content, appended to its time (field 1, seconds) and step (field 2). */
  #write(fields: BinaryWriter, now: Date, step: number): void {
    if (this.#file === undefined) throw new LegendaError(`${this.#path} is closed: no more events can be appended`);
    const message = new BinaryWriter()
      .tag(1, WireType.Bit64)
      .double(now.getTime() / 1000)
      .tag(2, WireType.Varint)
      .int64(step)
      .raw(fields.finish())
      .finish();
    try {
      writeSync(this.#file, frame(message));
    } catch (error) {
      throw describeFileError(error, `cannot append to ${this.#path}`);
    }
  }
}

type Scalar = readonly [tag: string, value: number];

function scalarsOf(event: RunEvent): Scalar[] {
  switch (event.type) {
    case 'train':
      return [
        ['loss/train', event.loss],
        ['learning rate', event.learningRate],
        ['steps per second', event.stepsPerSecond],
      ];
    case 'epoch':
      return [
        ['loss/epoch', event.trainLoss],
        ...Object.entries(event.validation).map(([name, value]): Scalar => [`${name}/validation`, value ?? Number.NaN]),
      ];
    default:
      return [];
  }
}

/** `Event.summary` (5) with a `Summary.Value` (1) of `tag` (1) and `simple_value` (2) for each scalar. */
function summary(scalars: readonly Scalar[]): BinaryWriter {
  const writer = new BinaryWriter().tag(5, WireType.LengthDelimited).fork();
  for (const [tag, value] of scalars) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(tag);
    // Beyond float32 the protobuf writer would refuse, an infinity it takes.
    writer.tag(2, WireType.Bit32).float(Math.fround(value));
    writer.join();
  }
  return writer.join();
}

/** `Event.session_log` (7) with `status` (1) START (1). */
const sessionStart = (): BinaryWriter =>
  new BinaryWriter().tag(7, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(1).join();

/** A TFRecord: length, its masked CRC, data, their masked CRC. */
function frame(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return bytes;
}
