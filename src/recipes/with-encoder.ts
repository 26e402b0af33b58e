import { CaptionNetwork } from '../models/caption-network.js';
import { initialParameters, type Module } from '../nn/module.js';
import type { Tensor } from '../tensor/tensor.js';
import type { TrainedCaptioner } from './open-captioner.js';
import { trainedEncoder } from './trained-encoder.js';

/**
 * The network that takes images, where the trained one takes features of an encoder that stayed as it was.
 * @throws LegendaError when the encoder's file cannot be read
 */
export async function withEncoder({ network, parameters, configuration }: TrainedCaptioner): Promise<{
  network: CaptionNetwork;
  parameters: ReadonlyMap<string, Tensor>;
}> {
  if (network.encoder !== undefined) return { network, parameters };
  const { encoder } = await trainedEncoder(configuration);
  const whole = new CaptionNetwork(encoder as Module, network.decoder);
  return { network: whole, parameters: new Map([...initialParameters(whole, 0), ...parameters]) };
}
