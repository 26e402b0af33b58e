import { z } from 'zod';
import { captionAnswer, captionQuery, classAnswer, classQuery, modelsAnswer, problem } from './schemas.js';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
};

const answer = (description: string, schema: z.ZodType, type = 'application/json') => ({
  description,
  content: { [type]: { schema: jsonSchema(schema, 'output') } },
});

const refused = (description: string) => answer(description, problem, 'application/problem+json');

const image = {
  description: 'A TIFF, PNG, JPEG or WebP; or a form with one file.',
  required: true,
  content: {
    ...Object.fromEntries(
      ['image/jpeg', 'image/png', 'image/tiff', 'image/webp', 'application/octet-stream'].map((type) => [type, {}]),
    ),
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { image: { type: 'string', contentMediaType: 'application/octet-stream' } },
      },
    },
  },
};

const parametersOf = (query: z.ZodObject) => {
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', required: required.includes(name) },
    ...(description !== undefined && { description }),
    schema,
  }));
};

const ask = (operationId: string, summary: string, query: z.ZodObject, answered: z.ZodType) => ({
  post: {
    operationId,
    summary,
    parameters: parametersOf(query),
    requestBody: image,
    responses: {
      200: answer('What the model says.', answered),
      400: refused('No image, no such option, or a body that was cut off.'),
      404: refused('No such model.'),
      413: refused('More bytes than are accepted.'),
      422: refused('The image cannot be read, or has more pixels than are accepted.'),
      503: refused('Too much to do, or not done in time; Retry-After says when to ask again.'),
    },
  },
});

const plain = (description: string) => ({ description, content: { 'text/plain': { schema: { type: 'string' } } } });

/** The service in OpenAPI 3.1. @param withToken whether every request must show a token */
export const openApi = (version: string, withToken: boolean) => ({
  openapi: '3.1.0',
  info: {
    title: 'Legenda',
    version,
    description: 'What trained models say of images: captions and classes.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  ...(withToken && {
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  }),
  paths: {
    '/v1/caption': ask('caption', 'Say what is in an image', captionQuery, captionAnswer),
    '/v1/classify': ask('classify', 'Say of what class an image is', classQuery, classAnswer),
    '/v1/models': {
      get: {
        operationId: 'models',
        summary: 'What is served',
        responses: { 200: answer('Every model.', modelsAnswer) },
      },
    },
    '/healthz': {
      get: {
        operationId: 'health',
        summary: 'Whether the process answers',
        security: [],
        responses: { 200: plain('It does.') },
      },
    },
    '/readyz': {
      get: {
        operationId: 'ready',
        summary: 'Whether images are taken',
        security: [],
        responses: { 200: plain('They are.'), 503: plain('It is stopping.') },
      },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        summary: 'Numbers for Prometheus',
        responses: { 200: plain('In its text format.') },
      },
    },
  },
});
