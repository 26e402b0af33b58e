import * as tf from '@tensorflow/tfjs';
import { fashionCnnIn } from '../contestants/fashion-cnn-in-tfjs.js';

export const begin = (batch) => fashionCnnIn(tf, batch);
