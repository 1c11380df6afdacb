// Writes src/api/schema.gen.ts: the API's types, from the fragments of its OpenAPI document. Runs with every build, so that a field which the
// console reads and the API does not name stops the build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const fragments = join(here, '../OrleansCrm.Server/OpenApi');
const target = join(here, 'src/api/schema.gen.ts');

const schemas = new Map();
const answers = new Map();
for (const file of readdirSync(fragments).filter((name) => name.endsWith('.json')).sort()) {
  const document = JSON.parse(readFileSync(join(fragments, file), 'utf8'));
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) schemas.set(name, schema);
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    const body = operation.responses?.['200']?.content?.['application/json']?.schema;
    if (operation.operationId !== undefined && body !== undefined) answers.set(operation.operationId, body);
  }
}

/** A schema as a type. What a schema leaves open is unknown. */
function typeOf(schema, indent) {
  if (schema === true || schema === undefined) return 'unknown';
  if (schema.$ref !== undefined) return `Schemas[${quote(schema.$ref.split('/').at(-1))}]`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  for (const [word, sign] of [['oneOf', ' | '], ['anyOf', ' | '], ['allOf', ' & ']]) {
    if (schema[word] !== undefined) return `(${schema[word].map((part) => typeOf(part, indent)).join(sign)})`;
  }
  const types = [schema.type].flat();
  return types.map((type) => single(type, schema, indent)).join(' | ');
}

function single(type, schema, indent) {
  switch (type) {
    case 'null':
    case 'string':
    case 'boolean':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly (${typeOf(schema.items, indent)})[]`;
    case 'object':
      return objectOf(schema, indent);
    default:
      return 'unknown';
  }
}

function objectOf(schema, indent) {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) {
    const values = schema.additionalProperties;
    return `{ readonly [name: string]: ${typeof values === 'object' ? typeOf(values, indent) : 'unknown'} }`;
  }
  const required = new Set(schema.required);
  const lines = fields.map(([name, field]) => `${indent}  readonly ${quote(name)}${required.has(name) ? '' : '?'}: ${typeOf(field, `${indent}  `)};`);
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function quote(name) {
  return `'${name.replaceAll("'", "\\'")}'`;
}

const list = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, schema]) => `  ${quote(name)}: ${typeOf(schema, '  ')};`).join('\n');
const text = `/* Written by generate-types.mjs from the OpenAPI document. */

export interface Schemas {
${list(schemas)}
}

/** What is answered with status 200, by the name of the operation. */
export interface Answers {
${list(answers)}
}
`;
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
