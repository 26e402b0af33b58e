/** A document for Observable Plot to draw into: in a browser its own (package.json's "browser" names this file). */
export const createDocument = (): Document => document;
