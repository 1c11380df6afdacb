import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the engine. */
const server = 'http://127.0.0.1:5080';

export default defineConfig({
  base: '/',
  plugins: [react()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    // Every asset a file of its own: the content policy allows fonts, styles and scripts from 'self' only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One bundle on purpose: about 170 KB compressed, of which the console needs nearly all for its only page.
    chunkSizeWarningLimit: 800,
    reportCompressedSize: true,
    // The console, and the page to read and try the API with.
    rollupOptions: { input: ['index.html', 'reference.html'] },
  },
  server: {
    proxy: {
      '/v1': { target: server },
      '/openapi': { target: server },
      '/hubs': { target: server, ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    // Above what waiting for a page takes, see setup.ts.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
