// Puts every text file of the build compressed beside itself, once and as well as can be, so that the engine need not do it for every reader.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Below this many bytes compression saves no packet. */
const compressedFrom = 1_000;

for (const file of readdirSync('dist', { recursive: true }).filter((name) => /\.(js|css|html|svg)$/.test(name))) {
  const content = readFileSync(join('dist', file));
  if (content.length >= compressedFrom) {
    writeFileSync(join('dist', `${file}.br`), brotliCompressSync(content));
    writeFileSync(join('dist', `${file}.gz`), gzipSync(content, { level: 9 }));
  }
}
