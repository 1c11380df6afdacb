// Says whether a file is a valid OpenAPI document, and of which version.
import { Validator } from '@seriousme/openapi-schema-validator';
import { readFileSync } from 'node:fs';

const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(process.argv[2], 'utf8')));
console.log(result.valid ? `valid ${validator.version}` : JSON.stringify(result.errors, null, 2));
