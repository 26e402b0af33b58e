import { describe, expect, it } from 'vitest';
import { listed, quoted, scopeOf } from './names.js';

describe('scopeOf', () => {
  it.each([
    ['/layer1/layer1.0/conv1/Conv', 'Conv', 'layer1.0.conv1'],
    ['/features/features.0/features.0.1/Relu_1', 'Relu', 'features.0.1'],
    ['layer1.0.conv1/Conv_3', 'Conv', 'layer1.0.conv1'],
    ['features.0', 'Conv', 'features.0'],
    ['Conv_12', 'Conv', ''],
    ['Conv', 'Conv', ''],
    ['Conv_last', 'Conv', 'Conv_last'],
    ['graph/Add_0', 'Add', ''],
    ['/graph/conv/Conv', 'Conv', 'graph.conv'],
    ['', 'Add', ''],
    ['//', 'Add', ''],
    ['a\u001b[31m\n/Relu', 'Relu', 'a?[31m?'],
  ])('%j of %s is %j', (name, opType, scope) => {
    expect(scopeOf({ name, opType })).toBe(scope);
  });

  it('is short whatever the name', () => {
    expect(scopeOf({ name: 'x'.repeat(1_000_000), opType: 'Add' })).toHaveLength(200);
  });
});

describe('names in messages', () => {
  it('are quoted, escaped and short', () => {
    expect(quoted('a"b\u001b[0m\u009b')).toBe('"a\\"b\\u001b[0m\\u009b"');
    expect(quoted('x'.repeat(500))).toHaveLength(80);
  });

  it('are listed up to the eighth', () => {
    expect(listed([])).toBe('none');
    expect(listed(['a', 'b'])).toBe('"a", "b"');
    expect(listed('abcdefghij')).toBe('"a", "b", "c", "d", "e", "f", "g", "h" and 2 more');
  });
});
